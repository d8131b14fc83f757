#include "crypto/merkle.hpp"

#include "base/check.hpp"

namespace dos::crypto {
namespace {

Hash root_of(const TreeDomains& d, std::uint64_t count, const Hash& top) {
  ByteArray<40> b;
  for (int i = 0; i < 8; ++i) b[i] = std::uint8_t(count >> (8 * i));
  std::memcpy(b.data() + 8, top.bytes.data(), 32);
  return hash(d.root, b);
}

// One level up, in place. A last node without a sibling goes up unchanged: that gives RFC 6962's shape.
void fold(Domain node, std::vector<Hash>& level) {
  const std::size_t n = level.size();
  hash_pairs(node, std::span(level).first(n / 2 * 2), std::span(level).first(n / 2));
  if (n % 2 != 0) level[n / 2] = level[n - 1];
  level.resize((n + 1) / 2);
}

}  // namespace

Hash merkle_leaf(const TreeDomains& d, BytesView leaf) { return hash(d.leaf, leaf); }

Hash merkle_top(Domain node, std::span<const Hash> leaf_hashes) {
  if (leaf_hashes.empty()) return {};
  std::vector<Hash> level(leaf_hashes.begin(), leaf_hashes.end());
  while (level.size() > 1) fold(node, level);
  return level[0];
}

Hash merkle_root(const TreeDomains& d, std::span<const Hash> leaf_hashes) {
  return root_of(d, leaf_hashes.size(), merkle_top(d.node, leaf_hashes));
}

MerklePath merkle_path(const TreeDomains& d, std::span<const Hash> leaf_hashes, std::uint64_t index) {
  DOS_CHECK(index < leaf_hashes.size());
  MerklePath path{index, leaf_hashes.size(), {}};
  std::vector<Hash> level(leaf_hashes.begin(), leaf_hashes.end());
  for (std::uint64_t i = index; level.size() > 1; i /= 2) {
    if ((i ^ 1) < level.size()) path.siblings.push_back(level[i ^ 1]);
    fold(d.node, level);
  }
  return path;
}

Result<Hash> merkle_climb(const TreeDomains& d, const Hash& leaf_hash, const MerklePath& path) {
  if (path.index >= path.count) return fail(Errc::proof_invalid, "a list proof's index lies outside its list");
  Hash at = leaf_hash;
  std::size_t used = 0;
  std::uint64_t i = path.index;
  for (std::uint64_t last = path.count - 1; last > 0; i /= 2, last /= 2) {
    if (i % 2 == 0 && i == last) continue;  // no sibling on this level
    if (used == path.siblings.size()) return fail(Errc::proof_invalid, "a list proof is too short");
    const Hash& sibling = path.siblings[used++];
    at = i % 2 != 0 ? hash_pair(d.node, sibling, at) : hash_pair(d.node, at, sibling);
  }
  if (used != path.siblings.size()) return fail(Errc::proof_invalid, "a list proof is too long");
  return root_of(d, path.count, at);
}

}  // namespace dos::crypto
