#include "consensus/gate.hpp"

namespace dos::consensus {

// Whoever votes in v holds evidence that a strong set voted in v - 1. One of them answered here, honestly, and was at v - 1
// at least, or at v - 2 if power took from it the record of the header it sent in v - 1.
std::optional<View> Gate::floor_by(const ledger::ValidatorSet& set) const {
  std::uint64_t weight = 0;
  View top{0};
  for (const auto& [by, view] : answers) {
    weight += set.members[by].weight;
    top = std::max(top, view);
  }
  if (!ledger::strong(weight, set.total())) return std::nullopt;
  return View{top.value + 2};
}

}  // namespace dos::consensus
