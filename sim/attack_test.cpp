#include "sim/attack.hpp"

#include <gtest/gtest.h>

namespace dos::sim {
namespace {

// The least that is left to the others, and the most that their waiting grows by: the bounds of B18 in docs/benchmarks.md.
constexpr double kLeastThroughput = 0.4, kMostDelay = 4;

std::vector<LiarKind> all_kinds() {
  std::vector<LiarKind> kinds;
  for (std::size_t k = 1; k < std::size_t(LiarKind::count); ++k) kinds.push_back(LiarKind(k));
  return kinds;
}

void expect_bounded(std::vector<LiarKind> kinds, const AttackSetting& setting) {
  const auto modules = *Modules::load(DOS_TEST_MODULES);
  std::erase_if(kinds, [&](LiarKind kind) { return lies_to_guests(kind) != setting.guests; });
  const auto quiet = measure_work(LiarKind::none, *modules, setting);
  ASSERT_TRUE(quiet.failures.empty()) << quiet.failures.front();
  ASSERT_GT(quiet.transactions, 1'000u);
  for (const auto kind : kinds) {
    const Attack attack{kind, quiet, measure_work(kind, *modules, setting)};
    EXPECT_TRUE(attack.attacked.failures.empty()) << liar_text(kind) << ": " << attack.attacked.failures.front();
    EXPECT_GE(attack.throughput(), kLeastThroughput) << liar_text(kind);
    EXPECT_LE(attack.p99(), kMostDelay) << liar_text(kind) << ": " << attack.attacked.p99 / kMs << " ms, quiet " << quiet.p99 / kMs
                                        << " ms";
    if (kind >= kFirstLatestLiar) { EXPECT_GT(attack.attacked.lies, 20u) << liar_text(kind); }
    EXPECT_LE(attack.attacked.acknowledged_p99, kMostDelay * quiet.acknowledged_p99) << liar_text(kind);
  }
}

TEST(Attack, no_lying_validator_of_four_costs_the_others_more_than_its_turns) {
  expect_bounded(all_kinds(), {1, 10, 20 * kMs});
  expect_bounded(all_kinds(), {1, 10, 20 * kMs, true});
}

TEST(Attack, nor_one_that_is_slow_dates_back_or_spares_one_where_they_are_a_quarter_of_a_millisecond_apart) {
  expect_bounded({LiarKind::slow_leader, LiarKind::back_dater}, {1, 10, kMs / 4});
  expect_bounded({LiarKind::sparer}, {1, 60, kMs / 4});  // those that it is late to are blamed at first
}

TEST(Attack, nor_one_that_dates_ahead_or_lies_about_what_it_has_there) {
  expect_bounded({LiarKind::ahead_dater, LiarKind::dripper}, {1, 10, kMs / 4});
  expect_bounded({LiarKind::claimer, LiarKind::boaster}, {1, 10, kMs / 4, true});
}

// It is blamed little for its first turns: half a minute.
TEST(Attack, nor_one_that_is_late_by_less_than_two_least_delays_there) { expect_bounded({LiarKind::late_leader}, {1, 30, kMs / 4}); }

}  // namespace
}  // namespace dos::sim
