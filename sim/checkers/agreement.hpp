// P1 and P2: one block a height, for every honest node, in every life of it; nothing that any node called final is ever missing
// from what follows. A node's own heights go up by one.
#pragma once
#include <map>

#include "fakes/network.hpp"
#include "ledger/block.hpp"
#include "sim/checkers/failures.hpp"

namespace dos::sim {

using namespace fakes;

struct FinalFact {
  Hash id, result, receipts;
  friend bool operator==(const FinalFact&, const FinalFact&) = default;
};

class Agreement {
 public:
  explicit Agreement(Failures& failures) : failures_(failures) {}
  // A life of `machine` begins with this last final block. True if this height was not known final before.
  bool opened(Machine machine, Height height, const FinalFact& fact);
  bool final_block(Machine machine, Height height, const FinalFact& fact);
  Height highest() const { return facts_.empty() ? Height{0} : facts_.rbegin()->first; }
  Height of(Machine machine) const {
    const auto it = at_.find(machine);
    return it == at_.end() ? Height{0} : it->second;
  }
  const std::map<Height, FinalFact>& facts() const { return facts_; }

 private:
  bool take(Machine machine, Height height, const FinalFact& fact);
  Failures& failures_;
  std::map<Height, FinalFact> facts_;
  std::map<Machine, Height> at_;
};

}  // namespace dos::sim
