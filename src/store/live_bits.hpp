// Live bits of all records and the mountain range over their chunks (256 bits each), whole in memory: 0.4 byte a record.
#pragma once
#include <functional>

#include "proof/state_proof.hpp"

namespace dos::store {

using BitsWord = ByteArray<32>;  // one chunk

// What a stage changes: chunks and nodes by index, ascending.
struct BitsChange {
  std::uint64_t count = 0;                                                 // records afterwards
  std::vector<std::pair<std::uint64_t, BitsWord>> chunks;
  std::vector<std::vector<std::pair<std::uint64_t, Hash>>> levels;         // [0]: hashes of chunks
  std::vector<Hash> peaks;                                                 // of the whole range afterwards

  const BitsWord* chunk(std::uint64_t index) const;
  const Hash* node(int level, std::uint64_t index) const;
};

// Where a stage finds what it does not change itself: the stages below it and the committed bits.
struct BitsBelow {
  virtual ~BitsBelow() = default;
  virtual std::uint64_t count() const = 0;  // records
  virtual const BitsWord& chunk(std::uint64_t index) const = 0;
  virtual const Hash& node(int level, std::uint64_t index) const = 0;
};

inline std::uint64_t chunk_count(std::uint64_t records) { return records / proof::kChunkBits + (records % proof::kChunkBits != 0 ? 1 : 0); }

// Clears the bits of `cleared` (ascending) and sets those of `added` records behind the last.
BitsChange change_bits(const BitsBelow& below, std::span<const Position> cleared, std::uint64_t added);

class LiveBits final : public BitsBelow {
 public:
  void apply(const BitsChange& change);
  void restore(std::uint64_t records, std::vector<BitsWord> chunks);
  std::uint64_t count() const override { return count_; }
  const BitsWord& chunk(std::uint64_t index) const override { return chunks_[index]; }
  const Hash& node(int level, std::uint64_t index) const override { return levels_[std::size_t(level)][index]; }
  std::span<const BitsWord> chunks() const { return chunks_; }
  bool live(Position p) const;
  Hash root() const;
  std::uint64_t memory_bytes() const;

 private:
  std::uint64_t count_ = 0;
  std::vector<BitsWord> chunks_;
  std::vector<std::vector<Hash>> levels_;
};

}  // namespace dos::store
