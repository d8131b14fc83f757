#include "chain/final_blocks.hpp"

namespace dos::chain {

FinalBlocks::FinalBlocks(std::unique_ptr<store::Store> store, std::unique_ptr<store::BlockArchive> archive, std::unique_ptr<ReadGate> gate)
    : store_(std::move(store)), archive_(std::move(archive)), gate_(std::move(gate)) {}

Status FinalBlocks::begin(const store::Delta& genesis) {
  DOS_ASSIGN(const auto stage, store_->stage(nullptr, Height{0}, genesis));
  DOS_TRY(store_->commit(stage));
  return store_->checkpoint();
}

Status FinalBlocks::resume() {
  const Height at = store_->height();
  if (at.value > archive_->last().value_or(Height{0}).value)
    return fail(Errc::corrupt,
                "the state is at block " + std::to_string(at.value) + " but the archive ends before: a part of the data folder is missing");
  if (at.value == 0) return {};
  DOS_ASSIGN(auto block, read_block(*archive_, at));
  if (block.anchor.parts.state_root != store_->root())
    return fail(Errc::corrupt, "the state at block " + std::to_string(at.value) + " is not the one that the archive names");
  anchor_ = std::move(block.anchor);
  return {};
}

Status FinalBlocks::commit(const store::StageRef& stage, const MadeBlock& made, const Bytes* payload) {
  const WriteHold hold(lock());
  DOS_TRY(store_->commit(stage));
  if (payload != nullptr) DOS_TRY(archive_block(*archive_, made, *payload));
  anchor_ = made.anchor;
  return {};
}

Status FinalBlocks::checkpoint() {
  const WriteHold hold(lock());
  DOS_TRY(archive_->sync());
  return store_->checkpoint();
}

}  // namespace dos::chain
