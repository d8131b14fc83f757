// One validator gives N but never F. So the FINAL of every other one is needed, while N is not: what happens while one of them is behind.
#include "consensus/test_cluster.hpp"

namespace dos::consensus::test {
namespace {

using ledger::VoteKind;

struct Unfinal : ::testing::Test {
  std::unique_ptr<Cluster> c;

  void begin(std::uint64_t max_unfinal_views = kMaxUnfinalViews, std::uint64_t max_unfinal_bytes = kMaxUnfinalBytes) {
    ClusterOptions o;
    o.max_unfinal_views = max_unfinal_views;
    o.max_unfinal_bytes = max_unfinal_bytes;
    c = std::make_unique<Cluster>(o);
    c->run_for(kSecond);
    c->swallow = [](std::uint16_t from, std::uint16_t, const Message& m) {
      if (from == 3 && std::holds_alternative<StatusReport>(m)) return true;  // nor does it say what is final there
      const auto* v = std::get_if<Votes>(&m);
      return from == 3 && v != nullptr && std::ranges::any_of(v->votes, [](const auto& vote) {
               return vote.ballot.voter == 3 && vote.ballot.items.front().kind == VoteKind::final;
             });
    };
  }
  bool done_within(std::uint64_t tx, std::uint64_t ns) {
    return c->run_until([&] { return final_everywhere(*c, tx); }, ns);
  }
};

TEST_F(Unfinal, who_was_away_for_a_moment_catches_up_with_those_who_go_on) {
  begin();
  c->power_off(2);
  const auto tx = c->submit(0);
  c->run_for(2 * kSecond);
  EXPECT_FALSE(c->is_final(0, tx));
  EXPECT_LT(c->status(0).current.value, 400u);  // no block after the other as fast as the network can
  c->start(2);
  EXPECT_TRUE(done_within(tx, 10 * kSecond));
  EXPECT_TRUE(done_within(c->submit(1), kSecond));
}

TEST_F(Unfinal, who_stopped_voting_for_want_of_a_final_block_votes_again_once_there_is_one) {
  begin(100);
  c->power_off(2);
  const auto tx = c->submit(0);
  c->run_for(20 * kSecond);
  for (const std::uint16_t i : {0, 1}) {
    EXPECT_NE(c->node(i).stopped, "");
    EXPECT_FALSE(c->status(i).votes);
    EXPECT_TRUE(c->status(i).acks);
  }
  c->start(2);
  EXPECT_TRUE(done_within(tx, 20 * kSecond));
  EXPECT_TRUE(c->run_until([&] { return c->status(0).votes && c->status(1).votes; }, kSecond));
  EXPECT_TRUE(done_within(c->submit(1), kSecond));
}

TEST_F(Unfinal, ever_fewer_views_are_begun_while_no_block_becomes_final) {
  begin(20);
  c->power_off(2);
  c->submit(0);
  c->run_for(60 * kSecond);
  const auto first = c->status(0).current.value;
  EXPECT_LT(first, 20 + 60u);
  c->run_for(3540 * kSecond);
  EXPECT_GT(c->status(0).current.value, first + 16);
  EXPECT_LT(c->status(0).current.value, 20 + 16 * 12u);
}

// FINAL of an older block ends the pause, and the leader of the view in which that happens may never come.
TEST_F(Unfinal, once_a_block_is_final_the_time_of_the_view_is_that_of_any_view) {
  begin(20);
  c->power_off(2);
  const auto tx = c->submit(0);
  c->run_for(3600 * kSecond);
  const auto led_by_3 = [&] { return c->leader(c->status(0).current.value) == 3 && c->status(1).current == c->status(0).current; };
  ASSERT_TRUE(c->run_until(led_by_3, 36'000 * kSecond));
  c->swallow = [no_final = c->swallow](std::uint16_t from, std::uint16_t to, const Message& m) {
    return (from == 3 && std::holds_alternative<Proposal>(m)) || no_final(from, to, m);
  };
  c->start(2);
  EXPECT_TRUE(done_within(tx, 20 * kSecond));
  EXPECT_TRUE(done_within(c->submit(1), 20 * kSecond));
}

// Each of its blocks may be as large as any.
TEST_F(Unfinal, what_no_final_block_lets_go_is_bounded_in_bytes) {
  constexpr std::size_t kPad = 64 * 1024, kMost = 16 * kPad;
  begin(kMaxUnfinalViews, kMost);
  for (const std::uint16_t i : {0, 1, 3}) c->node(i).pads.first = kPad;
  c->node(3).pads.second = true;
  c->power_off(2);
  const auto tx = c->submit(0);
  c->run_for(20 * kSecond);
  for (const std::uint16_t i : {0, 1}) {
    std::size_t held = 0;
    for (const auto& [id, payload] : c->node(i).payloads) held += payload.size();
    EXPECT_LT(held, kMost + 8 * kPad);
    EXPECT_GT(c->status(i).current.value, 100u);  // with empty ones they go on
  }
  c->start(2);
  EXPECT_TRUE(done_within(tx, 20 * kSecond));
  EXPECT_TRUE(done_within(c->submit(1), 2 * kSecond));
}

// Nothing that was voted for in those views can become final: there must be further ones.
TEST_F(Unfinal, a_network_whose_headers_were_lost_for_all_those_views_decides_once_they_come) {
  begin(40);
  c->swallow = [](std::uint16_t, std::uint16_t, const Message& m) { return std::holds_alternative<Proposal>(m); };
  const auto tx = c->submit(0);
  ASSERT_TRUE(c->run_until([&] { return !c->status(0).votes && !c->status(1).votes; }, 20000 * kSecond));
  for (std::uint16_t i = 0; i < 4; ++i) c->power_off(i);
  for (std::uint16_t i = 0; i < 4; ++i) c->start(i);
  c->run_for(kSecond);
  c->swallow = nullptr;
  EXPECT_TRUE(done_within(tx, 1000 * kSecond));
  EXPECT_TRUE(done_within(c->submit(1), 20 * kSecond));
}

TEST_F(Unfinal, who_lost_its_disk_meanwhile_votes_above_its_floor_in_the_end) {
  begin(100);
  c->power_off(2);
  const auto tx = c->submit(0);
  c->run_for(20 * kSecond);
  ASSERT_NE(c->node(0).stopped, "");
  c->lose_disk(2);
  c->start(2);
  EXPECT_TRUE(done_within(tx, 120 * kSecond));
  EXPECT_TRUE(done_within(c->submit(1), kSecond));
}

}  // namespace
}  // namespace dos::consensus::test
