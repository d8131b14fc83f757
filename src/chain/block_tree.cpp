#include "chain/block_tree.hpp"

#include <algorithm>
#include <set>

namespace dos::chain {

std::vector<Hash> wtxids_of(const BlockTransactions& txs) {
  std::vector<Hash> out;
  out.reserve(txs.size());
  for (const auto& tx : txs) out.push_back(tx.ids.wtxid);
  return out;
}

TreeBlock* BlockTree::find(const Hash& id) {
  const auto it = blocks_.find(id);
  return it == blocks_.end() ? nullptr : it->second.get();
}

TreeBlock& BlockTree::add(const ledger::Header& header, const ledger::Vote& vote) {
  const Hash id = ledger::block_id(header);
  auto& place = blocks_[id];
  if (!place) {
    place = std::make_unique<TreeBlock>();
    place->id = id;
    place->header = header;
  }
  if (place->vote.signature.bytes.empty()) place->vote = vote;
  return *place;
}

std::vector<TreeBlock*> BlockTree::path(const Hash& root, const Hash& id) {
  std::vector<TreeBlock*> up;
  for (Hash at = id; at != root;) {
    auto* block = find(at);
    if (block == nullptr) return {};
    up.push_back(block);
    at = block->header.parent;
  }
  std::reverse(up.begin(), up.end());
  return up;
}

std::vector<Hash> BlockTree::losers(const Hash& id, Height height) const {
  std::vector<const TreeBlock*> rising;
  for (const auto& [_, block] : blocks_) rising.push_back(block.get());
  std::sort(rising.begin(), rising.end(), [](auto* a, auto* b) { return a->header.height < b->header.height; });
  std::set<Hash> lost;
  std::vector<Hash> ids;
  for (const auto* b : rising) {
    if (b->id == id) continue;
    const bool sibling = b->header.height <= height;
    const bool astray = b->header.height.value == height.value + 1 && b->header.parent != id;
    if (!sibling && !astray && !lost.contains(b->header.parent)) continue;
    lost.insert(b->id);
    ids.push_back(b->id);
  }
  return ids;
}

std::vector<TreeBlock*> BlockTree::children(const Hash& parent) {
  std::vector<TreeBlock*> all;
  for (const auto& [_, block] : blocks_)
    if (block->header.parent == parent) all.push_back(block.get());
  return all;
}

}  // namespace dos::chain
