// What the chain knows, the journal's groups, checkpoints.
#include "chain/chain.hpp"

namespace dos::chain {

Chain::~Chain() = default;

kernel::BlockContext Chain::next_context(TimeMs time) const {
  const TimeMs newest = anchor_ ? anchor_->header.time : genesis_.time;
  return {facts_.chain, Height{store_->height().value + 1}, time, facts_.epoch, genesis_.kind, genesis_.suite, &facts_.validators, newest,
          config_.rules};
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
  const ReadHold hold(lock());
  const auto& view = id == tip_.id ? store_->view() : store_->view(block->run->stage);
  DOS_ASSIGN(const auto record, view.get(ledger::params_key()));
  return codec::decode<ledger::Params>(record ? record->data : Bytes{}, "the parameters");
}

TimeMs Chain::time_of(const Hash& id) const {
  const auto* block = tree_.find(id);
  return block == nullptr ? tip_.time : block->header.time;
}

Status Chain::persist(std::vector<consensus::EngineRecord> records, std::span<const Hash> payloads) {
  std::vector<store::JournalRecord> group;
  for (auto& r : records) group.push_back({r.kind, r.height.value, std::move(r.bytes)});
  for (const auto& id : payloads) {
    auto* block = tree_.find(id);
    if (block == nullptr || !block->payload) return fail(Errc::internal, "asked to keep a payload that is not held");
    if (block->durable) continue;
    auto r = consensus::encode_contents(id, block->header.height, *block->payload);
    group.push_back({r.kind, r.height.value, std::move(r.bytes)});
    block->durable = true;
  }
  if (group.empty()) return {};
  for (const auto& r : group) bytes_since_checkpoint_ += r.bytes.size();
  const auto began = edges_.clock.monotonic_ns();
  auto appended = journal_->append(group);
  counters_.block_ns += edges_.clock.monotonic_ns() - began;
  return appended;
}

bool Chain::checkpoint_due() const {
  return bytes_since_checkpoint_ >= config_.checkpoint_bytes ||
         (bytes_since_checkpoint_ > 0 && edges_.clock.monotonic_ns() - last_checkpoint_ns_ >= config_.checkpoint_ns);
}

Status Chain::checkpoint(std::vector<consensus::EngineRecord> live) {
  last_checkpoint_ns_ = edges_.clock.monotonic_ns();
  if (bytes_since_checkpoint_ == 0) return {};
  DOS_TRY(content_->sync());  // claims of blocks that will not be executed again
  {
    const WriteHold hold(lock());
    DOS_TRY(archive_->sync());
    DOS_TRY(store_->checkpoint());
  }
  DOS_TRY(content_->sweep());
  // What must outlive the segments that go now is written again first, above the height that they are released by.
  const Height released = tip_.height, above{released.value + 1};
  live.push_back(consensus::encode_boot({boots_}, above));
  for (auto& r : live) r.height = std::max(r.height, above);
  std::vector<Hash> unfinal;
  for (const auto& [id, block] : tree_)
    if (block->durable) {
      unfinal.push_back(id);
      block->durable = false;
    }
  DOS_TRY(persist(std::move(live), unfinal));
  DOS_TRY(journal_->release(released.value));
  bytes_since_checkpoint_ = 0;
  ++counters_.checkpoints;
  return {};
}

}  // namespace dos::chain
