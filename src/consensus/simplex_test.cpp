// The rules one by one, in a cluster of real engines (test_cluster.hpp).
#include "consensus/test_cluster.hpp"

namespace dos::consensus::test {
namespace {

using ledger::VoteItem;
using ledger::VoteKind;

TEST(Simplex, a_transaction_is_final_everywhere_in_three_hops) {
  ClusterOptions o;
  o.delay_min_ns = o.delay_max_ns = kMs;
  Cluster c(o);
  c.run_for(kSecond);
  const auto start = c.now();
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, kSecond));
  // One hop of gossip to the leader, then proposal, NOTAR, FINAL.
  EXPECT_LE(c.now() - start, 4 * kMs);
}

TEST(Simplex, lone_validator_makes_blocks_through_the_same_rules) {
  ClusterOptions o;
  o.weights = {7};
  Cluster c(o);
  c.run_for(kSecond);
  for (int k = 1; k <= 5; ++k) {
    const auto tx = c.submit(0);
    ASSERT_TRUE(c.run_until([&] { return c.is_final(0, tx); }, kMs));
    EXPECT_EQ(c.height(0), std::uint64_t(k));
  }
  EXPECT_EQ(c.node(0).persists, 1 + 2 * 5u);  // the gate, then NOTAR and FINAL of each
  EXPECT_TRUE(c.idle());
  c.power_off(0);
  c.start(0);
  EXPECT_GE(c.height(0), 4u);
  ASSERT_TRUE(c.run_until([&] { return c.height(0) == 5; }, kSecond));  // its own FINAL made the last one final
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return c.is_final(0, tx); }, kSecond));
}

TEST(Simplex, idle_engine_has_no_deadline) {
  Cluster c;
  c.run_for(kSecond);
  EXPECT_TRUE(c.idle());
  const auto tx = c.submit(2);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, kSecond));
  c.run_for(kSecond);
  EXPECT_TRUE(c.idle());
  const auto views = c.status(0).current;
  const auto steps = c.node(0).steps;
  c.run_for(600 * kSecond);
  EXPECT_EQ(c.status(0).current, views);
  EXPECT_EQ(c.node(0).steps, steps);
  EXPECT_EQ(c.height(0), 1u);
}

TEST(Simplex, a_silent_leader_is_passed_by_null_votes) {
  for (std::uint16_t dead = 0; dead < 4; ++dead) {
    Cluster c;
    c.run_for(kSecond);
    c.power_off(dead);
    for (int k = 0; k < 8; ++k) {
      const auto tx = c.submit((dead + 1) % 4);
      ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond)) << k;
    }
    EXPECT_EQ(c.least_height(), 8u);
  }
}

TEST(Simplex, a_dead_leader_is_not_waited_for_after_two_views) {
  Cluster c;
  c.run_for(kSecond);
  c.power_off(1);
  for (int k = 0; k < 30; ++k) {
    const auto tx = c.submit(0);
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond));
  }
  // From here on no view of v2 costs a timeout.
  while (c.leader(c.status(0).current.value) != 1) {
    const auto tx = c.submit(0);
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond));
  }
  const auto start = c.now();
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond));
  EXPECT_LT(c.now() - start, 20 * kMs);
}

TEST(Simplex, demand_of_one_validator_alone_moves_all) {
  ClusterOptions o;
  o.gossip = false;
  Cluster c(o);
  c.run_for(kSecond);
  for (std::uint16_t i = 0; i < 4; ++i) {
    const auto tx = c.submit(i);
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 30 * kSecond)) << i;
  }
  c.run_for(10 * kSecond);
  EXPECT_TRUE(c.idle());
}

TEST(Simplex, a_block_is_made_for_who_asks_for_one) {
  Cluster c;
  c.run_for(kSecond);
  for (std::uint16_t i = 0; i < 4; ++i) {
    const auto before = c.least_height();
    c.ask_block(i);
    ASSERT_TRUE(c.run_until([&] { return c.least_height() > before; }, kSecond)) << i;
    c.run_for(5 * kSecond);
    EXPECT_TRUE(c.idle());
    EXPECT_LE(c.least_height(), before + 2);  // and not many: the wish may be heard twice
  }
}

TEST(Simplex, restarted_nodes_go_on_from_their_journals) {
  Cluster c;
  for (int k = 0; k < 6; ++k) {
    const auto tx = c.submit(std::uint16_t(k % 4));
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond));
    c.power_off(std::uint16_t(k % 4));
    c.run_for(100 * kMs);
    if (k == 3) c.checkpoint(1);
    c.start(std::uint16_t(k % 4));
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond)) << k;
  }
  for (std::uint16_t i = 0; i < 4; ++i) c.power_off(i);  // the power goes everywhere
  for (std::uint16_t i = 0; i < 4; ++i) c.start(i);
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond));
  EXPECT_GE(c.least_height(), 7u);
}

}  // namespace
}  // namespace dos::consensus::test
