#include "ledger/receipt.hpp"

namespace dos::ledger {
namespace {

Hash txids_root(std::span<const Hash> sorted) {
  std::vector<Hash> leaves;
  leaves.reserve(sorted.size());
  for (const auto& id : sorted) leaves.push_back(crypto::merkle_leaf(crypto::kTxidTree, id.view()));
  return crypto::merkle_root(crypto::kTxidTree, leaves);
}

}  // namespace

std::vector<Hash> receipt_leaves(std::span<const Receipt> receipts) {
  std::vector<Hash> leaves;
  leaves.reserve(receipts.size());
  for (const auto& r : receipts) leaves.push_back(crypto::merkle_leaf(crypto::kReceiptTree, codec::encode(r)));
  return leaves;
}

std::vector<Hash> recorded_txids(std::span<const Receipt> receipts) {
  std::vector<Hash> ids;
  for (const auto& r : receipts)
    if (r.status != TxStatus::skipped) ids.push_back(r.txid);
  std::sort(ids.begin(), ids.end());
  return ids;
}

Hash receipts_root(std::span<const Receipt> receipts) {
  codec::Encoder e;
  e.integer(std::uint64_t(receipts.size()));
  codec::write(e, crypto::merkle_root(crypto::kReceiptTree, receipt_leaves(receipts)));
  codec::write(e, txids_root(recorded_txids(receipts)));
  return crypto::hash(crypto::domain::kReceipts, e.out);
}

Hash tx_root(std::span<const Hash> wtxids) {
  std::vector<Hash> leaves;
  leaves.reserve(wtxids.size());
  for (const auto& id : wtxids) leaves.push_back(crypto::merkle_leaf(crypto::kTxTree, id.view()));
  return crypto::merkle_root(crypto::kTxTree, leaves);
}

}  // namespace dos::ledger
