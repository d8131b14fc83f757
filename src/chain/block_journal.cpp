#include "chain/block_journal.hpp"

#include <algorithm>

namespace dos::chain {

BlockJournal::BlockJournal(std::unique_ptr<store::Journal> journal, CheckpointRule rule, Clock& clock)
    : journal_(std::move(journal)), rule_(rule), clock_(clock) {}

Result<consensus::JournalBlocks> BlockJournal::read(Status (*readable)(const consensus::EngineRecord&)) {
  kept_.intact = journal_->intact();
  kept_.sound_from = journal_->sound_from();
  DOS_ASSIGN(auto all, journal_->replay());
  for (auto& r : all) kept_.records.push_back({r.kind, Height{r.height}, std::move(r.bytes)});
  auto read = consensus::read_blocks(kept_.records, readable);
  if (!read && kept_.intact) return read;
  if (!read) {
    kept_.records.clear();
    kept_.sound_from = SIZE_MAX;
    boots_ = 1;
    return consensus::JournalBlocks{};
  }
  boots_ = read->boots + 1;
  return read;
}

Status BlockJournal::begin(Height tip) {
  BlockTree none;
  DOS_TRY(keep({consensus::encode_boot({boots_}, Height{tip.value + 1})}, none, {}));
  last_checkpoint_ns_ = clock_.monotonic_ns();
  return {};
}

Status BlockJournal::keep(std::vector<consensus::EngineRecord> records, BlockTree& tree, std::span<const Hash> payloads) {
  std::vector<store::JournalRecord> group;
  for (auto& r : records) group.push_back({r.kind, r.height.value, std::move(r.bytes)});
  for (const auto& id : payloads) {
    auto* block = tree.find(id);
    if (block == nullptr || !block->payload) return fail(Errc::internal, "asked to keep a payload that is not held");
    if (block->durable) continue;
    auto r = consensus::encode_contents(id, block->header.height, *block->payload);
    group.push_back({r.kind, r.height.value, std::move(r.bytes)});
    block->durable = true;
  }
  if (group.empty()) return {};
  for (const auto& r : group) bytes_ += r.bytes.size();
  const auto began = clock_.monotonic_ns();
  auto appended = journal_->append(group);
  spent_ns_ += clock_.monotonic_ns() - began;
  return appended;
}

bool BlockJournal::checkpoint_due() const {
  return bytes_ >= rule_.bytes || (bytes_ > 0 && clock_.monotonic_ns() - last_checkpoint_ns_ >= rule_.ns);
}

bool BlockJournal::begin_checkpoint() {
  last_checkpoint_ns_ = clock_.monotonic_ns();
  return bytes_ > 0;
}

Status BlockJournal::end_checkpoint(std::vector<consensus::EngineRecord> live, BlockTree& tree, Height tip) {
  const Height above{tip.value + 1};
  live.push_back(consensus::encode_boot({boots_}, above));
  for (auto& r : live) r.height = std::max(r.height, above);
  std::vector<Hash> unfinal;
  for (const auto& [id, block] : tree)
    if (block->durable) {
      unfinal.push_back(id);
      block->durable = false;
    }
  DOS_TRY(keep(std::move(live), tree, unfinal));
  DOS_TRY(journal_->release(tip.value));
  // While no block becomes final all heights lie above the tip: each checkpoint adds all that is live, and none of it would go.
  DOS_TRY(journal_->bound_before_last());
  bytes_ = 0;
  return {};
}

}  // namespace dos::chain
