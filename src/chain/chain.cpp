// What the chain knows, checkpoints.
#include "chain/chain.hpp"

namespace dos::chain {

Chain::~Chain() = default;

kernel::BlockContext Chain::next_context(TimeMs time) const {
  const auto& newest = finals_->anchor();
  return identity_.context(Height{finals_->store().height().value + 1}, time, newest ? newest->header.time : genesis().time);
}

Status Chain::persist(std::vector<consensus::EngineRecord> records, std::span<const Hash> payloads) {
  return journal_->keep(std::move(records), unfinal_->tree(), payloads);
}

Status Chain::checkpoint(std::vector<consensus::EngineRecord> live) {
  if (!journal_->begin_checkpoint()) return {};
  DOS_TRY(content_->sync());  // claims of blocks that will not be executed again
  DOS_TRY(finals_->checkpoint());
  DOS_TRY(content_->sweep());
  DOS_TRY(journal_->end_checkpoint(std::move(live), unfinal_->tree(), tip().height));
  ++counters_.checkpoints;
  return {};
}

}  // namespace dos::chain
