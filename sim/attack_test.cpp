#include "sim/attack.hpp"

#include <gtest/gtest.h>

namespace dos::sim {
namespace {

// The least that is left to the others, and the most that their waiting grows by: goal A3 of the reliability list.
constexpr double kLeastThroughput = 0.4, kMostDelay = 4;
constexpr std::uint64_t kSeconds = 10, kSeed = 1;

TEST(Attack, no_lying_validator_of_four_costs_the_others_more_than_its_turns) {
  const auto modules = *Modules::load(DOS_TEST_MODULES);
  const auto quiet = measure_work(LiarKind::none, kSeed, *modules, kSeconds);
  ASSERT_TRUE(quiet.failures.empty()) << quiet.failures.front();
  ASSERT_GT(quiet.transactions, 1'000u);
  for (std::size_t k = 1; k < std::size_t(LiarKind::count); ++k) {
    const auto kind = LiarKind(k);
    const Attack attack{kind, quiet, measure_work(kind, kSeed, *modules, kSeconds)};
    EXPECT_TRUE(attack.attacked.failures.empty()) << liar_text(kind) << ": " << attack.attacked.failures.front();
    EXPECT_GE(attack.throughput(), kLeastThroughput) << liar_text(kind);
    EXPECT_LE(attack.p99(), kMostDelay) << liar_text(kind) << ": " << attack.attacked.p99 / kMs << " ms, quiet " << quiet.p99 / kMs
                                        << " ms";
  }
}

}  // namespace
}  // namespace dos::sim
