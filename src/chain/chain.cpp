// What the chain knows, checkpoints.
#include "chain/chain.hpp"

namespace dos::chain {

Chain::~Chain() = default;

kernel::BlockContext Chain::next_context(TimeMs time) const {
  const auto& newest = finals_->anchor();
  return identity_.context(Height{finals_->store().height().value + 1}, time, newest ? newest->header.time : genesis().time);
}

Result<Hash> Chain::result_of(const Hash& id) const {
  if (id == tip_.id) return tip_.result;
  const auto* block = tree_.find(id);
  if (block == nullptr || !block->run) return fail(Errc::internal, "asked for the result of a block that was not executed");
  return block->run->result;
}

Result<ledger::Params> Chain::params_after(const Hash& id) {
  const auto* block = tree_.find(id);
  if (id != tip_.id && (block == nullptr || !block->run))
    return fail(Errc::internal, "asked for the parameters after a block that was not executed");
  const ReadHold hold(finals_->lock());
  const auto& view = id == tip_.id ? finals_->store().view() : finals_->store().view(block->run->stage);
  DOS_ASSIGN(const auto record, view.get(ledger::params_key()));
  return codec::decode<ledger::Params>(record ? record->data : Bytes{}, "the parameters");
}

TimeMs Chain::time_of(const Hash& id) const {
  const auto* block = tree_.find(id);
  return block == nullptr ? tip_.time : block->header.time;
}

Status Chain::persist(std::vector<consensus::EngineRecord> records, std::span<const Hash> payloads) {
  return journal_->keep(std::move(records), tree_, payloads);
}

Status Chain::checkpoint(std::vector<consensus::EngineRecord> live) {
  if (!journal_->begin_checkpoint()) return {};
  DOS_TRY(content_->sync());  // claims of blocks that will not be executed again
  DOS_TRY(finals_->checkpoint());
  DOS_TRY(content_->sweep());
  DOS_TRY(journal_->end_checkpoint(std::move(live), tree_, tip_.height));
  ++counters_.checkpoints;
  return {};
}

}  // namespace dos::chain
