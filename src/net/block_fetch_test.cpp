#include "net/block_fetch.hpp"

#include "net/test_blocks.hpp"

namespace dos::net::test {
namespace {

struct Fetching : ::testing::Test {
  Committee committee{4};
  FakeOutbox out;
  FakeClock clock;
  RecordingArrivals arrivals;
  BlockFetch fetch{committee.facts, out, clock, arrivals};
  MadeProposal made = propose(committee, 5, {transaction(1), transaction(3)});

  std::vector<std::uint16_t> asked() {
    std::vector<std::uint16_t> to;
    for (const auto& [peer, m] : out.take<GetBlock>()) to.push_back(peer);
    return to;
  }
  void later() {
    ASSERT_TRUE(fetch.deadline_ns());
    clock.ns = std::max(clock.ns, *fetch.deadline_ns());
    fetch.wake();
  }
};

TEST_F(Fetching, asks_the_holders_in_turn_one_at_a_time_until_it_has_it) {
  fetch.want({made.id, View{5}, {3, 1, 2}, false});
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{3});
  fetch.want({made.id, View{5}, {3, 1, 2}, false});
  EXPECT_TRUE(asked().empty());
  later();
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{1});
  fetch.peer_down(1);
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{2});
  later();
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{3});
  fetch.received(2, {made.proposal, made.bytes});  // late, and as good as any
  ASSERT_EQ(arrivals.got.size(), 1u);
  EXPECT_FALSE(fetch.deadline_ns());
}

TEST_F(Fetching, waits_longer_each_round_up_to_a_limit) {
  fetch.want({made.id, View{5}, {1}, false});
  std::uint64_t before = 0, wait = 0;
  for (int i = 0; i < 12; ++i) {
    wait = *fetch.deadline_ns() - clock.ns;
    EXPECT_GE(wait, before);
    before = wait;
    later();
  }
  EXPECT_EQ(wait, kFetchWaitMaxNs);
}

TEST_F(Fetching, a_block_that_was_not_asked_for_or_is_not_what_was_asked_for_is_not_taken) {
  fetch.received(1, {made.proposal, made.bytes});
  fetch.want({made.id, View{5}, {1, 2}, false});
  out.sent.clear();
  auto wrong = made.bytes;
  wrong[9] ^= 1;
  fetch.received(1, {made.proposal, wrong});
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{2});  // the next at once
  auto unsigned_one = made.proposal;
  unsigned_one.vote.signature.bytes[5] ^= 1;
  fetch.received(2, {unsigned_one, made.bytes});
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{1});
  EXPECT_TRUE(arrivals.got.empty());
  EXPECT_EQ(fetch.unasked(), 3u);
  fetch.want({made.id, View{5}, {}, true});  // the header came meanwhile: its vote is known
  fetch.received(1, {unsigned_one, made.bytes});
  EXPECT_EQ(arrivals.got.size(), 1u);
}

TEST_F(Fetching, who_has_it_alone_and_sends_something_else_is_asked_no_more_often_for_that) {
  auto wrong = made.bytes;
  wrong[9] ^= 1;
  fetch.want({made.id, View{5}, {1, 2}, true});
  std::size_t asks = 0;
  for (const auto ends = clock.ns + 10 * kFetchWaitNs; clock.ns < ends && asks < 1000;) {
    const auto to = asked();
    asks += to.size();
    for (const auto peer : to) fetch.received(peer, {made.proposal, wrong});
    if (to.empty()) later();
  }
  EXPECT_GE(asks, 5u);
  EXPECT_LE(asks, 2u + 10u);
  fetch.received(2, {made.proposal, made.bytes});
  EXPECT_EQ(arrivals.got.size(), 1u);
}

TEST_F(Fetching, holds_a_bounded_number_and_lets_the_lowest_views_go) {
  for (std::uint64_t v = 1; v <= kMaxFetches + 1; ++v) fetch.want({some_hash(v), View{v}, {1}, true});
  EXPECT_FALSE(fetch.wanted(some_hash(1)));
  EXPECT_TRUE(fetch.wanted(some_hash(2)));
  fetch.final_view(View{100});
  EXPECT_FALSE(fetch.wanted(some_hash(100)));
  EXPECT_TRUE(fetch.wanted(some_hash(101)));
}

TEST_F(Fetching, who_sent_the_header_alone_is_not_waited_for_once_others_have_the_block) {
  fetch.want_pushed(1, made.id, View{5});
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{1});
  fetch.want({made.id, View{5}, {1}, true});
  EXPECT_TRUE(asked().empty());
  fetch.want({made.id, View{5}, {2, 3}, true});
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{2});
  fetch.want({made.id, View{5}, {2, 3, 1}, true});  // once: the one who was asked has its time
  EXPECT_TRUE(asked().empty());
  later();
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{3});
  later();
  EXPECT_EQ(asked(), std::vector<std::uint16_t>{1}) << "last, but not left out";
}

TEST_F(Fetching, a_block_that_is_only_announced_is_asked_for_so_often) {
  fetch.want_pushed(3, made.id, View{5});
  std::size_t asks = 0;
  while (fetch.wanted(made.id) && asks < 2 * kMaxPushedAsks) {
    asks += asked().size();
    later();
  }
  EXPECT_EQ(asks, kMaxPushedAsks);
  EXPECT_TRUE(asked().empty());
}

TEST_F(Fetching, blocks_that_a_peer_only_announces_displace_nothing_and_are_forgotten) {
  fetch.want({made.id, View{1}, {1}, true});
  for (std::uint64_t v = 100; v < 100 + 50; ++v) fetch.want_pushed(3, some_hash(v), View{UINT64_MAX - v});
  EXPECT_TRUE(fetch.wanted(made.id));
  unsigned left = 0;
  for (std::uint64_t v = 100; v < 100 + 50; ++v) left += fetch.wanted(some_hash(v));
  EXPECT_EQ(left, kMaxPushedPerPeer);
  fetch.have(made.id);
  for (int i = 0; i < 100 && fetch.deadline_ns(); ++i) later();
  EXPECT_FALSE(fetch.deadline_ns());
}

}  // namespace
}  // namespace dos::net::test
