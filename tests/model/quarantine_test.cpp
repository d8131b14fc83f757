// A node whose disk was lost asks the others how far they are and votes only above floor = greatest view answered + 2 (with
// terms, where no header goes ahead of its record: the end of the term after). With answers of a strong set that does not count itself, it never signed anything above
// that floor, so it cannot contradict itself. Disks are lost again and again, several at a time.
#include <gtest/gtest.h>

#include <cstdio>

#include "effort.hpp"
#include "walk.hpp"

namespace dos::model {
namespace {

struct Case {
  Stakes stakes;
  int length = 1;
  Walk::Bound bound = Walk::Bound::top_plus_two;
  Keep keep = Keep::what_bears;
  bool starts_at_floor = false;
};
struct Seen {
  long runs = 0, wipes = 0, returns = 0, broken = 0, split = 0;
};
Seen wipe_often(const Case& c, long most_runs, bool until_broken) {
  Seen seen;
  while (seen.runs < most_runs && !(until_broken && seen.broken != 0)) {
    Walk walk({c.stakes, c.length}, 16, std::uint64_t(++seen.runs), c.keep);
    walk.bound = c.bound;
    walk.world.starts_at_floor = c.starts_at_floor;
    walk.one_in_wipes = 400;
    walk.forget_view = false;
    walk.run(4000);
    seen.wipes += walk.wipes;
    seen.returns += walk.returns;
    seen.broken += walk.bound_broken;
    seen.split += !walk.world.agreement();
  }
  std::printf("%s, L = %d: %ld runs, %ld disks lost, %ld returns, %ld of them below a vote given\n", c.stakes.name().c_str(), c.length,
              seen.runs, seen.wipes, seen.returns, seen.broken);
  return seen;
}
void expect_bound(const Case& c) {
  const Seen seen = wipe_often(c, runs(1500), false);
  EXPECT_GT(seen.returns, 1500);
  EXPECT_EQ(seen.broken, 0);
  EXPECT_EQ(seen.split, 0);
}
void expect_broken(const Case& c) { EXPECT_GT(wipe_often(c, 30000, true).broken, 0); }

TEST(Quarantine, a_wiped_node_never_votes_where_it_may_have_voted) {
  for (const auto& stakes : {equal(4), equal(7), lying_whale(), whale(), zipf()}) expect_bound({stakes});
  for (const int length : {2, 4}) expect_bound({equal(4), length});
}
TEST(QuarantineSees, a_floor_that_is_one_too_low) {
  expect_broken({.stakes = equal(4), .bound = Walk::Bound::one_too_low});
  expect_broken({.stakes = equal(4), .length = 2, .bound = Walk::Bound::one_too_low});
}
TEST(QuarantineSees, answers_of_too_few) { expect_broken({.stakes = equal(7), .bound = Walk::Bound::answers_of_a_weak_set}); }
// A node back from quarantine may be in a view below what it signed before: until it has passed its own floor by evidence,
// the view it is in says nothing, so it does not answer.
TEST(QuarantineSees, answers_of_nodes_still_below_their_own_floor) {
  expect_broken({.stakes = equal(7), .bound = Walk::Bound::returning_nodes_answer});
}
// The bound rests on this: whoever votes in v holds evidence that a strong set was in v - 1.
TEST(QuarantineSees, a_start_right_above_the_floor_without_evidence_for_that_view) {
  expect_broken({.stakes = equal(4), .starts_at_floor = true});
}
TEST(QuarantineSees, a_view_that_is_forgotten_at_a_start) { expect_broken({.stakes = equal(4), .keep = Keep::own_votes_only}); }

}  // namespace
}  // namespace dos::model
