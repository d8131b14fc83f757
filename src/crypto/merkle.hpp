// The one binary Merkle tree of DOS for lists of known length (transactions, receipts, txids, ends, blobs, storage
// receipts, nonces). Shape: RFC 6962 (left subtree = largest power of two smaller than n). Every list has a domain of its
// own for leaves, nodes and root; the root commits to the count, so a proof fixes index and length.
//   leaf = H(leaf domain, bytes)    node = H(node domain, left || right)    root = H(root domain, u64 count || top)
// top is 32 zero bytes for an empty list.
#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/hash.hpp"

namespace dos::crypto {

struct TreeDomains {
  Domain leaf, node, root;
};
inline constexpr TreeDomains kTxTree{domain::kTxLeaf, domain::kTxNode, domain::kTxRoot};
inline constexpr TreeDomains kListTree{domain::kListLeaf, domain::kListNode, domain::kListRoot};
inline constexpr TreeDomains kReceiptTree{domain::kReceiptLeaf, domain::kReceiptNode, domain::kReceiptRoot};
inline constexpr TreeDomains kTxidTree{domain::kTxidLeaf, domain::kTxidNode, domain::kTxidRoot};
inline constexpr TreeDomains kEndsTree{domain::kEndsLeaf, domain::kEndsNode, domain::kEndsRoot};
inline constexpr TreeDomains kStoredTree{domain::kStoredLeaf, domain::kStoredNode, domain::kStoredRoot};
inline constexpr TreeDomains kNonceTree{domain::kNonceLeaf, domain::kNonceNode, domain::kNonceRoot};

struct MerklePath {
  std::uint64_t index = 0, count = 0;
  std::vector<Hash> siblings;  // from the leaf up
  DOS_FIELDS(index, count, siblings);
  friend bool operator==(const MerklePath&, const MerklePath&) = default;
};

Hash merkle_leaf(const TreeDomains& d, BytesView leaf);
Hash merkle_root(const TreeDomains& d, std::span<const Hash> leaf_hashes);
MerklePath merkle_path(const TreeDomains& d, std::span<const Hash> leaf_hashes, std::uint64_t index);  // index < count
// The root that `path` gives for `leaf_hash`, or proof_invalid if the path's shape is not that of (index, count).
Result<Hash> merkle_climb(const TreeDomains& d, const Hash& leaf_hash, const MerklePath& path);

// Inner top of the RFC 6962 tree without the root step: used for blob roots (ledger/blob.hpp).
Hash merkle_top(Domain node, std::span<const Hash> leaf_hashes);

}  // namespace dos::crypto
