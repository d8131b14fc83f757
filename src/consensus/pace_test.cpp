#include "consensus/pace.hpp"

#include <gtest/gtest.h>

namespace dos::consensus {
namespace {

constexpr std::uint64_t kMs = 1'000'000, kSecond = 1'000 * kMs;
constexpr std::uint64_t kLeast = 25 * kMs, kMost = 60 * kSecond;

constexpr std::size_t kNone = 99;  // the estimates of who leads nothing
Pace four(std::size_t self = kNone) { return Pace({1, 1, 1, 1}, self, kLeast, kMost); }
void all_see(Pace& p, std::size_t n, std::uint64_t took) {
  for (std::size_t l = 0; l < n; ++l) p.saw_n(l, 0, took);
}
void all_wait(Pace& p, std::size_t n, std::uint64_t now, std::uint64_t took) {
  for (std::size_t l = 0; l < n; ++l) p.waited(l, now, took);
}

TEST(Pace, what_one_leader_of_four_shows_moves_no_estimate) {
  auto p = four();
  all_see(p, 4, kMs);
  all_wait(p, 4, 0, kMs);
  for (int turn = 0; turn < 1000; ++turn) {
    p.saw_n(3, 0, p.view_ns() * 9 / 10);
    p.too_slow(3);
    p.final();
    ASSERT_EQ(p.delta_ns(), kLeast);
    ASSERT_EQ(p.view_ns(), 6 * kLeast);
    ASSERT_EQ(p.repair_ns(), kMs);
  }
}

// The edge: a liar has less than a third; whoever has more includes an honest one.
TEST(Pace, leaders_of_more_than_a_third_move_it_and_leaders_of_a_third_do_not) {
  Pace third({10, 10, 10}, kNone, kLeast, kMost), more({11, 10, 10}, kNone, kLeast, kMost);
  for (auto* p : {&third, &more}) {
    p->saw_n(0, 0, 30 * kMs);
    p->final();
    p->too_slow(0);
  }
  EXPECT_EQ(third.delta_ns(), kLeast);
  EXPECT_GT(more.delta_ns(), 30 * kMs);
}

TEST(Pace, where_the_views_of_all_take_long_it_rises_by_half_a_block_and_falls_by_a_quarter) {
  auto p = four();
  all_see(p, 4, 10 * kSecond);
  std::uint64_t before = p.delta_ns(), blocks = 0;
  for (; p.delta_ns() < 10 * kSecond; ++blocks) {
    p.final();
    ASSERT_LE(p.delta_ns(), before + before / 2 + 1);
    before = p.delta_ns();
  }
  EXPECT_LE(blocks, 16u);
  all_see(p, 4, kMs);
  for (int k = 0; k < 40; ++k) p.final();
  EXPECT_EQ(p.delta_ns(), kLeast);
}

TEST(Pace, so_does_each_failed_view_of_this_node_s_own_and_it_forgives_nobody) {
  auto p = four(1);
  all_wait(p, 4, 0, kMs);
  p.waited(3, 0, kSecond);
  ASSERT_TRUE(p.passed_over(3, 1));
  p.too_slow(1);
  EXPECT_EQ(p.delta_ns(), kLeast + kLeast / 2 + 1);
  EXPECT_TRUE(p.passed_over(3, 1));
  p.final();
  EXPECT_LT(p.delta_ns(), kLeast + kLeast / 2 + 1);
}

TEST(Pace, failed_views_raise_it_once_leaders_of_more_than_a_third_failed_without_a_final_block_between) {
  auto p = four();
  for (int k = 0; k < 100; ++k) {
    p.too_slow(0);
    p.final();
    p.too_slow(1);
    p.final();
  }
  EXPECT_EQ(p.delta_ns(), kLeast);
  p.too_slow(0);
  p.too_slow(0);
  EXPECT_EQ(p.delta_ns(), kLeast);
  for (int k = 0; k < 100; ++k) p.too_slow(1);
  EXPECT_EQ(p.delta_ns(), kMost);  // never above
}

TEST(Pace, a_slow_leader_is_passed_over_for_a_time_that_its_cost_measures) {
  auto p = four();
  EXPECT_FALSE(p.passed_over(3, 0));
  p.waited(3, 0, kSecond);
  EXPECT_FALSE(p.passed_over(3, 0));  // nothing is known of the others yet
  all_wait(p, 3, 0, 2 * kMs);
  const std::uint64_t edge = kSlowTimes * 2 * kMs;
  p.waited(3, kSecond, edge);
  EXPECT_FALSE(p.passed_over(3, kSecond));
  p.waited(3, kSecond, edge + 1);
  EXPECT_TRUE(p.passed_over(3, kSecond));
  const auto until = kSecond + kPassOverTimes * 4 * (edge + 1);
  EXPECT_TRUE(p.passed_over(3, until - 1));
  EXPECT_FALSE(p.passed_over(3, until));
  p.waited(3, until, kMost);
  EXPECT_TRUE(p.passed_over(3, until + kMaxPassOverNs - 1));
  EXPECT_FALSE(p.passed_over(3, until + kMaxPassOverNs));
}

// A leader that was told and answered late owes little the first time.
TEST(Pace, a_first_late_answer_is_a_small_debt_and_each_that_follows_soon_a_greater_one) {
  auto p = four();
  p.answered(3, 0, 40 * kMs);
  EXPECT_FALSE(p.passed_over(3, 0));  // nothing is known of the others yet
  p = four();
  all_wait(p, 4, 0, 2 * kMs);
  const std::uint64_t edge = kSlowTimes * 2 * kMs;
  p.answered(3, 0, edge);
  EXPECT_FALSE(p.passed_over(3, 0));
  std::uint64_t now = kSecond;
  for (const std::uint64_t times : {16, 64, 256, 1024, 1024}) {
    p.answered(3, now, 10 * kMs);
    const auto until = now + times * 4 * 10 * kMs;
    EXPECT_TRUE(p.passed_over(3, until - 1)) << times;
    EXPECT_FALSE(p.passed_over(3, until)) << times;
    now = until;
  }
  now += kForgetLateNs;
  p.answered(3, now, 10 * kMs);
  EXPECT_FALSE(p.passed_over(3, now + 16 * 4 * 10 * kMs));
}

TEST(Pace, an_answer_counts_for_two_delays_at_most_after_those_its_view_is_waited_for) {
  auto p = four();
  all_wait(p, 4, 0, kMs);
  p.answered(3, 0, kSecond);
  EXPECT_TRUE(p.passed_over(3, 16 * 4 * 2 * kLeast - 1));
  EXPECT_FALSE(p.passed_over(3, 16 * 4 * 2 * kLeast));
}

TEST(Pace, who_was_late_is_waited_for_twice_as_long_as_what_is_late_until_that_is_forgotten) {
  auto p = four();
  all_wait(p, 4, 0, 2 * kMs);
  EXPECT_FALSE(p.late_again_ns(3, 0));
  p.answered(3, 0, 45 * kMs);
  const auto paid = 16 * 4 * 45 * kMs;
  EXPECT_EQ(p.late_again_ns(3, paid + kForgetLateNs - 1), 2 * kSlowTimes * 2 * kMs);
  EXPECT_FALSE(p.late_again_ns(3, paid + kForgetLateNs));
  EXPECT_FALSE(p.late_again_ns(2, 1));
  p.forgive();
  EXPECT_FALSE(p.late_again_ns(3, 1));
}

TEST(Pace, what_one_leader_takes_to_answer_does_not_make_late_answers_usual_and_what_two_of_four_take_does) {
  auto p = four();
  all_wait(p, 4, 0, kMs);
  p.answered(3, 0, 20 * kMs);
  p.answered(2, 60 * kSecond, 20 * kMs);
  EXPECT_TRUE(p.passed_over(2, 60 * kSecond));
  p.answered(0, 120 * kSecond, kMs);
  p.answered(1, 120 * kSecond, 20 * kMs);  // as late as two others were before
  EXPECT_FALSE(p.passed_over(1, 120 * kSecond));
}

TEST(Pace, a_late_answer_that_waited_for_local_work_or_came_within_a_part_of_the_least_delay_is_none) {
  auto p = four();
  all_wait(p, 4, 0, 1000);
  p.answered(3, 0, kLeast / kPromptPart);
  EXPECT_FALSE(p.passed_over(3, 0));
  p.worked(2, 10 * kMs);
  p.answered(3, 0, kLeast / kPromptPart + 20 * kMs);
  EXPECT_FALSE(p.passed_over(3, 0));
}

TEST(Pace, a_leader_is_told_after_four_repair_times_and_within_two_delays) {
  auto p = four();
  EXPECT_EQ(p.tell_ns(), 2 * kLeast);  // nothing is known
  all_see(p, 4, kMs);
  EXPECT_EQ(p.tell_ns(), 4 * kMs);
  p.saw_n(3, 0, kSecond);
  EXPECT_EQ(p.tell_ns(), 4 * kMs);
  all_see(p, 4, 20 * kMs);
  EXPECT_EQ(p.tell_ns(), 2 * kLeast);
}

TEST(Pace, debts_add_up_to_a_bound_and_are_paid_by_waiting) {
  auto p = four();
  all_wait(p, 4, 0, kMs);
  p.waited(3, 0, 10 * kMs);
  p.waited(3, 1, 20 * kMs);
  const auto until = kPassOverTimes * 4 * 30 * kMs;
  EXPECT_TRUE(p.passed_over(3, until - 1));
  EXPECT_FALSE(p.passed_over(3, until));
  for (int k = 0; k < 100; ++k) p.waited(3, 1, kSecond);
  EXPECT_TRUE(p.passed_over(3, kMaxPassOverNs));
  EXPECT_FALSE(p.passed_over(3, kMaxPassOverNs + 1));
}

TEST(Pace, one_long_stall_does_not_take_the_place_of_who_is_slow_whenever_it_is_waited_for) {
  auto p = four();
  all_wait(p, 4, 0, kMs);
  p.waited(1, 0, 5 * kSecond);  // for the most debt there is
  EXPECT_TRUE(p.passed_over(1, 0));
  std::uint64_t now = 0;
  int turns = 0;
  for (; !p.passed_over(3, now); ++turns) p.waited(3, now += kSecond, 150 * kMs);
  EXPECT_LE(turns, 2);
  EXPECT_FALSE(p.passed_over(1, now));
}

TEST(Pace, nobody_passes_over_itself_nor_leaves_room_for_that) {
  auto p = four(1);
  all_wait(p, 4, 0, kMs);
  p.waited(1, 0, 5 * kSecond);
  p.waited(3, 0, 50 * kMs);
  EXPECT_FALSE(p.passed_over(1, 0));
  EXPECT_TRUE(p.passed_over(3, 0));
}

TEST(Pace, what_those_who_are_passed_over_showed_before_counts_for_nothing) {
  auto p = four();
  all_see(p, 4, kMs);
  all_wait(p, 4, 0, kMs);
  p.saw_n(3, 0, kSecond);
  p.waited(3, 0, kSecond);
  ASSERT_TRUE(p.passed_over(3, 1));
  p.saw_n(1, 1, kSecond);  // with what 3 showed, half of the leaders
  EXPECT_EQ(p.repair_ns(), kMs);
  p.saw_n(2, 1, kSecond);
  EXPECT_EQ(p.repair_ns(), kLeast);
}

TEST(Pace, a_block_waits_for_final_as_long_as_four_views_take_and_for_work_and_not_beyond_two_delays) {
  auto p = four();
  EXPECT_EQ(p.final_ns(), p.sync_ns());  // nothing seen yet
  all_see(p, 4, kMs / 2);
  EXPECT_EQ(p.final_ns(), kLeast / kFinalPart);
  all_see(p, 4, 2 * kMs);
  EXPECT_EQ(p.final_ns(), kFinalTimes * 2 * kMs);
  p.worked(1, 5 * kMs);
  EXPECT_EQ(p.final_ns(), kFinalTimes * 2 * kMs + 10 * kMs);
  p.saw_n(3, 0, 10 * kSecond);  // one alone moves nothing
  EXPECT_EQ(p.final_ns(), kFinalTimes * 2 * kMs + 10 * kMs);
  all_see(p, 4, kSecond);
  EXPECT_EQ(p.final_ns(), p.sync_ns());
}

TEST(Pace, a_block_that_is_not_valid_is_a_debt_whatever_others_show) {
  auto p = four(1);
  all_wait(p, 4, 0, kSecond);
  p.misled(1, 0, kSecond);
  EXPECT_FALSE(p.passed_over(1, 1)) << "itself";
  p.misled(3, 0, 0);
  const auto least = kPassOverTimes * 4 * (kLeast / kPromptPart);
  EXPECT_TRUE(p.passed_over(3, least - 1));
  EXPECT_FALSE(p.passed_over(3, least));
  p.misled(3, least, 10 * kMs);
  EXPECT_TRUE(p.passed_over(3, least + kPassOverTimes * 4 * 10 * kMs - 1));
  EXPECT_FALSE(p.passed_over(3, least + kPassOverTimes * 4 * 10 * kMs));
}

TEST(Pace, all_are_forgiven_at_once) {
  auto p = four();
  all_wait(p, 4, 0, kMs);
  p.waited(3, 0, kSecond);
  ASSERT_TRUE(p.passed_over(3, 1));
  p.forgive();
  EXPECT_FALSE(p.passed_over(3, 1));
}

TEST(Pace, a_view_within_a_part_of_the_least_delay_is_never_slow_nor_one_that_waits_for_local_work) {
  auto p = four();
  all_wait(p, 4, 0, 1000);
  p.waited(0, 1, kLeast / kPromptPart);
  EXPECT_FALSE(p.passed_over(0, 1));
  p.worked(2, 50 * kMs);
  p.waited(0, 1, kLeast / kPromptPart + 100 * kMs);
  EXPECT_FALSE(p.passed_over(0, 1));
}

TEST(Pace, where_anybody_stumbles_now_and_then_nobody_is_passed_over_for_it) {
  auto p = four();
  for (std::uint64_t k = 0; k < 400; ++k) {
    p.waited(k % 4, k * kSecond, k / 4 % 8 == k % 4 ? 30 * kMs : 2 * kMs);
    if (k < 40) continue;  // it has to be seen first
    for (std::size_t l = 0; l < 4; ++l) ASSERT_FALSE(p.passed_over(l, k * kSecond)) << k;
  }
}

TEST(Pace, all_who_are_passed_over_have_less_than_a_third_the_worst_first) {
  Pace p({1, 1, 1, 1, 1, 1, 1}, kNone, kLeast, kMost);
  all_wait(p, 7, 0, kMs);
  const auto count = [&] {
    int n = 0;
    for (std::size_t l = 0; l < 7; ++l) n += p.passed_over(l, 1);
    return n;
  };
  p.waited(0, 1, 100 * kMs);
  EXPECT_EQ(count(), 1);
  p.waited(1, 1, 200 * kMs);
  EXPECT_EQ(count(), 2);
  p.waited(2, 1, 900 * kMs);
  EXPECT_EQ(count(), 2);
  EXPECT_FALSE(p.passed_over(0, 1));
  EXPECT_TRUE(p.passed_over(2, 1));
  for (const std::size_t l : {3, 4, 5}) p.too_slow(l);  // the network's fault: nobody is passed over
  EXPECT_EQ(count(), 0);
  Pace heavy({34, 22, 22, 22}, kNone, kLeast, kMost);  // who has more than a third is never passed over
  all_wait(heavy, 4, 0, kMs);
  heavy.waited(0, 1, kSecond);
  EXPECT_FALSE(heavy.passed_over(0, 1));
}

TEST(Pace, work_that_one_proposer_made_counts_until_the_next_block_only) {
  auto p = four();
  for (std::size_t l = 0; l < 3; ++l) p.worked(l, kMs);
  p.worked(3, 900 * kMs);
  EXPECT_EQ(p.view_ns(), 6 * kLeast + 1'800 * kMs);
  p.worked(0, kMs);
  EXPECT_EQ(p.view_ns(), 6 * kLeast + 2 * kMs);
  p.worked(0, 900 * kMs);
  p.worked(1, kMs);
  EXPECT_EQ(p.view_ns(), 6 * kLeast + 1'800 * kMs);  // of two: what their blocks take
}

TEST(Pace, one_of_one_is_more_than_a_third) {
  Pace p({7}, kNone, kLeast, kMost);
  p.too_slow(0);
  EXPECT_GT(p.delta_ns(), kLeast);
  all_wait(p, 1, 0, kMs);
  p.waited(0, 0, kSecond);
  EXPECT_FALSE(p.passed_over(0, 0));
}

}  // namespace
}  // namespace dos::consensus
