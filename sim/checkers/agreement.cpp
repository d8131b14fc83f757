#include "sim/checkers/agreement.hpp"

namespace dos::sim {
namespace {
std::string short_hex(const Hash& h) { return hex(BytesView(h.bytes).first(6)); }
std::string text(const FinalFact& f) {
  return "block " + short_hex(f.id) + ", result " + short_hex(f.result) + ", receipts " + short_hex(f.receipts);
}
}  // namespace

bool Agreement::opened(Machine machine, Height height, const FinalFact& fact) {
  at_[machine] = height;
  return height.value > 0 && take(machine, height, fact);
}

bool Agreement::final_block(Machine machine, Height height, const FinalFact& fact) {
  auto& at = at_[machine];
  if (height.value != at.value + 1)
    failures_.add("order", "v" + std::to_string(machine + 1) + " made block " + std::to_string(height.value) + " final after block " +
                               std::to_string(at.value));
  at = height;
  return take(machine, height, fact);
}

bool Agreement::take(Machine machine, Height height, const FinalFact& fact) {
  const auto [it, fresh] = facts_.emplace(height, fact);
  if (!fresh && !(it->second == fact))
    failures_.add("agreement", "at height " + std::to_string(height.value) + " v" + std::to_string(machine + 1) + " has " + text(fact) +
                                   ", others had " + text(it->second));
  return fresh;
}

}  // namespace dos::sim
