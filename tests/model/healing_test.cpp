// After any past, with less than a third lying and then silent: once the network heals, a block becomes final. Also when the
// power failed everywhere and every vote of the liars is gone but for what honest disks hold.
#include "healing.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "effort.hpp"

namespace dos::model {
namespace {

constexpr int kPastViews = 14, kViews = 84;

struct Outcome {
  long runs = 0, final = 0, stuck = 0, no_progress = 0, split = 0;
};
struct Trial {
  Stakes stakes;
  int length = 1;
  Keep keep = Keep::what_bears;
  bool final_counts_as_notarized = true;
  Healing how;
};

Outcome outcomes(const Trial& trial, long runs) {
  Outcome o;
  while (o.runs < runs) {
    Walk walk({trial.stakes, trial.length}, kViews, std::uint64_t(++o.runs), trial.keep);
    walk.world.final_counts_as_notarized = trial.final_counts_as_notarized;
    walk.world.views = kPastViews;
    walk.forget_view = false;
    if (trial.keep != Keep::what_bears) walk.power_cuts_in_a_thousand = 0;  // only the one cut asked about
    walk.run(50 + walk.dice.below(2000));
    const Healed healed = heal(walk, kViews, trial.how);
    ++(healed == Healed::final ? o.final : healed == Healed::stuck ? o.stuck : o.no_progress);
    o.split += !walk.world.agreement();
  }
  std::printf("%s, L = %d: %ld runs, %ld final, %ld stuck, %ld without progress\n", trial.stakes.name().c_str(), trial.length, o.runs,
              o.final, o.stuck, o.no_progress);
  return o;
}
void expect_final(const Trial& trial, long in_ci) {
  const Outcome o = outcomes(trial, runs(in_ci));
  EXPECT_EQ(o.final, o.runs);
  EXPECT_EQ(o.split, 0);
}

TEST(Healing, a_block_becomes_final_after_any_past) {
  for (const int length : {1, 2, 4}) expect_final({equal(4), length}, 3000);
  expect_final({equal(7)}, 1000);
  expect_final({whale()}, 1000);
  expect_final({lying_whale()}, 2000);
  expect_final({zipf()}, 2000);
}

TEST(Healing, a_block_becomes_final_after_total_power_loss) {
  for (const int length : {1, 4}) expect_final({.stakes = equal(4), .length = length, .how = {.power_lost = true}}, 3000);
  expect_final({.stakes = lying_whale(), .how = {.power_lost = true}}, 1500);
  expect_final({.stakes = zipf(), .how = {.power_lost = true}}, 1500);
}

// A node may ask for N of every ancestor before it certifies a block, or take N of the block as enough. Both go well if the
// evidence that a NOTAR rests on is durable with it, N of the parent included.
TEST(Healing, it_does_not_matter_whether_ancestors_are_asked_for_their_notars) {
  for (const int length : {1, 4})
    for (const int members : {4, 7})
      expect_final({.stakes = equal(members), .length = length, .how = {.power_lost = true, .chain_needs_notars = true}}, 1000);
  expect_final({.stakes = equal(4), .keep = Keep::what_left, .how = {.power_lost = true}}, 2000);
}
// With only that durable by which each view was left (a Z, say, although N of that view came later and carried a child),
// a chain that has to be shown whole cannot be shown after a power loss.
TEST(HealingSees, a_chain_asked_for_notars_that_nobody_kept) {
  const Outcome o = outcomes({.stakes = equal(4), .keep = Keep::what_left, .how = {.power_lost = true, .chain_needs_notars = true}}, 3000);
  EXPECT_GT(o.stuck, 0);
}

TEST(HealingSees, notar_that_forbids_null) { EXPECT_GT(outcomes({.stakes = equal(4), .how = {.notar_forbids_null = true}}, 300).stuck, 0); }

// What was voted for below may be split between NULL and FINAL in every view.
TEST(HealingSees, views_above_which_nothing_but_final_is_signed) {
  EXPECT_GT(outcomes({.stakes = equal(4), .how = {.only_final_above = 8}}, 1000).stuck, 0);
}

TEST(HealingSees, slow_execution_that_nullifies) {
  const Outcome o = outcomes({.stakes = equal(4), .how = {.slow_execution_nullifies = true}}, 100);
  EXPECT_GT(o.no_progress + o.stuck, 0);
}

TEST(HealingSees, evidence_that_is_not_durable) {
  EXPECT_GT(outcomes({.stakes = equal(4), .keep = Keep::own_votes_only, .how = {.power_lost = true}}, 600).stuck, 0);
}

TEST(HealingSees, final_not_taken_as_notarized) {
  EXPECT_GT(outcomes({.stakes = equal(4), .final_counts_as_notarized = false, .how = {.power_lost = true}}, 600).no_progress, 0);
}

}  // namespace
}  // namespace dos::model
