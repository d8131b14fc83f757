// Liars about what they have: heights and views that nobody has reached, blocks and content that never come, or as late and as little
// at a time as whoever waits for them allows.
#pragma once
#include "sim/liars/liar.hpp"

namespace dos::sim {

std::unique_ptr<Liar> make_dripper(LiarEdges edges, Random random);
std::unique_ptr<Liar> make_claimer(LiarEdges edges, Random random);
std::unique_ptr<Liar> make_boaster(LiarEdges edges, Random random);

// What one says to each of the others unasked, between the frames of its node.
class AtTimes {
 public:
  AtTimes(World& world, SimTime least, SimTime most) : world_(world), least_(least), most_(most) {}
  bool due(Machine to, Random& random) {
    auto& next = next_[to];
    if (world_.now() < next) return false;
    next = world_.now() + random.between(least_, most_);
    return true;
  }

 private:
  World& world_;
  SimTime least_, most_;
  std::map<Machine, SimTime> next_;
};

// For so long an answer can be kept back and still come within what the asker waits: its question took a way, and it will take one.
SimTime just_within(World& world, Machine asked, Machine asker, SimTime patience);
// `take` sees the validator's own node in a call of that one, as soon as it can be called; never, if it is off by then.
void with_own_node(LiarEdges e, SimTime wait, std::function<void(replica::Replica&)> take);

}  // namespace dos::sim
