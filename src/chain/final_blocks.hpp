// The final blocks on this disk: the state after them, they themselves, and the proof of the last one. One driver changes them; whoever
// reads from another thread holds lock() meanwhile, so that all of what it sees is of one height.
#pragma once
#include "chain/made_block.hpp"
#include "chain/read_gate.hpp"
#include "store/store.hpp"

namespace dos::chain {

class FinalBlocks {
 public:
  FinalBlocks(std::unique_ptr<store::Store> store, std::unique_ptr<store::BlockArchive> archive, std::unique_ptr<ReadGate> gate);

  ReadGate& lock() const { return *gate_; }
  // ---- under lock(), shared
  const store::Store& store() const { return *store_; }
  const store::BlockArchive& archive() const { return *archive_; }
  const std::optional<ledger::Anchor>& anchor() const { return anchor_; }  // none: no block is final yet

  // ---- the driver's from here on
  Status begin(const store::Delta& genesis);  // of an empty store
  Status resume();  // at the start: corrupt unless the archive holds the block that the state is at
  // Under lock(), alone: the state after a block that is not final yet (store.hpp).
  Result<store::StageRef> stage(const store::StageRef& parent, Height height, const store::Delta& delta) {
    return store_->stage(parent, height, delta);
  }
  // These two take the lock alone. `payload` null: the archive has the block already.
  Status commit(const store::StageRef& stage, const MadeBlock& made, const Bytes* payload);
  Status checkpoint();  // all is durable afterwards

 private:
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::BlockArchive> archive_;
  std::unique_ptr<ReadGate> gate_;
  std::optional<ledger::Anchor> anchor_;
};

}  // namespace dos::chain
