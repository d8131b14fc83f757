// What happens once a block is final.
#include "chain/chain.hpp"

namespace dos::chain {

namespace {

Error not_valid(const TreeBlock& block) {
  return {Errc::corrupt, "a quorum certified block " + std::to_string(block.header.height.value) +
                             ", which is not valid here: " + block.why_refused + "; this node halts"};
}

}  // namespace

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
  journal_->block_final(block.payload->size());
  unfinal_->advance(block);  // which is gone now
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
    auto* block = unfinal_->tree().find(id);
    if (block == nullptr) return fail(Errc::internal, "asked to finalize a block that is not known");
    headers.push_back(block->header);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& block = *unfinal_->tree().find(ids[i]);
    DOS_TRY(unfinal_->run(block));
    if (!block.run) return std::unexpected(not_valid(block));
    const auto& certified = i + 1 < ids.size() ? headers[i + 1].parent_result : last_result;
    if (block.run->result != certified) return std::unexpected(other_result(block.header.height));
    // No anchor leads over more. All such paths together would grow with the square of their number.
    const auto behind = std::span(headers).subspan(i + 1);
    ledger::Anchor anchor{block.header, block.run->parts, {}, proof.form};
    if (behind.size() <= kMaxFinalPath) anchor.path.assign(behind.begin(), behind.end());
    DOS_TRY(commit(block, std::move(anchor), true, done));
  }
  return {};
}

Status Chain::adopt(const ledger::Anchor& anchor, Bytes payload, const Done& done) {
  const auto& h = anchor.header;
  if (h.parent != tip().id || h.height.value != tip().height.value + 1 || h.parent_result != tip().result || h.valset != identity_.valset)
    return fail(Errc::proof_invalid, "a block does not follow the last final one");
  DOS_TRY(facts().engine->verifier().judge(facts().chain, facts().validators, anchor));
  auto& block = unfinal_->tree().add(h, {});
  if (!block.payload && !take_payload(block, std::move(payload))) return fail(Errc::malformed, "a final block came with a wrong payload");
  DOS_TRY(unfinal_->run(block));
  if (!block.run) return std::unexpected(not_valid(block));
  if (block.run->result != ledger::result_of(anchor.parts)) return std::unexpected(other_result(h.height));
  return commit(block, anchor, true, done);
}

}  // namespace dos::chain
