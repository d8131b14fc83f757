// What the proofs use of stake: two strong sets share more than a third, the honest are strong, a weak set holds an honest
// member. Each wrong way of counting breaks one of these, and the engine's own test of strength gives what the model gives.
#include "stakes.hpp"

#include <gtest/gtest.h>

#include "ledger/block.hpp"

namespace dos::model {
namespace {

std::vector<Stakes> distributions() { return {equal(4), equal(7), equal(10), whale(), lying_whale(), zipf()}; }

bool strong_sets_meet_honestly(const Stakes& s) {
  for (Mask a = 0; a <= s.everybody(); ++a)
    for (Mask b = a; s.strong(a) && b <= s.everybody(); ++b)
      if (s.strong(b) && (a & b & s.honest()) == 0) return false;
  return true;
}
bool weak_sets_hold_an_honest_member(const Stakes& s) {
  for (Mask a = 0; a <= s.everybody(); ++a)
    if (s.weak(a) && (a & s.honest()) == 0) return false;
  return true;
}

TEST(Stakes, liars_have_less_than_a_third_and_the_most_they_can) {
  for (const auto& s : distributions()) {
    EXPECT_FALSE(s.weak(s.liars())) << s.name();
    EXPECT_TRUE(s.strong(s.honest())) << s.name();
  }
}

TEST(Stakes, two_strong_sets_share_an_honest_member) {
  for (const auto& s : distributions()) {
    EXPECT_TRUE(strong_sets_meet_honestly(s)) << s.name();
    EXPECT_TRUE(weak_sets_hold_an_honest_member(s)) << s.name();
  }
}

TEST(Stakes, the_ledger_counts_as_the_model_does) {
  auto all = distributions();
  all.emplace_back("as large as a genesis may give", std::vector<std::uint64_t>(4, (std::uint64_t{1} << 61) - 1), 0b1000);
  for (const auto& s : all) {
    ledger::ValidatorSet set;
    for (const auto w : s.weights()) set.members.push_back({.weight = w});
    for (Mask m = 0; m <= s.everybody(); ++m) {
      std::uint64_t part = 0;
      for (int i = 0; i < s.members(); ++i)
        if (m >> i & 1) part += s.weights()[std::size_t(i)];
      ASSERT_EQ(ledger::strong(part, set.total()), s.strong(m)) << s.name() << ", set " << m;
      ASSERT_EQ(ledger::weak(part, set.total()), s.weak(m)) << s.name() << ", set " << m;
    }
  }
}

TEST(Stakes, rounding_the_bound_down_is_seen) { EXPECT_FALSE(strong_sets_meet_honestly(equal(4).counted(Count::rounded_down))); }

// With less than a third lying `>=` would still be safe; it fails when exactly a third lies, which `>` survives.
TEST(Stakes, exactly_a_third_cannot_split_the_rest_and_could_with_at_least) {
  const Stakes third("three, one lies", {1, 1, 1}, 0b100);
  EXPECT_TRUE(strong_sets_meet_honestly(third));
  EXPECT_FALSE(strong_sets_meet_honestly(third.counted(Count::at_least)));
}

TEST(Stakes, counting_heads_is_seen) { EXPECT_FALSE(strong_sets_meet_honestly(zipf().counted(Count::by_members))); }

TEST(Stakes, a_signer_counted_twice_is_seen) { EXPECT_FALSE(strong_sets_meet_honestly(equal(4).counted(Count::liars_twice))); }

TEST(Stakes, sums_that_wrap_are_seen) {
  const Stakes huge("sum over 2^64", {1ull << 62, 1ull << 62, 1ull << 62, (1ull << 62) + 4}, 0b0001);
  EXPECT_TRUE(strong_sets_meet_honestly(huge));
  EXPECT_FALSE(strong_sets_meet_honestly(huge.counted(Count::wrapped)));
  // Within the bound of a genesis (a total under 2^63) a product that wraps makes the honest ones too few.
  const Stakes large("total under 2^63", std::vector<std::uint64_t>(4, (1ull << 61) - 1), 0b0001);
  EXPECT_FALSE(large.counted(Count::wrapped).strong(large.honest()));
}

}  // namespace
}  // namespace dos::model
