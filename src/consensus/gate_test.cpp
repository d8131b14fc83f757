#include "consensus/gate.hpp"

#include <gtest/gtest.h>

namespace dos::consensus {
namespace {

TEST(Gate, a_strong_set_of_answers_gives_a_floor_above_all_that_may_have_been_signed) {
  ledger::ValidatorSet set;
  for (const std::uint64_t weight : {3, 2, 1, 1}) set.members.push_back({"v", weight, {}, {}, ""});
  Gate gate;
  EXPECT_FALSE(gate.floor_by(set));
  gate.answered(0, View{9});
  gate.answered(2, View{4});
  EXPECT_FALSE(gate.floor_by(set));  // four of seven
  gate.answered(0, View{5});         // what it said once holds
  gate.answered(3, View{0});
  EXPECT_EQ(gate.floor_by(set), View{11});
}

}  // namespace
}  // namespace dos::consensus
