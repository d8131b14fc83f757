// What stands before the first vote (docs/spec/consensus.md, "Start gate and quarantine"): open once this node knows what its key has
// signed, out of the journal, because the key is new, or by what a strong set of others answered.
#pragma once
#include <map>
#include <optional>

#include "consensus/facts.hpp"

namespace dos::consensus {

struct Gate {
  bool open = false;
  View floor;                             // nothing is known of what was signed at or below it
  bool key_unused = false;                // this key was never used
  Hash nonce;                             // of this start's question
  std::map<std::uint16_t, View> answers;  // by validator: the highest view it says that it is in
  std::uint64_t ask_wait = 0;
  std::optional<std::uint64_t> ask_at;

  void answered(std::uint16_t by, View top) { answers[by] = std::max(answers[by], top); }
  // The floor that the answers give; none: those who answered are no strong set.
  std::optional<View> floor_by(const ledger::ValidatorSet& set) const;
};

}  // namespace dos::consensus
