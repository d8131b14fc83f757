// Random schedules over a World: deliveries, elections, votes, timeouts, power cuts, in any order the rules allow. Half of
// the terms have a Byzantine leader with up to three blocks a view, on any parent, some of them bad.
#pragma once
#include "world.hpp"

namespace dos::model {

struct Walk {
  World world;
  std::vector<int> leader;  // by term; -1: a liar
  Dice dice;

  Walk(Rules rules, int views, std::uint64_t seed, Keep keep = Keep::what_bears);
  void run(int steps);
  void step();

  int power_cuts_in_a_thousand = 5;
  bool forget_view = true;  // a node with power back goes on right above its last final block: more than the rules allow, so safe to assume
  int one_in_wipes = 0;  // one wiped disk in so many steps; 0: none
  int timeout_percent = 4;
  int power_cuts_in_a_sync = 10;  // percent
  bool skewed = false;  // some pairs hear little of each other

  // ---- quarantine after a wipe (docs/spec/consensus.md, "Start gate and quarantine")
  enum class Bound { top_plus_two, one_too_low, answers_of_a_weak_set, returning_nodes_answer } bound = Bound::top_plus_two;
  void leave_quarantine(int i);
  long wipes = 0, returns = 0, bound_broken = 0;

 private:
  int any_honest();
  int near(int view, int below, int above);
  void vote_final(int i);
  void vote_notar(int i);
  void propose_something(int i);
};

}  // namespace dos::model
