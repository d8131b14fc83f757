// Blocks above the last final one: their execution, and what happens once they are final.
#include "chain/chain.hpp"

namespace dos::chain {

Result<bool> Chain::fits(const TreeBlock& block) {
  DOS_ASSIGN(const auto params, params_after(block.header.parent));
  DOS_ASSIGN(const auto parent, result_of(block.header.parent));
  const auto& h = block.header;
  // One transaction may always go, so a block may be over the limit by the last one.
  return h.parent_result == parent && h.params == crypto::hash_of(crypto::domain::kParams, params) && h.valset == identity_.valset &&
         h.next_valset == identity_.valset && h.epoch == facts().epoch &&
         h.payload.len <= std::uint64_t(params.block_bytes) + kMaxTransactionBytes;
}

namespace {

Error not_valid(const TreeBlock& block) {
  return {Errc::corrupt, "a quorum certified block " + std::to_string(block.header.height.value) +
                             ", which is not valid here: " + block.why_refused + "; this node halts"};
}

}  // namespace

kernel::BlockContext Chain::context_on(const Hash& parent, TimeMs time) const {
  const auto* below = tree_.find(parent);
  const Height height{(below != nullptr ? below->header.height : tip_.height).value + 1};
  return identity_.context(height, time, time_of(parent));
}

kernel::Selection Chain::selection(const Hash& parent, TimeMs time, const ledger::Params& params) const {
  const auto* below = tree_.find(parent);
  const bool unfinal = below != nullptr && below->run;
  return {unfinal ? finals_->store().view(below->run->stage) : finals_->store().view(), context_on(parent, time), params,
          unfinal ? below->run->window : window_, signatures()};
}

Status Chain::run(TreeBlock& block) {
  if (block.run || block.refused) return {};
  const TreeBlock* parent = nullptr;
  if (block.header.parent != tip_.id) {
    parent = tree_.find(block.header.parent);
    if (parent == nullptr || !parent->run) return fail(Errc::internal, "asked to execute a block before its parent");
  }
  if (!block.payload) return fail(Errc::internal, "asked to execute a block whose payload is not held");
  auto run = std::make_unique<TreeBlock::Run>();
  run->window.stand_on(parent != nullptr ? &parent->run->window : &window_);
  const auto& h = block.header;
  const auto context = context_on(h.parent, h.time);
  const WriteHold hold(finals_->lock());
  const auto& view = parent != nullptr ? finals_->store().view(parent->run->stage) : finals_->store().view();
  DOS_ASSIGN(auto result, code_->kernel().apply(view, context, block.content, run->window, signatures()));
  if (result.misfit) {
    const auto& [index, why] = *result.misfit;
    block.refused = true;
    block.why_refused = "it may not hold its transaction " + std::to_string(index) + ": " +
                        (why.detail.empty() ? std::string(error_row(why.code).title) : why.detail);
    return {};
  }
  DOS_ASSIGN(run->stage, finals_->stage(parent != nullptr ? parent->run->stage : nullptr, h.height, result.delta));
  run->delta = std::move(result.delta);
  run->receipts = std::move(result.receipts);
  run->parts = {h.height, finals_->store().root(run->stage), ledger::receipts_root(run->receipts)};
  run->result = ledger::result_of(run->parts);
  block.run = std::move(run);
  return {};
}

Result<consensus::Executed> Chain::execute(const Hash& id) {
  auto* block = tree_.find(id);
  if (block == nullptr) return fail(Errc::internal, "asked to execute an unknown block");
  const auto began = edges_.clock.monotonic_ns();
  if (!block->run && !block->refused) {
    DOS_ASSIGN(const bool good, fits(*block));
    if (!good) {
      block->refused = true;
      block->why_refused = "its header does not fit its parent, or it is over a limit";
    } else {
      DOS_TRY(run(*block));
    }
  }
  const auto took = edges_.clock.monotonic_ns() - began;
  counters_.block_ns += took;
  if (!block->run) return consensus::Executed{id, false, {}, took};
  return consensus::Executed{id, true, block->run->result, took};
}

Status Chain::commit(TreeBlock& block, ledger::Anchor anchor, bool archive_too, const Done& done) {
  auto& run = *block.run;
  const auto began = edges_.clock.monotonic_ns();
  const auto changes = [&] {
    const ReadHold hold(finals_->lock());  // together with who reads: alone, each record of a block would wait for all of them
    return content_->changes(finals_->store().view(), run.delta);
  }();
  if (!changes) return std::unexpected(changes.error());
  // A revision names its blob for as long as it lives, so its content is kept before its block can be read.
  DOS_TRY(content_->claim(*changes));
  MadeBlock made{std::move(anchor), std::move(run.receipts)};
  DOS_TRY(finals_->commit(run.stage, made, archive_too ? &*block.payload : nullptr));
  DOS_TRY(content_->release(*changes, block.header.time));
  window_.absorb(std::move(run.window));
  window_.forget_before(block.header.time);
  for (auto* child : tree_.children(block.id))
    if (child->run) child->run->window.stand_on(&window_);
  tip_ = {block.header.height, block.id, run.result, block.header.time, block.header.view};
  journal_->block_final(block.payload->size());
  for (const auto& lost : tree_.losers(block.id, tip_.height)) leave(lost, false);
  leave(tip_.id, true);  // `block` is gone
  counters_.block_ns += edges_.clock.monotonic_ns() - began;
  done(std::move(made));
  return {};
}

namespace {

Error other_result(Height height) {
  return {Errc::corrupt,
          "block " + std::to_string(height.value) + " gives another result here than the one that a quorum certified: this node halts"};
}

}  // namespace

Status Chain::finalize(std::span<const Hash> ids, const consensus::FinalityProof& proof, const Done& done) {
  const Hash last_result = facts().engine->verifier().named(proof).result;
  std::vector<ledger::Header> headers;
  for (const auto& id : ids) {
    auto* block = tree_.find(id);
    if (block == nullptr) return fail(Errc::internal, "asked to finalize a block that is not known");
    headers.push_back(block->header);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& block = *tree_.find(ids[i]);
    DOS_TRY(run(block));
    if (!block.run) return std::unexpected(not_valid(block));
    const auto& certified = i + 1 < ids.size() ? headers[i + 1].parent_result : last_result;
    if (block.run->result != certified) return std::unexpected(other_result(block.header.height));
    ledger::Anchor anchor{block.header, block.run->parts, {headers.begin() + std::ptrdiff_t(i) + 1, headers.end()}, proof.form};
    DOS_TRY(commit(block, std::move(anchor), true, done));
  }
  return {};
}

Status Chain::adopt(const ledger::Anchor& anchor, Bytes payload, const Done& done) {
  const auto& h = anchor.header;
  if (h.parent != tip_.id || h.height.value != tip_.height.value + 1 || h.parent_result != tip_.result || h.valset != identity_.valset)
    return fail(Errc::proof_invalid, "a block does not follow the last final one");
  DOS_TRY(facts().engine->verifier().judge(facts().chain, facts().validators, anchor));
  auto& block = tree_.add(h, {});
  if (!block.payload && !take_payload(block, std::move(payload))) return fail(Errc::malformed, "a final block came with a wrong payload");
  DOS_TRY(run(block));
  if (!block.run) return std::unexpected(not_valid(block));
  if (block.run->result != ledger::result_of(anchor.parts)) return std::unexpected(other_result(h.height));
  return commit(block, anchor, true, done);
}

void Chain::leave(const Hash& id, bool final) {
  auto* block = tree_.find(id);
  if (block == nullptr) return;
  if (on_leave_) on_leave_(*block, final);
  tree_.remove(id);
}

void Chain::drop(std::span<const Hash> ids) {
  std::vector<Hash> all(ids.begin(), ids.end());
  for (std::size_t i = 0; i < all.size(); ++i)  // their windows and states lie below those of what stands on them
    for (const auto* child : tree_.children(Hash(all[i]))) all.push_back(child->id);
  for (auto it = all.rbegin(); it != all.rend(); ++it) leave(*it, false);
}

}  // namespace dos::chain
