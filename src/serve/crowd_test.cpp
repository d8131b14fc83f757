// Who goes when room is short: places, bytes, handshakes.
#include <gtest/gtest.h>

#include "serve/byte_budget.hpp"
#include "serve/crowd.hpp"
#include "serve/handshake_pace.hpp"

namespace dos::serve {
namespace {

api::Source from(std::uint8_t n) { return api::source_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, n}); }

TEST(Crowd, the_oldest_of_the_source_that_holds_most_goes) {
  Crowd crowd(4);
  for (std::uint64_t id = 1; id <= 3; ++id) EXPECT_TRUE(crowd.enter(id, from(1)).in);
  EXPECT_TRUE(crowd.enter(4, from(2)).in);
  const auto fifth = crowd.enter(5, from(3));
  EXPECT_TRUE(fifth.in);
  EXPECT_EQ(fifth.out, 1u);
  crowd.rest(2);  // heard of again
  EXPECT_EQ(crowd.enter(6, from(3)).out, 3u);
  EXPECT_EQ(crowd.size(), 4u);
  EXPECT_EQ(crowd.of(from(1)), 1u);
  EXPECT_EQ(crowd.of(from(3)), 2u);
}

TEST(Crowd, of_one_source_alone_newcomers_get_in_as_long_as_anybody_only_waits) {
  Crowd crowd(3);
  for (std::uint64_t id = 1; id <= 3; ++id) crowd.enter(id, from(1));
  crowd.work(1);
  EXPECT_EQ(crowd.enter(4, from(1)).out, 2u);
  crowd.work(3);
  crowd.work(4);
  EXPECT_FALSE(crowd.enter(5, from(1)).in) << "all are at work";
  crowd.rest(1);
  EXPECT_EQ(crowd.enter(5, from(1)).out, 1u);
}

TEST(Crowd, who_is_at_work_goes_only_for_a_source_that_holds_clearly_less) {
  Crowd crowd(4);
  for (std::uint64_t id = 1; id <= 4; ++id) {
    crowd.enter(id, from(1));
    crowd.work(id);
  }
  EXPECT_EQ(crowd.enter(5, from(2)).out, 1u);
  EXPECT_EQ(crowd.working(), 3u);
  crowd.work(5);
  EXPECT_EQ(crowd.enter(6, from(2)).out, 2u);
  crowd.work(6);
  EXPECT_FALSE(crowd.enter(7, from(2)).in) << "two and two";
  EXPECT_EQ(crowd.give_up(), std::nullopt);
  crowd.rest(6);
  EXPECT_EQ(crowd.give_up(from(1)), std::nullopt);
  EXPECT_EQ(crowd.give_up(), 6u);
  crowd.leave(99);
  EXPECT_EQ(crowd.size(), 3u);
}

TEST(Crowd, a_source_that_holds_most_gives_up_its_own) {
  Crowd crowd(4);
  for (std::uint64_t id = 1; id <= 3; ++id) crowd.enter(id, from(1));
  crowd.enter(4, from(2));
  EXPECT_EQ(crowd.enter(5, from(1)).out, 1u);
  for (std::uint64_t id : {2, 3, 5}) crowd.work(id);
  EXPECT_FALSE(crowd.enter(6, from(1)).in) << "not at the cost of another";
  EXPECT_TRUE(crowd.contains(4));
}

constexpr std::size_t kMiB = 1u << 20, kFree = 16 * 1024;

TEST(ByteBudget, counts_what_came_above_what_is_free_for_each) {
  ByteBudget budget(4 * kMiB, kFree);
  EXPECT_TRUE(budget.hold(1, from(1), kFree).fits);
  EXPECT_EQ(budget.bytes(), 0u);
  EXPECT_TRUE(budget.hold(1, from(1), kFree + 1).fits);
  EXPECT_EQ(budget.bytes(), 1u);
  EXPECT_TRUE(budget.hold(1, from(1), kMiB + kFree).fits);
  EXPECT_EQ(budget.bytes(), kMiB);
  budget.leave(1);
  EXPECT_EQ(budget.bytes(), 0u);
}

TEST(ByteBudget, one_source_has_three_quarters_and_gives_up_its_oldest) {
  ByteBudget budget(4 * kMiB, 0);
  for (std::uint64_t id = 1; id <= 3; ++id) EXPECT_TRUE(budget.hold(id, from(1), kMiB).out.empty());
  const auto more = budget.hold(4, from(1), 1);
  EXPECT_TRUE(more.fits);
  EXPECT_EQ(more.out, std::vector<std::uint64_t>{1});
  EXPECT_EQ(budget.bytes(), 2 * kMiB + 1);
  EXPECT_TRUE(budget.hold(5, from(2), kMiB).out.empty()) << "the rest is for others";
}

TEST(ByteBudget, in_all_the_source_that_holds_most_gives_up) {
  ByteBudget budget(4 * kMiB, 0);
  budget.hold(1, from(1), kMiB);
  budget.hold(2, from(2), 3 * kMiB / 2);
  budget.hold(3, from(2), 3 * kMiB / 2);
  EXPECT_EQ(budget.hold(4, from(3), 1).out, std::vector<std::uint64_t>{2});
}

TEST(ByteBudget, what_is_worked_on_stays_and_then_the_newcomer_is_refused) {
  ByteBudget budget(4 * kMiB, 0);
  budget.hold(1, from(1), 2 * kMiB);
  budget.keep(1);
  budget.hold(2, from(2), 2 * kMiB);
  budget.keep(2);
  const auto more = budget.hold(3, from(3), 1);
  EXPECT_FALSE(more.fits);
  EXPECT_TRUE(more.out.empty());
  EXPECT_EQ(budget.bytes(), 4 * kMiB);
  budget.leave(1);
  EXPECT_TRUE(budget.hold(3, from(3), 1).fits);
  EXPECT_FALSE(budget.hold(3, from(3), 3 * kMiB + 1).fits) << "more than one source may";
}

TEST(HandshakePace, a_source_that_is_too_quick_waits_behind_itself_alone) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  HandshakePace pace({10, 5}, {100, 100}, kSecond);
  const std::uint64_t now = 7 * kSecond;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pace.wait_ns(from(1), now), 0u) << i;
  EXPECT_EQ(pace.wait_ns(from(1), now), kSecond / 10);
  for (int i = 2; i <= 10; ++i) EXPECT_EQ(pace.wait_ns(from(1), now), std::uint64_t(i) * kSecond / 10);
  EXPECT_EQ(pace.wait_ns(from(1), now), std::nullopt) << "longer than anybody should";
  EXPECT_EQ(pace.wait_ns(from(2), now), 0u);
  EXPECT_EQ(pace.wait_ns(from(1), now + kSecond / 10), kSecond);
  EXPECT_EQ(pace.wait_ns(from(1), now + 60 * kSecond), 0u);
}

TEST(HandshakePace, all_together_are_held_to_a_pace_and_few_are_remembered) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  HandshakePace pace({10, 5}, {20, 20}, 0);
  int begun = 0;
  for (int i = 0; i < 200; ++i) begun += pace.wait_ns(from(std::uint8_t(i)), kSecond) == 0 ? 1 : 0;
  EXPECT_EQ(begun, 20);
  for (std::uint64_t s = 0; s < 3 * HandshakePace::kMaxSources; ++s) {
    ByteArray<16> a{0x20, 1};
    for (int i = 0; i < 6; ++i) a[std::size_t(2 + i)] = std::uint8_t(s >> (8 * i));
    pace.wait_ns(api::source_of(a), kSecond * (10 + s));
  }
  EXPECT_LE(pace.sources(), HandshakePace::kMaxSources);
}

}  // namespace
}  // namespace dos::serve
