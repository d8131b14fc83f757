// What one honest validator signs, and when, seen from its side (test_rules.hpp).
#include "consensus/test_rules.hpp"

namespace dos::consensus::test {
namespace {

TEST_F(Rules, a_header_with_its_payload_is_notarized_once) {
  const auto p = block(1);
  propose(p);
  EXPECT_EQ(said(notar(View{1}, id(p))), 1u);
  propose(p);
  propose(block(1, nullptr, 6));  // a second header of the view gets no vote
  EXPECT_EQ(said(notar(View{1}, id(p))), 1u);
  EXPECT_EQ(c->votes_heard().at({0, 1, VoteKind::notar}).id, id(p));
}

TEST_F(Rules, without_the_payload_nothing_is_notarized) {
  const auto p = block(1);
  c->say(1, 0, p, false);
  c->run_for(10 * kMs);
  EXPECT_EQ(said(notar(View{1}, id(p))), 0u);
  c->run_for(kSecond);  // it is asked for while the view lasts
  EXPECT_GE(node().fetches, 1u);
  EXPECT_EQ(said(null(1)) > 0, true);
}

TEST_F(Rules, null_of_a_weak_set_is_followed) {
  vote(2, null(1));
  EXPECT_EQ(said(null(1)), 0u);
  vote(3, null(1));
  EXPECT_GE(said(null(1)), 1u);
  EXPECT_EQ(c->status(0).current, View{2});  // two and its own: Z
}

TEST_F(Rules, the_leaders_own_null_is_followed) {
  vote(1, null(1));
  EXPECT_GE(said(null(1)), 1u);
}

TEST_F(Rules, a_view_with_work_is_given_up_when_its_time_is_over) {
  vote(2, null(1));  // somebody wants to go on: the clock runs
  EXPECT_EQ(said(null(1)), 0u);
  c->run_for(kSecond);
  EXPECT_GE(said(null(1)), 1u);
}

TEST_F(Rules, final_follows_N_and_execution) {
  const auto p = block(1);
  propose(p);
  vote(2, notar(View{1}, id(p)));  // with the leader's and its own: strong
  EXPECT_GE(said(fin(View{1}, id(p), c->result_of(p.header))), 1u);
  EXPECT_EQ(c->status(0).current, View{2});
  vote({1, 2}, fin(View{1}, id(p), c->result_of(p.header)));
  EXPECT_EQ(c->height(0), 1u);
  EXPECT_EQ(c->status(0).floor, View{1});
  EXPECT_EQ(c->status(0).fin_voted, Height{1});
}

TEST_F(Rules, final_is_not_signed_after_null_but_notar_is) {
  vote({2, 3}, null(1));
  ASSERT_GE(said(null(1)), 1u);
  begin({});
  vote(1, null(1));  // own NULL follows the leader's; no Z yet
  ASSERT_EQ(c->status(0).current, View{1});
  const auto p = block(1);
  propose(p);
  EXPECT_EQ(said(notar(View{1}, id(p))), 1u);
  vote(2, notar(View{1}, id(p)));
  EXPECT_EQ(c->status(0).current, View{2});  // N is evidence whatever was signed
  EXPECT_EQ(said(fin(View{1}, id(p), c->result_of(p.header))), 0u);
}

TEST_F(Rules, slow_execution_never_nullifies) {
  node().answers = false;
  const auto p = block(1);
  propose(p);
  vote(2, notar(View{1}, id(p)));
  c->run_for(100 * kSecond);
  EXPECT_EQ(said(null(1)), 0u);
  EXPECT_EQ(c->status(0).current, View{1});
  c->give(0, Executed{id(p), true, c->result_of(p.header), 100 * kSecond});
  EXPECT_EQ(c->status(0).current, View{2});
  c->run_for(kMs);
  EXPECT_GE(said(fin(View{1}, id(p), c->result_of(p.header))), 1u);
}

TEST_F(Rules, a_notarized_block_that_is_not_valid_is_given_up) {
  const auto p = c->propose(1, View{1}, nullptr, c->genesis().result, {5}, false);
  propose(p);
  EXPECT_EQ(said(notar(View{1}, id(p))), 1u);  // its contents are judged by execution
  EXPECT_EQ(said(null(1)), 0u);
  vote(2, notar(View{1}, id(p)));
  EXPECT_GE(said(null(1)), 1u);
  vote({2, 3}, null(1));
  EXPECT_EQ(c->status(0).current, View{2});
  const auto child = c->propose(2, View{2}, &p.header, c->result_of(p.header), {6});
  propose(child);
  EXPECT_EQ(said(notar(View{2}, id(child))), 0u);  // never a parent
}

TEST_F(Rules, a_wrong_parent_result_is_never_notarized) {
  const auto p = c->propose(1, View{1}, nullptr, some(9), {5});
  propose(p);
  EXPECT_EQ(said(notar(View{1}, id(p))), 0u);
}

TEST_F(Rules, a_parent_needs_N_and_the_views_between_need_Z) {
  const auto a = block(1);
  propose(a);
  vote({2, 3}, null(1));
  ASSERT_EQ(c->status(0).current, View{2});
  const auto on_a = block(2, &a.header);
  propose(on_a);  // `a` has two NOTARs: no N
  EXPECT_EQ(said(notar(View{2}, id(on_a))), 0u);
  vote(2, notar(View{1}, id(a)));  // now it has
  EXPECT_EQ(said(notar(View{2}, id(on_a))), 1u);
  begin({});
  const auto again = block(1), on_genesis = block(2);
  propose(again);
  vote(2, notar(View{1}, id(again)));
  ASSERT_EQ(c->status(0).current, View{2});
  propose(on_genesis);  // view 1 has no Z
  EXPECT_EQ(said(notar(View{2}, id(on_genesis))), 0u);
}

TEST_F(Rules, a_header_of_the_future_waits_for_the_clock) {
  auto p = block(1);
  p.header.time = TimeMs{1'000'000 + c->now() / kMs + 500 + 60};
  p.vote = c->vote(1, {notar(View{1}, id(p))});
  propose(p);
  c->run_for(20 * kMs);
  EXPECT_EQ(said(notar(View{1}, id(p))), 0u);
  c->run_for(60 * kMs);
  EXPECT_EQ(said(notar(View{1}, id(p))), 1u);
}

TEST_F(Rules, no_vote_is_signed_at_or_below_floor) {
  const auto a = block(1), b = block(1, nullptr, 6);
  c->give(0, Adopted{a.header, c->result_of(a.header), [&] {
                       std::vector<ledger::Vote> votes;
                       for (std::uint16_t v = 1; v < 4; ++v) votes.push_back(c->vote(v, {fin(View{1}, id(a), c->result_of(a.header))}));
                       return *certify(c->facts().validators, fin(View{1}, id(a), c->result_of(a.header)), votes);
                     }()});
  EXPECT_EQ(c->status(0).floor, View{1});
  EXPECT_EQ(c->status(0).current, View{2});
  propose(a);
  propose(b);
  vote({1, 2, 3}, null(1));
  vote({1, 2, 3}, notar(View{1}, id(b)));
  EXPECT_FALSE(c->votes_heard().contains({0, 1, VoteKind::notar}));
  EXPECT_FALSE(c->votes_heard().contains({0, 1, VoteKind::null}));
  EXPECT_FALSE(c->votes_heard().contains({0, 1, VoteKind::final}));
}

TEST_F(Rules, the_evidence_of_a_vote_is_in_the_journal_with_it) {
  vote({2, 3}, null(1));
  ASSERT_EQ(c->status(0).current, View{2});
  vote({2, 3}, null(2));
  ASSERT_EQ(c->status(0).current, View{3});
  c->power_off(0);  // alone, with nothing but its journal
  c->start(0);
  EXPECT_GE(c->status(0).current, View{2});  // its vote in view 2 rested on Z(1)
  EXPECT_TRUE(c->votes_heard().contains({0, 2, VoteKind::null}));
  c->checkpoint(0);
  c->power_off(0);
  c->start(0);
  EXPECT_GE(c->status(0).current, View{2});
  vote({2, 3}, null(2));
  EXPECT_EQ(c->status(0).current, View{3});  // with its own vote of before
}

TEST_F(Rules, too_many_views_without_a_final_block_stop_voting) {
  ClusterOptions o;
  o.max_unfinal_views = 20;
  begin(o);
  for (std::uint64_t v = 1; v < 20; ++v) vote({1, 2, 3}, null(v));
  EXPECT_EQ(node().stopped, "");
  vote({1, 2, 3}, null(20));
  EXPECT_NE(node().stopped, "");
}

TEST_F(Rules, a_long_stretch_with_N_and_without_F_becomes_final_at_once) {
  std::vector<Proposal> chain;
  std::uint64_t v = 1;
  for (; v <= 1200 || c->leader(v - 1) == 0; ++v) {
    if (c->leader(v) == 0) {
      vote({1, 2, 3}, null(v));
      continue;
    }
    chain.push_back(block(v, chain.empty() ? nullptr : &chain.back().header, 1000 + v));
    const auto& p = chain.back();
    propose(p);
    for (const std::uint16_t voter : {1, 2, 3})
      if (voter != p.header.proposer) vote(voter, notar(View{v}, id(p)));
    ASSERT_EQ(c->status(0).current, View{v + 1});
    ASSERT_EQ(c->status(0).fin_voted, p.header.height);  // executed, and voted for
  }
  EXPECT_EQ(c->height(0), 0u);
  const auto& last = chain.back();
  vote({1, 2}, fin(last.header.view, id(last), c->result_of(last.header)));
  EXPECT_EQ(c->height(0), chain.size());  // through the highest
}

TEST_F(Rules, an_own_vote_in_an_intact_journal_that_does_not_take_is_corruption) {
  const auto made = [&](std::vector<EngineRecord> records) {
    EngineSetup setup;
    setup.facts = c->facts();
    setup.facts.voter = 0;
    const auto seed = crypto::plain_hash(as_bytes("validator 0"));
    auto key = crypto::SigningKey::from_seed(crypto::KeyType::ed25519, seed.view());
    setup.key = &*key;
    setup.records = std::move(records);
    setup.tip = c->genesis();
    TestEntropy entropy(1);
    return make_simplex(std::move(setup), entropy).has_value();
  };
  const auto gate = encode_gate({c->facts().epoch, View{0}}, Height{1});
  const auto good = c->vote(0, {null(1)});
  EXPECT_TRUE(made({gate, encode_vote(good, Height{1})}));
  auto unknown = good;
  unknown.ballot.voter = 9;
  EXPECT_FALSE(made({gate, encode_vote(unknown, Height{1})}));
  auto shapeless = good;
  shapeless.ballot.items.clear();
  EXPECT_FALSE(made({gate, encode_vote(shapeless, Height{1})}));
  EXPECT_FALSE(made({gate, encode_vote(good, Height{1}), encode_vote(c->vote(0, {fin(View{1}, some(1), some(2))}), Height{1})}));
  auto other_epoch = good;
  other_epoch.ballot.epoch = Epoch{7};
  EXPECT_TRUE(made({gate, encode_vote(other_epoch, Height{1})}));  // of another time, and of no matter
}

}  // namespace
}  // namespace dos::consensus::test
