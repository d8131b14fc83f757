#include "proof/leaf.hpp"

#include <bit>

namespace dos::proof {
namespace {

Hash root_of(crypto::Domain domain, std::uint64_t count, std::span<const Hash> peaks) {
  codec::Encoder e;
  e.out.reserve(8 + 32 * peaks.size());
  e.integer(count);
  for (const Hash& p : peaks) e.raw(p.bytes);
  return crypto::hash(domain, e.out);
}

}  // namespace

Hash leaf_hash(const Leaf& leaf) { return crypto::hash_of(crypto::domain::kLeaf, leaf); }
Hash data_hash(BytesView data) { return crypto::hash(crypto::domain::kData, data); }

Hash ends_leaf(Position position) {
  codec::Encoder e;
  e.integer(position.value);
  return crypto::merkle_leaf(crypto::kEndsTree, e.out);
}

Hash ends_root(std::span<const Position> ends) {
  if (ends.empty()) return {};
  std::vector<Hash> leaves;
  leaves.reserve(ends.size());
  for (Position p : ends) leaves.push_back(ends_leaf(p));
  return crypto::merkle_root(crypto::kEndsTree, leaves);
}

Hash state_root(const StateParts& parts) {
  codec::Encoder e;
  e.integer(parts.count);
  e.raw(parts.mmr_root.bytes);
  e.raw(parts.bits_root.bytes);
  e.integer(parts.compaction_cursor);
  return crypto::hash(crypto::domain::kState, e.out);
}
Hash mmr_root(std::uint64_t count, std::span<const Hash> peaks) { return root_of(crypto::domain::kPeaks, count, peaks); }
Hash bits_root(std::uint64_t chunks, std::span<const Hash> peaks) { return root_of(crypto::domain::kBitsPeaks, chunks, peaks); }
Hash chunk_hash(const ByteArray<32>& bits) { return crypto::hash(crypto::domain::kBitsLeaf, bits); }

}  // namespace dos::proof
