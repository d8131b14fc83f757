// Receipts of final transactions with their paths. A block is read, decoded and hashed once for all that is asked of it in a while;
// only its bytes are read under their lock.
#pragma once
#include <deque>
#include <memory>
#include <mutex>

#include "chain/final_blocks.hpp"
#include "chain/receipt_paths.hpp"

namespace dos::node {

inline constexpr std::size_t kMaxRecordedBlocks = 4;

struct RecordedBlock {
  chain::MadeBlock made;
  chain::ReceiptPaths paths;
};

class RecordedBlocks {
 public:
  struct Found {
    std::shared_ptr<const RecordedBlock> block;
    std::uint32_t index = 0;
    std::uint64_t bytes_read = 0;  // 0: it was at hand
    ledger::ReceiptProof proof() const { return block->paths.proof(block->made.receipts[index], index); }
  };
  explicit RecordedBlocks(const chain::FinalBlocks& blocks) : blocks_(blocks) {}
  // Where the transaction is recorded; none: nowhere. `pay` comes before a block is read. corrupt
  Result<std::optional<Found>> find(const Hash& txid, const std::function<Status()>& pay) const;

 private:
  std::shared_ptr<const RecordedBlock> at_hand(Height height) const;

  const chain::FinalBlocks& blocks_;
  mutable std::mutex mutex_;
  mutable std::deque<std::shared_ptr<const RecordedBlock>> kept_;  // the one used last in front
};

}  // namespace dos::node
