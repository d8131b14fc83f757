// What is a lie, and what follows from it: evidence, punishment, an end to voting (test_rules.hpp).
#include "consensus/test_rules.hpp"

namespace dos::consensus::test {
namespace {

TEST_F(Rules, equivocating_leader_is_evidenced_once) {
  const auto a = block(1, nullptr, 5), b = block(1, nullptr, 6), d = block(1, nullptr, 7);
  propose(a);
  propose(b);
  EXPECT_EQ(node().evidence.size(), 1u);
  EXPECT_EQ(node().evidence[0].voter, 1);
  EXPECT_GE(said(null(1)), 1u);  // and its view is given up
  propose(d);
  propose(a);
  propose(b);
  EXPECT_EQ(node().evidence.size(), 1u);
}

TEST_F(Rules, null_and_final_of_one_view_are_evidence_as_are_two_finals) {
  vote(2, null(1));
  vote(2, fin(View{1}, some(1), some(2)));
  ASSERT_EQ(node().evidence.size(), 1u);  // E2
  vote(3, fin(View{1}, some(1), some(2)));
  vote(3, fin(View{1}, some(1), some(3)));  // E3: another result is enough
  ASSERT_EQ(node().evidence.size(), 2u);
  EXPECT_EQ(node().evidence[1].voter, 3);
  vote(1, notar(View{1}, some(1)));
  vote(1, fin(View{1}, some(1), some(2)));  // a NOTAR and a FINAL contradict nothing
  EXPECT_EQ(node().evidence.size(), 2u);
}

TEST_F(Rules, a_forged_vote_is_punished_and_does_not_count) {
  auto v = c->vote(3, {null(1)});
  v.ballot.voter = 2;
  c->say(3, 0, Votes{{v}});
  c->run_for(kMs);
  EXPECT_EQ(node().punished.size(), 1u);
  vote(1, null(1));
  EXPECT_EQ(c->status(0).current, View{1});
}

TEST_F(Rules, a_forged_vote_in_the_receivers_own_name_is_punished_whatever_its_view) {
  for (const std::uint64_t view : {1ull, 3ull, 1'000'000ull}) {
    auto v = c->vote(3, {null(view)});
    v.ballot.voter = 0;
    node().punished.clear();
    c->say(3, 0, Votes{{v, v}});
    c->run_for(kMs);
    ASSERT_EQ(node().punished.size(), 1u) << view;  // the second is not looked at
    EXPECT_EQ(node().punished[0].peer, 3);
  }
  EXPECT_EQ(node().stopped, "");
}

TEST_F(Rules, a_forged_header_in_a_view_that_the_receiver_leads_is_punished) {
  std::uint64_t own = 1;
  while (c->leader(own) != 0) ++own;
  ASSERT_LE(own, 16u);
  auto p = block(own);
  p.vote = c->vote(3, {notar(View{own}, id(p))});
  p.vote.ballot.voter = 0;
  c->say(3, 0, p);
  c->run_for(kMs);
  ASSERT_EQ(node().punished.size(), 1u);
  EXPECT_EQ(node().punished[0].peer, 3);
  EXPECT_EQ(node().stopped, "");
}

TEST_F(Rules, a_header_is_passed_on_with_the_vote_that_verified) {
  const auto p = block(1);
  vote(1, notar(View{1}, id(p)));
  auto forged = p;
  forged.vote.signature.bytes[3] ^= 1;
  c->say(3, 0, forged);
  c->run_for(kMs);
  const auto* kept = node().engine->proposal(id(p));
  ASSERT_NE(kept, nullptr);
  EXPECT_TRUE(check_vote(c->facts().chain, c->facts().epoch, c->facts().validators, kept->vote));
}

TEST_F(Rules, another_result_of_a_weak_set_stops_voting_and_of_a_strong_set_halts) {
  const auto p = block(1);
  propose(p);
  vote(2, notar(View{1}, id(p)));
  vote(1, fin(View{1}, id(p), some(9)));
  vote(1, fin(View{1}, id(p), some(8)));  // one liar with two results is still one
  EXPECT_EQ(node().stopped, "");
  vote(2, fin(View{1}, id(p), some(9)));
  EXPECT_NE(node().stopped, "");
  EXPECT_EQ(node().halted, "");
  EXPECT_FALSE(c->status(0).votes);
  vote(3, fin(View{1}, id(p), some(9)));
  EXPECT_NE(node().halted, "");
}

TEST_F(Rules, two_notarized_blocks_of_a_view_halt) {
  vote({1, 2, 3}, notar(View{1}, some(1)));
  EXPECT_EQ(node().halted, "");
  vote({1, 2, 3}, notar(View{1}, some(2)));
  EXPECT_NE(node().halted, "");
}

TEST_F(Rules, a_final_and_nullified_view_halts) {
  vote({1, 2, 3}, null(1));
  vote({1, 2, 3}, fin(View{1}, some(1), some(2)));
  EXPECT_NE(node().halted, "");
}

TEST_F(Rules, a_third_block_of_a_voter_counts_only_where_an_honest_one_stands) {
  vote(3, notar(View{1}, some(1)));
  vote(3, notar(View{1}, some(2)));
  vote(3, notar(View{1}, some(3)));  // over the bound
  vote({1, 2}, notar(View{1}, some(3)));
  EXPECT_EQ(node().fetches, 0u);
  vote(3, notar(View{1}, some(3)));  // a certificate is believed whatever else its voter said
  c->run_for(kSecond);
  EXPECT_EQ(said(null(1)), 0u);  // N is held: its block is fetched instead
  EXPECT_GE(node().fetches, 1u);
}

TEST_F(Rules, an_own_vote_from_elsewhere_stops_voting) {
  c->say(2, 0, Votes{{c->vote(0, {null(3)})}});
  c->run_for(kMs);
  EXPECT_NE(node().stopped, "");
  begin({});
  vote(1, null(1));
  ASSERT_GE(said(null(1)), 1u);
  for (const auto& [to, m] : heard)  // what it did sign may come back
    if (const auto* v = std::get_if<Votes>(&m)) {
      c->say(2, 0, *v);
      c->run_for(kMs);
    }
  EXPECT_EQ(node().stopped, "");
}

TEST_F(Rules, a_broken_header_of_the_leader_is_refused) {
  for (int k = 0; k < 8; ++k) {
    auto p = block(1);
    auto& h = p.header;
    if (k == 0) h.version = 2;
    if (k == 1) h.chain = some(3);
    if (k == 2) h.proposer = 2;
    if (k == 3) h.valset = some(3);
    if (k == 4) h.next_valset = some(3);
    if (k == 5) h.payload.shard_root = some(3);
    if (k == 6) h.parent_view = View{1};
    if (k == 7) h.payload.len = kMaxPayloadBytes + 1;
    p.vote = c->vote(1, {notar(View{1}, id(p))});
    propose(p);
    EXPECT_EQ(node().punished.size(), std::size_t(k + 1));
  }
  auto stolen = block(1);
  stolen.vote = c->vote(2, {notar(View{1}, id(stolen))});  // not its leader's
  c->say(2, 0, stolen);
  c->run_for(kMs);
  EXPECT_EQ(node().punished.size(), 9u);
}

}  // namespace
}  // namespace dos::consensus::test
