// The rules from one honest validator's side: three of four validators are scripted, and may say anything.
#include "consensus/test_cluster.hpp"

namespace dos::consensus::test {
namespace {

using ledger::VoteItem;
using ledger::VoteKind;

constexpr std::uint64_t kSecond = 1000 * kMs;

Hash some(std::uint8_t n) {
  Hash h;
  h.bytes.fill(n);
  return h;
}

// Validator 0 is honest; 1 leads view 1, 2 view 2.
struct Rules : ::testing::Test {
  std::unique_ptr<Cluster> c;
  std::vector<std::pair<std::uint16_t, Message>> heard;  // by whom, what validator 0 said

  void SetUp() override { begin({}); }
  void begin(ClusterOptions o) {
    o.liars = {1, 2, 3};
    for (o.seed = 1;; ++o.seed) {
      c = std::make_unique<Cluster>(o);
      if (c->leader(1) == 1 && c->leader(2) == 2) break;
    }
    heard.clear();
    c->liar_hears = [this](std::uint16_t to, std::uint16_t, const Message& m) { heard.emplace_back(to, m); };
    c->run_for(kMs);
  }
  VoteItem notar(View v, const Hash& id) { return {VoteKind::notar, v, id, Hash{}}; }
  VoteItem null(std::uint64_t v) { return {VoteKind::null, View{v}, Hash{}, Hash{}}; }
  VoteItem fin(View v, const Hash& id, const Hash& result) { return {VoteKind::final, v, id, result}; }
  void vote(std::uint16_t voter, const VoteItem& item) {
    c->say(voter, 0, Votes{{c->vote(voter, {item})}});
    c->run_for(kMs);
  }
  void vote(std::initializer_list<std::uint16_t> voters, const VoteItem& item) {
    for (const auto v : voters) vote(v, item);
  }
  Proposal block(std::uint64_t view, const ledger::Header* parent = nullptr, std::uint64_t tx = 5) {
    return c->propose(c->leader(view), View{view}, parent, parent ? c->result_of(*parent) : c->genesis().result, {tx});
  }
  void propose(const Proposal& p) {
    c->say(p.header.proposer, 0, p);
    c->run_for(kMs);
  }
  std::size_t said(const VoteItem& item) const {  // in how many votes to validator 1
    std::size_t n = 0;
    for (const auto& [to, m] : heard)
      if (const auto* v = std::get_if<Votes>(&m); v != nullptr && to == 1)
        for (const auto& vote : v->votes)
          n += vote.ballot.voter == 0 && std::find(vote.ballot.items.begin(), vote.ballot.items.end(), item) != vote.ballot.items.end();
    return n;
  }
  Hash id(const Proposal& p) const { return ledger::block_id(p.header); }
  Cluster::Node& node() { return c->node(0); }
};

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

TEST_F(Rules, answers_to_one_peer_are_bounded) {
  vote({1, 2, 3}, null(1));
  heard.clear();
  for (int k = 0; k < 1000; ++k) c->say(2, 0, Get{c->facts().epoch, {null(1)}});
  c->run_for(10 * kMs);
  EXPECT_LE(heard.size(), 25u);
  EXPECT_GE(heard.size(), 10u);
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

TEST_F(Rules, a_header_is_known_once_it_was_judged_and_not_before) {
  auto far = block(1);
  far.header.view = View{1'000'000};
  far.vote = c->vote(1, {notar(far.header.view, id(far))});
  auto unsigned_one = block(1);
  unsigned_one.vote.signature.bytes.back() ^= 1;
  auto stranger = block(1);
  stranger.header.proposer = 3;
  stranger.vote = c->vote(3, {notar(View{1}, id(stranger))});
  for (const auto& p : {far, unsigned_one, stranger}) {
    c->say(3, 0, p);
    c->run_for(kMs);
    EXPECT_EQ(node().engine->proposal(id(p)), nullptr);
    EXPECT_FALSE(node().engine->awaits(id(p)));
  }
  EXPECT_EQ(node().punished.size(), 2u);  // who is far ahead may be right
  EXPECT_EQ(node().engine->status().headers, 0u);
  const auto p = block(1);
  c->say(1, 0, p, false);
  c->run_for(kMs);
  ASSERT_NE(node().engine->proposal(id(p)), nullptr);
  EXPECT_EQ(node().engine->proposal(id(p))->vote.signature, p.vote.signature);
  EXPECT_TRUE(node().engine->awaits(id(p)));
  propose(p);
  EXPECT_FALSE(node().engine->awaits(id(p)));  // it is here
}

TEST_F(Rules, a_block_of_a_later_view_is_taken_in_one_view_ahead_and_executed_in_its_turn) {
  const auto next = block(2);
  auto far = 1 + kFetchAhead + 1;
  while (c->leader(far) == 0) ++far;
  const auto later = block(far);
  for (const auto& p : {next, later}) c->say(p.header.proposer, 0, p, false);
  c->run_for(kMs);
  ASSERT_NE(node().engine->proposal(id(later)), nullptr);
  EXPECT_TRUE(node().engine->awaits(id(next)));
  EXPECT_FALSE(node().engine->awaits(id(later)));
  EXPECT_EQ(node().engine->status().current.value, 1u);
}

TEST_F(Rules, what_came_for_a_later_view_is_executed_once_that_is_entered) {
  const auto p = block(2);
  propose(p);
  EXPECT_EQ(node().executes, 0u);
  vote({1, 2, 3}, null(1));
  EXPECT_EQ(c->status(0).current.value, 2u);
  EXPECT_EQ(node().executes, 1u);
  EXPECT_EQ(said(notar(View{2}, id(p))), 1u);
}

TEST_F(Rules, one_validators_word_about_later_views_wakes_nobody) {
  c->run_for(10 * kSecond);
  ASSERT_TRUE(c->idle());
  auto far = c->status(0).current.value + 16;
  while (c->leader(far) == 0) --far;
  auto p = block(far);
  p.header.parent = crypto::plain_hash(as_bytes("no block"));
  p.header.parent_view = View{far - 1};
  p.vote = c->vote(c->leader(far), {notar(View{far}, id(p))});
  c->say(p.header.proposer, 0, p);
  c->run_for(kMs);
  ASSERT_NE(node().engine->proposal(id(p)), nullptr);
  EXPECT_TRUE(c->idle());
  vote(c->leader(far), null(far - 1));
  EXPECT_TRUE(c->idle());
  vote(std::uint16_t(c->leader(far) % 3 + 1), null(far - 2));  // with another one: an honest validator is there
  EXPECT_FALSE(c->idle());
}

TEST_F(Rules, payloads_that_nobody_votes_for_go_when_their_views_have_passed) {
  const auto lost = block(1);
  vote({1, 2}, null(1));  // the payload comes when the view is over
  vote(3, null(1));
  propose(lost);
  EXPECT_FALSE(node().engine->awaits(id(lost)));
  for (std::uint64_t v = 2; v <= 1 + kPayloadViewsKept; ++v) {
    EXPECT_EQ(c->status(0).current.value, v);
    EXPECT_EQ(node().unloads, 0u) << v;
    vote({1, 2, 3}, null(v));
  }
  EXPECT_EQ(node().unloads, 1u);
  ASSERT_NE(node().engine->proposal(id(lost)), nullptr);  // the header stays: what it says of the network was heard once
  const auto fetches = node().fetches;
  vote({2, 3}, notar(View{1}, id(lost)));  // somebody honest stands behind it after all
  c->run_for(kSecond);
  EXPECT_GT(node().fetches, fetches);
}

TEST_F(Rules, payloads_of_views_far_ahead_are_not_asked_for) {
  for (std::uint64_t v = 2; v <= 12; ++v)
    if (c->leader(v) != 0) c->say(c->leader(v), 0, block(v), false);
  c->run_for(kMs);
  EXPECT_GE(node().engine->status().headers, 5u);
  const auto before = node().fetches;
  c->run_for(120 * kMs);
  EXPECT_LE(node().fetches - before, 2u * (1 + kFetchAhead));
}

TEST_F(Rules, a_liar_that_wants_blocks_gets_one_a_second) {
  ClusterOptions o;
  o.liars = {3};
  Cluster quiet(o);
  quiet.run_for(10 * kMs);
  for (int k = 0; k < 1000; ++k) {  // ten seconds of wishes, in whatever view the others are
    quiet.say_all(3, StatusReport{quiet.facts().epoch, quiet.status(0).current, {}, {}, {}, {}, true});
    quiet.run_for(10 * kMs);
  }
  EXPECT_GE(quiet.height(0), 3u);   // it is heard
  EXPECT_LE(quiet.height(0), 14u);  // and bounded; each validator counts the second by itself
}

TEST_F(Rules, what_one_peer_claims_to_have_leaves_room_for_what_the_others_have) {
  for (std::uint64_t k = 0; k < 8; ++k) {
    Have made_up{c->facts().epoch, {}};
    for (std::uint64_t n = 0; n < 64; ++n) made_up.certificates.push_back(notar(View{1 + n % 16u}, some(std::uint8_t(1 + 8 * n + k))));
    c->say(3, 0, made_up);
  }
  c->say(2, 0, Have{c->facts().epoch, {null(1)}});
  heard.clear();
  c->run_for(kSecond);
  const auto asked = std::ranges::count_if(heard, [&](const auto& h) {
    const auto* get = std::get_if<Get>(&h.second);
    return get != nullptr && h.first == 2 && std::ranges::find(get->certificates, null(1)) != get->certificates.end();
  });
  EXPECT_GE(asked, 1);
}

TEST_F(Rules, final_blocks_elsewhere_are_fetched_on_a_status_alone_and_a_liar_is_followed_at_a_bounded_pace) {
  const StatusReport ahead{c->facts().epoch, View{900}, View{899}, Height{500}, some(7), {}, false};
  c->say(2, 0, ahead);
  c->run_for(kMs);
  EXPECT_EQ(node().catch_ups, 1u);  // no vote was heard
  for (int k = 0; k < 1000; ++k) c->say(3, 0, ahead);
  c->run_for(kMs);
  EXPECT_LE(node().catch_ups, 25u);
}

TEST_F(Rules, who_is_hundreds_of_views_behind_is_led_on_from_where_it_is) {
  for (std::uint64_t v = 1; v <= 600; ++v) vote({1, 2, 3}, null(v));
  ASSERT_EQ(c->status(0).current, View{601});
  heard.clear();
  StatusReport behind{c->facts().epoch, View{450}, View{0}, Height{0}, c->genesis().id, {}, true};
  for (std::uint64_t v = 449; v > 449 - 256; --v) behind.held.push_back(null(v));
  c->say(2, 0, behind);
  c->run_for(kMs);
  std::set<std::uint64_t> views;
  for (const auto& [to, m] : heard)
    if (const auto* votes = std::get_if<Votes>(&m); votes != nullptr && to == 2)
      for (const auto& vote : votes->votes) views.insert(vote.ballot.items.front().view.value);
  for (std::uint64_t v = 450; v < 500; ++v) EXPECT_TRUE(views.contains(v)) << v;
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
  const auto made = [&](std::vector<Record> records) {
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
