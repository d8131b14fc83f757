#include "ledger/transaction.hpp"

namespace dos::ledger {

Hash txid(const Transaction& tx) { return txid_of_encoded(codec::encode(tx)); }

Hash txid_of_encoded(BytesView signed_part) { return crypto::hash(crypto::domain::kTxid, signed_part); }

Hash wtxid(const Hash& txid, const std::vector<Witness>& witnesses) {
  crypto::Hasher h(crypto::domain::kWtxid);
  h.update(txid.view());
  for (const auto& w : witnesses) h.update(crypto::hash_of(crypto::domain::kWtxid, w).view());
  return h.finish();
}

Hash list_leaf(const Hash& txid) { return crypto::merkle_leaf(crypto::kListTree, txid.view()); }

Hash stored_leaf(const BlobRef& blob) { return crypto::merkle_leaf(crypto::kStoredTree, codec::encode(blob)); }

}  // namespace dos::ledger
