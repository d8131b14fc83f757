// What a chain must find again after a power cut before it is in the state: records of the engine and payloads of blocks above the last
// final one, in sync groups. What came since the last checkpoint tells when the next one is due.
#pragma once
#include "chain/block_tree.hpp"
#include "consensus/journal_records.hpp"
#include "store/journal.hpp"

namespace dos::chain {

struct CheckpointRule {
  std::uint64_t bytes = 16ull << 20;   // of payload since the last checkpoint
  std::uint64_t ns = 30'000'000'000;   // of activity; an idle chain writes nothing
};

class BlockJournal {
 public:
  struct Kept {  // what an engine is made from
    std::vector<consensus::EngineRecord> records;
    bool intact = true;
    std::size_t sound_from = 0;  // of a damaged journal: nothing is missing behind
  };

  BlockJournal(std::unique_ptr<store::Journal> journal, CheckpointRule rule, Clock& clock);

  // At the start, once: the blocks that it holds. None where it is damaged so that what was signed cannot be known: the engine asks the
  // others, and final blocks come from them, too. `readable`: EngineRow.
  Result<consensus::JournalBlocks> read(Status (*readable)(const consensus::EngineRecord&));
  Kept take_kept() { return std::move(kept_); }
  std::uint64_t boots() const { return boots_; }
  Status begin(Height tip);  // notes this start

  // One sync group: records, and the payloads of these blocks. Durable when it returns.
  Status keep(std::vector<consensus::EngineRecord> records, BlockTree& tree, std::span<const Hash> payloads);
  void block_final(std::size_t payload_bytes) { bytes_ += payload_bytes + 8192; }

  bool checkpoint_due() const;
  bool begin_checkpoint();  // false: nothing came since the last one
  // State and archive hold all up to the tip by now. What must outlive the segments that go is written again first: `live`, what the
  // engine must find again, and the payloads of the tree that were durable. What was written before is bounded.
  Status end_checkpoint(std::vector<consensus::EngineRecord> live, BlockTree& tree, Height tip);

  std::uint64_t spent_ns() const { return spent_ns_; }  // on the disk, since it was opened

 private:
  std::unique_ptr<store::Journal> journal_;
  CheckpointRule rule_;
  Clock& clock_;
  Kept kept_;
  std::uint64_t boots_ = 0, bytes_ = 0, last_checkpoint_ns_ = 0, spent_ns_ = 0;
};

}  // namespace dos::chain
