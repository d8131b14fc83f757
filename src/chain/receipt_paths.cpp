#include "chain/receipt_paths.hpp"

namespace dos::chain {

ReceiptPaths::ReceiptPaths(std::span<const ledger::Receipt> receipts) : tree_(crypto::kReceiptTree, ledger::receipt_leaves(receipts)) {
  std::vector<Hash> leaves;
  for (const auto& id : ledger::recorded_txids(receipts)) leaves.push_back(crypto::merkle_leaf(crypto::kTxidTree, id.view()));
  txids_root_ = crypto::merkle_root(crypto::kTxidTree, leaves);
}

ledger::ReceiptProof ReceiptPaths::proof(const ledger::Receipt& receipt, std::size_t index) const {
  return {receipt, tree_.path(index), txids_root_};
}

}  // namespace dos::chain
