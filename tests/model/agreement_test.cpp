// Whatever the network, the clocks and less than a third of the stake do: all blocks that may be final lie on one chain.
// Random schedules; with any one rule taken away, or stake counted wrongly, the same search finds two chains.
#include <gtest/gtest.h>

#include <cstdio>

#include "effort.hpp"
#include "walk.hpp"

namespace dos::model {
namespace {

struct Shape {
  Stakes stakes;
  int length, views, steps;
};

struct Found {
  long runs = 0, finals = 0;
  bool split = false;
};
Found search(const Shape& shape, Without without, long most_runs) {
  Found found;
  while (found.runs < most_runs && !found.split) {
    Walk walk({shape.stakes, shape.length, without}, shape.views, std::uint64_t(++found.runs));
    walk.run(shape.steps);
    found.finals += walk.world.final_blocks();
    found.split = !walk.world.agreement();
  }
  return found;
}

void expect_agreement(const Shape& shape, long in_ci) {
  const Found found = search(shape, Without::nothing, runs(in_ci));
  EXPECT_FALSE(found.split) << "two final blocks off one chain in run " << found.runs;
  EXPECT_GT(found.finals, found.runs) << "a search in which hardly anything is final shows nothing";
  std::printf("%s, L = %d: %ld runs of %d steps, %.1f final blocks each, one chain\n", shape.stakes.name().c_str(), shape.length,
              found.runs, shape.steps, double(found.finals) / double(found.runs));
}
void expect_split(const Shape& shape, Without without, long within = 20000) {
  const Found found = search(shape, without, within);
  EXPECT_TRUE(found.split) << "not seen in " << within << " runs";
  std::printf("%s, L = %d: seen in run %ld\n", shape.stakes.name().c_str(), shape.length, found.runs);
}

const Shape kPlain{equal(4), 1, 12, 3000}, kTerms{equal(4), 4, 16, 4000};

TEST(Agreement, one_view_a_term) { expect_agreement(kPlain, 12000); }
TEST(Agreement, two_views_a_term) { expect_agreement({equal(4), 2, 12, 3000}, 6000); }
TEST(Agreement, four_views_a_term) { expect_agreement(kTerms, 6000); }
TEST(Agreement, seven_of_which_two_lie) { expect_agreement({equal(7), 1, 12, 8000}, 2000); }
TEST(Agreement, seven_of_which_two_lie_three_views_a_term) { expect_agreement({equal(7), 3, 12, 8000}, 2000); }
TEST(Agreement, an_honest_whale) { expect_agreement({whale(), 1, 12, 7000}, 2500); }
TEST(Agreement, a_lying_whale) { expect_agreement({lying_whale(), 1, 12, 3000}, 6000); }
TEST(Agreement, a_lying_whale_four_views_a_term) { expect_agreement({lying_whale(), 4, 16, 4000}, 3000); }
TEST(Agreement, zipf_with_the_longest_tail_lying) { expect_agreement({zipf(), 1, 12, 3000}, 5000); }

TEST(AgreementSees, final_after_null) {
  expect_split(kPlain, Without::final_respects_null);
  expect_split(kTerms, Without::final_respects_null);
}
TEST(AgreementSees, null_after_final) {
  expect_split(kPlain, Without::null_respects_final);
  expect_split(kTerms, Without::null_respects_final);
}
TEST(AgreementSees, null_that_does_not_cover_the_rest_of_its_term) { expect_split(kTerms, Without::null_covers_rest); }
TEST(AgreementSees, views_between_not_nullified) {
  expect_split(kPlain, Without::gap_is_nullified);
  expect_split(kTerms, Without::gap_is_nullified);
}
TEST(AgreementSees, unknown_parent_inside_a_term) { expect_split(kTerms, Without::parent_in_term_is_known); }
TEST(AgreementSees, second_notar_after_a_crash) {
  expect_split(kPlain, Without::notar_survives_crash);
  expect_split(kTerms, Without::notar_survives_crash);
}
TEST(AgreementSees, a_second_header_where_the_record_of_the_first_may_be_lost) { expect_split(kPlain, Without::unsure_views_are_passed); }
TEST(AgreementSees, records_of_older_views_dropped) {
  expect_split(kPlain, Without::old_records_kept);
  expect_split({equal(4), 2, 16, 4000}, Without::old_records_kept);
}
TEST(AgreementSees, votes_at_or_below_the_floor) { expect_split(kPlain, Without::floor_binds); }

TEST(AgreementSees, stake_rounded_down) { expect_split({equal(4).counted(Count::rounded_down), 1, 12, 3000}, Without::nothing); }
TEST(AgreementSees, heads_counted) { expect_split({zipf().counted(Count::by_members), 1, 12, 3000}, Without::nothing); }
TEST(AgreementSees, a_signer_counted_twice) { expect_split({equal(4).counted(Count::liars_twice), 1, 12, 3000}, Without::nothing); }
TEST(AgreementSees, stake_that_wraps) {
  const Stakes huge("sum over 2^64", {1ull << 62, 1ull << 62, 1ull << 62, (1ull << 62) + 4}, 0b0001);
  expect_split({huge.counted(Count::wrapped), 1, 12, 3000}, Without::nothing);
}
TEST(AgreementSees, at_least_two_thirds_when_a_third_lies) {
  const Stakes third("three, one lies", {1, 1, 1}, 0b100);
  expect_split({third.counted(Count::at_least), 1, 12, 3000}, Without::nothing);
  const Found right = search({third, 1, 12, 3000}, Without::nothing, 2000);
  EXPECT_FALSE(right.split) << "more than two thirds holds even then; only progress may stop";
}

}  // namespace
}  // namespace dos::model
