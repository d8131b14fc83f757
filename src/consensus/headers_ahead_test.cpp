// A leader's header goes out while its record is being written (docs/spec/consensus.md, "Headers ahead of their record").
#include "consensus/test_blocks.hpp"

namespace dos::consensus::test {
namespace {

using ledger::VoteKind;

TEST(HeadersAhead, a_block_whose_leader_lost_the_record_of_it_is_built_on_all_the_same) {
  for (const bool after : {false, true}) {
    Cluster c;
    make_blocks(c, 0, 2);
    const auto view = c.status(0).current;
    const auto leader = c.leader(view.value), other = std::uint16_t((leader + 1) % 4), off = std::uint16_t((leader + 2) % 4);
    c.power_off(off);  // now the leader's vote counts
    c.node(leader).crash_in = 0;
    c.node(leader).crash_after = after;
    const auto tx = c.submit(other);
    c.run_for(5 * kMs);
    ASSERT_FALSE(c.node(leader).up);
    EXPECT_TRUE(c.votes_heard().contains({leader, view.value, VoteKind::notar}));
    EXPECT_TRUE(c.votes_heard().contains({other, view.value, VoteKind::notar}));  // it came before the power went
    c.start(leader);
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond));
    EXPECT_TRUE(std::ranges::any_of(c.node(other).finals, [&](const auto& f) { return f.header.view == view; }));
    EXPECT_EQ(c.node(leader).stopped, "");
    c.start(off);
    make_blocks(c, leader, 8);
  }
}

TEST(HeadersAhead, after_a_start_a_leader_passes_the_view_in_which_one_may_be_lost) {
  Cluster c;
  make_blocks(c, 0, 2);
  const auto view = c.status(0).current;
  const auto leader = c.leader(view.value);
  c.power_off(leader);
  c.start(leader);
  const auto start = c.now();
  const auto tx = c.submit(leader);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, kSecond));
  EXPECT_LT(c.now() - start, 20 * kMs);  // nobody waits for its time to pass
  EXPECT_TRUE(c.votes_heard().contains({leader, view.value, VoteKind::null}));
  EXPECT_FALSE(c.votes_heard().contains({leader, view.value, VoteKind::notar}));
  make_blocks(c, 0, 8);
  std::uint64_t led = 0;
  for (const auto& f : c.node(0).finals) led += f.header.proposer == leader && f.header.view > view;
  EXPECT_GT(led, 0u);  // and leads again
}

// The first view's leader is 0, and the power goes in the sync of its header, which `hears` alone hear.
std::unique_ptr<Cluster> lost_header(ClusterOptions o, std::set<std::uint16_t> hears, std::optional<Proposal>& lost) {
  std::unique_ptr<Cluster> c;
  for (o.seed = 1;; ++o.seed) {
    c = std::make_unique<Cluster>(o);
    if (c->leader(1) == 0) break;
  }
  c->liar_hears = [&lost](std::uint16_t, std::uint16_t from, const Message& m) {
    if (const auto* p = std::get_if<Proposal>(&m); p != nullptr && from == 0 && !lost) lost = *p;
  };
  c->swallow = [hears](std::uint16_t from, std::uint16_t to, const Message& m) {
    const auto* p = std::get_if<Proposal>(&m);
    return p != nullptr && from == 0 && p->header.view == View{1} && !hears.contains(to);
  };
  c->run_for(kMs);
  c->node(0).crash_in = 0;
  c->options().gossip = false;
  c->submit(0);
  c->run_for(kMs);
  EXPECT_FALSE(c->node(0).up);
  c->node(0).pool.clear();
  c->options().gossip = true;
  return c;
}

TEST(HeadersAhead, a_lost_header_that_comes_back_without_its_payload_is_not_sent_on) {
  for (const bool by_link : {false, true}) {
    ClusterOptions o;
    o.liars = {1};
    std::optional<Proposal> lost;
    const auto c = lost_header(o, {1}, lost);
    ASSERT_TRUE(lost);
    c->start(0);
    c->run_for(kMs);
    ASSERT_EQ(c->status(0).current, View{1});
    c->say(1, 0, *lost, false);
    c->run_for(kMs);
    if (by_link) c->give(0, PeerUp{1});  // its link broke and came again
    c->run_for(200 * kMs);               // or nothing moves for two delays
    EXPECT_EQ(c->node(0).halted, "") << (by_link ? "link" : "retry");
    EXPECT_EQ(c->node(0).stopped, "");
  }
}

// N of its block may be its own vote and a liar's, who alone has the payload: then nobody could go on.
TEST(HeadersAhead, a_leader_of_more_than_a_third_syncs_first) {
  ClusterOptions o;
  o.weights = {40, 30, 30};
  o.liars = {1};
  std::optional<Proposal> lost;
  const auto c = lost_header(o, {1}, lost);
  EXPECT_FALSE(lost);
  c->start(0);
  c->run_for(2 * kSecond);
  const auto tx = c->submit(2);
  EXPECT_TRUE(c->run_until([&] { return c->is_final(0, tx) && c->is_final(2, tx); }, 600 * kSecond));
}

// Its floor came out of a damaged journal, and nothing tells which header it may have lost: the cluster sees that none is sent
// before it is durable.
TEST(HeadersAhead, a_leader_in_quarantine_twice_syncs_its_first_vote_first) {
  bool led = false;
  for (std::uint64_t seed = 1; !led && seed <= 32; ++seed) {
    ClusterOptions o;
    o.seed = seed;
    Cluster c(o);
    make_blocks(c, 0, 2);
    c.lose_disk(3);
    for (const bool damaged : {false, true}) {
      c.power_off(3);
      c.node(3).intact = !damaged;
      c.start(3);
      ASSERT_TRUE(c.run_until([&] { return c.status(3).votes; }, 10 * kSecond));
    }
    const View next{c.status(3).floor.value + 1};
    if (c.leader(next.value) != 3) continue;
    make_blocks(c, 3, 6);
    led = c.votes_heard().contains({3, next.value, VoteKind::notar});
  }
  EXPECT_TRUE(led);
}

}  // namespace
}  // namespace dos::consensus::test
