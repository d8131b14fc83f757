#include "ledger/puzzle.hpp"

#include <algorithm>
#include <array>

namespace dos::ledger {
namespace {

Hash counted(std::uint64_t n) {
  Hash out;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[i] = std::uint8_t(n >> (8 * i));
  return out;
}

}  // namespace

Hash puzzle_hash(const Hash& txid, const Hash& shown) { return crypto::hash_pair(crypto::domain::kPuzzle, txid, shown); }

std::uint64_t puzzle_number(const Hash& hash) { return read_be<std::uint64_t>(hash.bytes); }

std::uint64_t shown_work(const Hash& txid, const std::vector<Witness>& witnesses) {
  std::uint64_t least = UINT64_MAX;
  for (const auto& w : witnesses) {
    const auto* shown = std::get_if<PreimageWitness>(&w.is);
    if (shown == nullptr || shown->bytes.size() != kPuzzleBytes) continue;
    Hash right;
    std::copy(shown->bytes.begin(), shown->bytes.end(), right.bytes.begin());
    least = std::min(least, puzzle_number(puzzle_hash(txid, right)));
  }
  return least;
}

PreimageWitness blank_puzzle() { return {Bytes(kPuzzleBytes)}; }

PreimageWitness solve_puzzle(const Hash& txid) {
  constexpr std::size_t kAtOnce = 64;
  std::array<Hash, 2 * kAtOnce> pairs;
  std::array<Hash, kAtOnce> hashes;
  for (std::size_t i = 0; i < kAtOnce; ++i) pairs[2 * i] = txid;
  for (std::uint64_t from = 0;; from += kAtOnce) {
    for (std::size_t i = 0; i < kAtOnce; ++i) pairs[2 * i + 1] = counted(from + i);
    crypto::hash_pairs(crypto::domain::kPuzzle, pairs, hashes);
    for (std::size_t i = 0; i < kAtOnce; ++i)
      if (puzzle_number(hashes[i]) < kPuzzleBelow) return {to_bytes(pairs[2 * i + 1].view())};
  }
}

}  // namespace dos::ledger
