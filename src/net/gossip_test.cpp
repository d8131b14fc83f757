#include "net/gossip.hpp"

#include "net/test_blocks.hpp"

namespace dos::net::test {
namespace {

struct GossipTest : ::testing::Test {
  FakeOutbox out;
  FakeClock clock;
  FakePool pool;
  TransactionGossip gossip{out, clock, pool};

  Hash submit(std::uint64_t n, std::size_t extra = 0) {
    const auto tx = transaction(n, extra);
    pool.add(tx);
    gossip.submitted(pool.entries.back().first, codec::encode(tx));
    return pool.entries.back().first;
  }
  Hash hear(std::uint16_t from, std::uint64_t n) {
    pool.add(transaction(n));
    gossip.heard(from, pool.entries.back().first);
    return pool.entries.back().first;
  }
  void forget(const Hash& w) {
    std::erase_if(pool.entries, [&](const auto& e) { return e.first == w; });
    gossip.gone(w);
  }
};

TEST_F(GossipTest, a_lone_transaction_goes_out_at_once_and_leaves_nothing_running) {
  submit(1);
  const auto sent = out.take<Gossip>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].first, FakeOutbox::kAll);
  EXPECT_FALSE(gossip.deadline_ns());
}

TEST_F(GossipTest, what_comes_within_a_millisecond_shares_a_frame) {
  submit(1);
  for (std::uint64_t i = 2; i <= 9; ++i) submit(i);
  EXPECT_EQ(out.take<Gossip>().size(), 1u);
  ASSERT_EQ(gossip.deadline_ns(), clock.ns + kGossipWaitNs);
  clock.ns += kGossipWaitNs - 1;
  gossip.wake();
  EXPECT_TRUE(out.take<Gossip>().empty());
  clock.ns += 1;
  gossip.wake();
  const auto sent = out.take<Gossip>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].second.transactions.size(), 8u);
}

TEST_F(GossipTest, a_frame_is_full_at_its_limit_unless_one_alone_is_larger) {
  submit(1);
  out.sent.clear();
  for (std::uint64_t i = 2; i <= 60; ++i) submit(i, 3000);
  submit(61, 100'000);
  clock.pass_ms(1);
  gossip.wake();
  std::size_t count = 0;
  for (const auto& [to, g] : out.take<Gossip>()) {
    std::size_t bytes = 0;
    for (const auto& t : g.transactions) bytes += t.size();
    EXPECT_TRUE(bytes <= kMaxGossipBytes || g.transactions.size() == 1);
    EXPECT_TRUE(check_limits(g));
    count += g.transactions.size();
  }
  EXPECT_EQ(count, 60u);
}

TEST_F(GossipTest, nothing_goes_to_a_peer_that_has_it_and_nothing_twice) {
  submit(1);
  out.sent.clear();
  const auto w = submit(2);
  gossip.heard(3, w);
  gossip.submitted(w, Bytes(100));
  clock.pass_ms(1);
  gossip.wake();
  const auto sent = out.take<Gossip>();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].first, 1);
  EXPECT_EQ(sent[1].first, 2);
  clock.pass_ms(10'000);
  gossip.wake();
  EXPECT_TRUE(out.sent.empty());
}

TEST_F(GossipTest, what_was_dropped_and_handed_in_again_while_it_waits_goes_out_once) {
  submit(1);
  out.sent.clear();
  forget(submit(2));
  submit(2);
  clock.pass_ms(1);
  gossip.wake();
  const auto sent = out.take<Gossip>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].second.transactions.size(), 1u);
}

TEST_F(GossipTest, what_came_from_a_peer_is_passed_on_only_when_the_chain_stands_still_and_once) {
  const auto w = hear(1, 5);
  for (int i = 0; i < 20; ++i) {
    clock.pass_ms(100);
    gossip.block_final();
    gossip.wake();
  }
  EXPECT_TRUE(out.sent.empty());
  clock.ns += kRelayAfterNs;
  gossip.wake();
  const auto sent = out.take<Gossip>();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].first, 2);
  EXPECT_EQ(sent[1].first, 3);
  clock.ns += 10 * kRelayAfterNs;
  gossip.wake();
  EXPECT_TRUE(out.sent.empty());
  EXPECT_FALSE(gossip.deadline_ns());
  forget(w);
  EXPECT_EQ(gossip.known(), 0u);
}

TEST_F(GossipTest, relaying_is_within_its_budget) {
  for (std::uint64_t i = 0; i < 400; ++i) {
    pool.add(transaction(i, 8000));
    gossip.heard(1, pool.entries.back().first);
  }
  clock.ns += kRelayAfterNs;
  gossip.wake();
  std::uint64_t bytes = 0;
  for (const auto& [to, g] : out.take<Gossip>())
    if (to == 2)
      for (const auto& t : g.transactions) bytes += t.size();
  EXPECT_GT(bytes, kRelayBytesPerSecond / 2);
  EXPECT_LE(bytes, kRelayBytesPerSecond);
  ASSERT_TRUE(gossip.deadline_ns());  // the rest follows while the chain stands still
}

TEST_F(GossipTest, a_peer_that_comes_up_gets_what_was_handed_in_here_and_is_pending) {
  out.unlink(3);
  const auto a = submit(1), b = submit(2);
  hear(2, 3);
  clock.pass_ms(1);
  gossip.wake();
  out.sent.clear();
  forget(a);
  out.peers.push_back(3);
  gossip.peer_up(3);
  const auto sent = out.take<Gossip>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].first, 3);
  ASSERT_EQ(sent[0].second.transactions.size(), 1u);
  EXPECT_EQ(sent[0].second.transactions[0], codec::encode(*pool.find(b)));
  gossip.peer_up(3);
  EXPECT_TRUE(out.sent.empty());
  gossip.peer_down(3);  // it may have lost it with the link
  gossip.peer_up(3);
  EXPECT_EQ(out.take<Gossip>().size(), 1u);
}

TEST_F(GossipTest, who_closes_and_opens_its_link_is_sent_what_waits_within_its_budget_and_all_of_it_in_the_end) {
  for (std::uint64_t i = 0; i < 200; ++i) submit(i, 100'000);  // 20 MB
  clock.pass_ms(1);
  gossip.wake();
  out.sent.clear();
  std::uint64_t bytes = 0, count = 0;
  const auto sent = [&] {
    for (const auto& [to, g] : out.take<Gossip>()) {
      EXPECT_EQ(to, 3);
      for (const auto& t : g.transactions) bytes += t.size(), ++count;
    }
  };
  for (int times = 0; times < 50; ++times, clock.pass_ms(100)) {
    gossip.peer_down(3);
    gossip.peer_up(3);
    sent();
    gossip.wake();
    sent();
  }
  EXPECT_GT(bytes, kAgainBurst / 2);
  EXPECT_LE(bytes, kAgainBurst + 5 * kAgainBytesPerSecond);
  gossip.peer_down(3);
  gossip.wake();
  EXPECT_TRUE(out.sent.empty());
  bytes = count = 0;
  gossip.peer_up(3);
  for (int i = 0; i < 1000 && gossip.deadline_ns(); ++i) {
    sent();
    clock.ns = std::max(clock.ns, *gossip.deadline_ns());
    gossip.wake();
  }
  sent();
  EXPECT_EQ(count, 200u);
  EXPECT_FALSE(gossip.deadline_ns());
}

TEST_F(GossipTest, what_is_final_before_it_was_sent_is_not_sent) {
  submit(1);
  out.sent.clear();
  forget(submit(2));
  clock.pass_ms(1);
  gossip.wake();
  EXPECT_TRUE(out.sent.empty());
}

TEST_F(GossipTest, what_came_late_is_forgotten_and_wakes_nobody_again) {
  gossip.heard(1, some_hash(1));  // of a final block: not in the pool
  ASSERT_TRUE(gossip.deadline_ns());
  clock.ns = *gossip.deadline_ns();
  gossip.wake();
  EXPECT_TRUE(out.sent.empty());
  EXPECT_EQ(gossip.known(), 0u);
  EXPECT_FALSE(gossip.deadline_ns());
}

TEST_F(GossipTest, remembers_a_bounded_number) {
  for (std::uint64_t i = 0; i < kMaxGossipOfPeer; ++i) gossip.heard(1, some_hash(i));
  EXPECT_EQ(gossip.known(), kMaxGossipOfPeer);
  gossip.heard(1, some_hash(1 << 20));  // its own oldest makes room
  EXPECT_EQ(gossip.known(), kMaxGossipOfPeer);
  for (std::uint64_t peer = 2; peer < 14; ++peer)
    for (std::uint64_t i = 0; i < kMaxGossipOfPeer; ++i) gossip.heard(std::uint16_t(peer), some_hash(peer << 20 | i));
  EXPECT_EQ(gossip.known(), kMaxGossipKnown);
}

TEST_F(GossipTest, what_peers_send_does_not_take_the_place_of_what_was_handed_in_here) {
  const auto mine = submit(1);
  for (std::uint64_t peer = 1; peer < 14; ++peer)
    for (std::uint64_t i = 0; i < kMaxGossipOfPeer; ++i) gossip.heard(std::uint16_t(peer), some_hash(peer << 20 | i));
  out.sent.clear();
  out.peers.push_back(9);
  gossip.peer_up(9);
  const auto frames = out.take<Gossip>();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].second.transactions.size(), 1u);
  EXPECT_EQ(pool.entries[0].first, mine);
}

}  // namespace
}  // namespace dos::net::test
