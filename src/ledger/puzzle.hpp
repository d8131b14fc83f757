// The work that a transaction shows for which the sponsor pays (docs/spec/transactions.md, "Bare keys"): a key costs nothing and has
// nothing to lose, so that each such transaction costs its maker a moment instead. Bound to the transaction, and so to chain and
// time, by its id.
#pragma once
#include "ledger/transaction.hpp"

namespace dos::ledger {

inline constexpr std::size_t kPuzzleBytes = 32;  // of what is shown

// H("DOS/puzzle/1", txid || shown)
Hash puzzle_hash(const Hash& txid, const Hash& shown);
// The first 64 bits of that hash; the less, the more work: one in 2^kPuzzleBits lies below kPuzzleBelow.
std::uint64_t puzzle_number(const Hash& hash);
inline constexpr std::uint64_t kPuzzleBelow = 1ull << (64 - kPuzzleBits);

// The least number that the transaction's preimage witnesses of kPuzzleBytes give; UINT64_MAX: it shows none.
std::uint64_t shown_work(const Hash& txid, const std::vector<Witness>& witnesses);
inline bool shows_enough(std::uint64_t work) { return work < kPuzzleBelow; }

PreimageWitness blank_puzzle();                 // as long as a solution
PreimageWitness solve_puzzle(const Hash& txid);  // 2^kPuzzleBits hashes on average

}  // namespace dos::ledger
