#include "node/receipt_paths.hpp"

namespace dos::node {

ReceiptPaths::ReceiptPaths(std::span<const ledger::Receipt> receipts) {
  levels_.push_back(ledger::receipt_leaves(receipts));
  while (levels_.back().size() > 1) {
    const auto& below = levels_.back();
    std::vector<Hash> level;
    for (std::size_t i = 0; i + 1 < below.size(); i += 2)
      level.push_back(crypto::hash_pair(crypto::kReceiptTree.node, below[i], below[i + 1]));
    if (below.size() % 2 == 1) level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
  std::vector<Hash> leaves;
  for (const auto& id : ledger::recorded_txids(receipts)) leaves.push_back(crypto::merkle_leaf(crypto::kTxidTree, id.view()));
  txids_root_ = crypto::merkle_root(crypto::kTxidTree, leaves);
}

ledger::ReceiptProof ReceiptPaths::proof(const ledger::Receipt& receipt, std::size_t index) const {
  ledger::ReceiptProof p{receipt, {index, levels_[0].size(), {}}, txids_root_};
  for (std::size_t level = 0; level + 1 < levels_.size(); ++level, index /= 2)
    if (const auto sibling = index ^ 1; sibling < levels_[level].size()) p.path.siblings.push_back(levels_[level][sibling]);
  return p;
}

}  // namespace dos::node
