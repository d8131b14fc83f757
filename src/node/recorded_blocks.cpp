#include "node/recorded_blocks.hpp"

#include <algorithm>
#include <shared_mutex>

namespace dos::node {

std::shared_ptr<const RecordedBlock> RecordedBlocks::at_hand(Height height) const {
  const std::lock_guard hold(mutex_);
  const auto at = std::ranges::find_if(kept_, [&](const auto& b) { return b->made.anchor.header.height == height; });
  if (at == kept_.end()) return nullptr;
  auto block = *at;
  kept_.erase(at);
  kept_.push_front(block);
  return block;
}

Result<std::optional<RecordedBlocks::Found>> RecordedBlocks::find(const Hash& txid, const std::function<Status()>& pay) const {
  Found found;
  std::optional<store::ArchivedBlock> read;
  {
    std::shared_lock hold(blocks_.lock());
    DOS_ASSIGN(const auto place, blocks_.archive().find(txid));
    if (!place) return std::nullopt;
    found.index = place->index;
    found.block = at_hand(place->height);
    if (!found.block) {
      DOS_TRY(pay());
      DOS_ASSIGN(read, blocks_.archive().block(place->height));
      if (!read) return fail(Errc::corrupt, "the archive's index names a block that is not there");
    }
  }
  if (read) {
    found.bytes_read = read->payload.size() + read->receipts.size() + read->certificate.size();
    DOS_ASSIGN(auto made, chain::open_block(std::move(*read)));
    chain::ReceiptPaths paths(made.receipts);
    found.block = std::make_shared<const RecordedBlock>(std::move(made), std::move(paths));
    const std::lock_guard hold(mutex_);
    kept_.push_front(found.block);
    if (kept_.size() > kMaxRecordedBlocks) kept_.pop_back();
  }
  const auto& receipts = found.block->made.receipts;
  if (found.index >= receipts.size() || receipts[found.index].txid != txid)
    return fail(Errc::corrupt, "the archive's index names a receipt that is not there");
  return found;
}

}  // namespace dos::node
