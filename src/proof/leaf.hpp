// Records of the object log as proofs see them, and the hashes over them (docs/spec/state.md).
//   leaf  = H(kLeaf, BCS(Leaf))      node = H(kNode, left || right)       (Merkle mountain range over all records)
//   bits  leaf = H(kBitsLeaf, 32 bytes = live bits of 256 records, bit i of byte i/8), node = H(kBitsNode, left || right),
//         the same mountain range over ceil(count / 256) chunks; bits past the last record are zero
//   mmr root = H(kPeaks, u64 leaf count || peaks left to right), bits root = H(kBitsPeaks, u64 chunk count || peaks)
//   state root = H(kState, u64 record count || mmr root || bits root || u64 compaction cursor)
#pragma once
#include "crypto/hash.hpp"
#include "crypto/merkle.hpp"

namespace dos::proof {

struct Leaf {
  Bytes key;        // empty: the sentinel
  Bytes next_key;   // of the next live record in key order; empty: none
  Version version;  // of the transaction that last wrote the content
  Height at;        // of this append
  Hash ends;        // ends_root: zero if this record retires none, else kEndsTree over u64 positions, ascending
  Bytes lock;       // encoded ledger::Lock
  TimeMs paid_until = kPermanent;
  Bytes meta;
  Hash data;        // H(kData, data)
  DOS_FIELDS(key, next_key, version, at, ends, lock, paid_until, meta, data);
};
Hash leaf_hash(const Leaf& leaf);
Hash data_hash(BytesView data);
Hash ends_root(std::span<const Position> ends);  // ascending; zero if empty
Hash ends_leaf(Position position);               // the leaf of one position in that tree
Hash chunk_hash(const ByteArray<32>& bits);      // the bits leaf of one chunk

inline constexpr std::uint64_t kTwigRecords = 2048;
inline constexpr std::uint64_t kChunkBits = 256;

struct StateParts {
  std::uint64_t count = 0;  // records
  Hash mmr_root, bits_root;
  std::uint64_t compaction_cursor = 0;
  DOS_FIELDS(count, mmr_root, bits_root, compaction_cursor);
};
Hash state_root(const StateParts& parts);
Hash mmr_root(std::uint64_t count, std::span<const Hash> peaks);
Hash bits_root(std::uint64_t chunks, std::span<const Hash> peaks);

}  // namespace dos::proof
