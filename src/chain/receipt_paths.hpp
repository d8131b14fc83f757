// Merkle paths of all receipts of a block from one pass over its tree: crypto::merkle_path for each would hash the block
// again for every transaction.
#pragma once
#include "crypto/merkle_tree.hpp"
#include "ledger/wire.hpp"

namespace dos::chain {

class ReceiptPaths {
 public:
  explicit ReceiptPaths(std::span<const ledger::Receipt> receipts);
  ledger::ReceiptProof proof(const ledger::Receipt& receipt, std::size_t index) const;

 private:
  crypto::MerkleTree tree_;
  Hash txids_root_;
};

}  // namespace dos::chain
