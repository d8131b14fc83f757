#include "chain/unfinal_blocks.hpp"

namespace dos::chain {

void UnfinalBlocks::stand_on(consensus::Tip tip, kernel::ReplayWindow window) {
  tip_ = tip;
  window_ = std::move(window);
}

Result<Hash> UnfinalBlocks::result_of(const Hash& id) const {
  if (id == tip_.id) return tip_.result;
  const auto* block = tree_.find(id);
  if (block == nullptr || !block->run) return fail(Errc::internal, "asked for the result of a block that was not executed");
  return block->run->result;
}

Result<ledger::Params> UnfinalBlocks::params_after(const Hash& id) {
  const auto* block = tree_.find(id);
  if (id != tip_.id && (block == nullptr || !block->run))
    return fail(Errc::internal, "asked for the parameters after a block that was not executed");
  const ReadHold hold(uses_.finals.lock());
  DOS_ASSIGN(const auto record, state_after(id == tip_.id ? nullptr : block).get(ledger::params_key()));
  return codec::decode<ledger::Params>(record ? record->data : Bytes{}, "the parameters");
}

TimeMs UnfinalBlocks::time_of(const Hash& id) const {
  const auto* block = tree_.find(id);
  return block == nullptr ? tip_.time : block->header.time;
}

const store::StateView& UnfinalBlocks::state_after(const TreeBlock* block) const {
  const auto& store = uses_.finals.store();
  return block != nullptr ? store.view(block->run->stage) : store.view();
}

kernel::BlockContext UnfinalBlocks::context_on(const Hash& parent, TimeMs time) const {
  const auto* below = tree_.find(parent);
  const Height height{(below != nullptr ? below->header.height : tip_.height).value + 1};
  return uses_.chain.context(height, time, time_of(parent));
}

kernel::Selection UnfinalBlocks::selection(const Hash& parent, TimeMs time, const ledger::Params& params) const {
  const auto* below = tree_.find(parent);
  const bool unfinal = below != nullptr && below->run;
  return {state_after(unfinal ? below : nullptr), context_on(parent, time), params, unfinal ? below->run->window : window_,
          uses_.signatures};
}

Result<bool> UnfinalBlocks::fits(const TreeBlock& block) {
  DOS_ASSIGN(const auto params, params_after(block.header.parent));
  DOS_ASSIGN(const auto parent, result_of(block.header.parent));
  const auto& h = block.header;
  // One transaction may always go, so a block may be over the limit by the last one.
  return h.parent_result == parent && h.params == crypto::hash_of(crypto::domain::kParams, params) && h.valset == uses_.chain.valset &&
         h.next_valset == uses_.chain.valset && h.epoch == uses_.chain.facts.epoch &&
         h.payload.len <= std::uint64_t(params.block_bytes) + kMaxTransactionBytes;
}

Status UnfinalBlocks::run(TreeBlock& block) {
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
  const WriteHold hold(uses_.finals.lock());
  DOS_ASSIGN(auto result, uses_.kernel.apply(state_after(parent), context, block.content, run->window, uses_.signatures));
  if (result.misfit) {
    const auto& [index, why] = *result.misfit;
    block.refused = true;
    block.why_refused = "it may not hold its transaction " + std::to_string(index) + ": " +
                        (why.detail.empty() ? std::string(error_row(why.code).title) : why.detail);
    return {};
  }
  DOS_ASSIGN(run->stage, uses_.finals.stage(parent != nullptr ? parent->run->stage : nullptr, h.height, result.delta));
  run->delta = std::move(result.delta);
  run->receipts = std::move(result.receipts);
  run->parts = {h.height, uses_.finals.store().root(run->stage), ledger::receipts_root(run->receipts)};
  run->result = ledger::result_of(run->parts);
  block.run = std::move(run);
  return {};
}

Result<consensus::Executed> UnfinalBlocks::execute(const Hash& id) {
  auto* block = tree_.find(id);
  if (block == nullptr) return fail(Errc::internal, "asked to execute an unknown block");
  const auto began = uses_.clock.monotonic_ns();
  if (!block->run && !block->refused) {
    DOS_ASSIGN(const bool good, fits(*block));
    if (!good) {
      block->refused = true;
      block->why_refused = "its header does not fit its parent, or it is over a limit";
    } else {
      DOS_TRY(run(*block));
    }
  }
  const auto took = uses_.clock.monotonic_ns() - began;
  spent_ns_ += took;
  if (!block->run) return consensus::Executed{id, false, {}, took};
  return consensus::Executed{id, true, block->run->result, took};
}

void UnfinalBlocks::advance(TreeBlock& block) {
  auto& run = *block.run;
  window_.absorb(std::move(run.window));
  window_.forget_before(block.header.time);
  for (auto* child : tree_.children(block.id))
    if (child->run) child->run->window.stand_on(&window_);
  tip_ = {block.header.height, block.id, run.result, block.header.time, block.header.view};
  for (const auto& lost : tree_.losers(block.id, tip_.height)) leave(lost, false);
  leave(tip_.id, true);  // `block` is gone
}

void UnfinalBlocks::leave(const Hash& id, bool final) {
  auto* block = tree_.find(id);
  if (block == nullptr) return;
  if (on_leave_) on_leave_(*block, final);
  tree_.remove(id);
}

void UnfinalBlocks::drop(std::span<const Hash> ids) {
  std::vector<Hash> all(ids.begin(), ids.end());
  for (std::size_t i = 0; i < all.size(); ++i)  // their windows and states lie below those of what stands on them
    for (const auto* child : tree_.children(Hash(all[i]))) all.push_back(child->id);
  for (auto it = all.rbegin(); it != all.rend(); ++it) leave(*it, false);
}

}  // namespace dos::chain
