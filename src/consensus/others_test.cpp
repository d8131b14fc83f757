// What others send ahead, claim or ask for: what is kept of it, answered and believed (test_rules.hpp).
#include "consensus/simplex.hpp"
#include "consensus/test_rules.hpp"

namespace dos::consensus::test {
namespace {

TEST_F(Rules, answers_to_one_peer_are_bounded) {
  vote({1, 2, 3}, null(1));
  heard.clear();
  for (int k = 0; k < 1000; ++k) c->say(2, 0, Get{c->facts().epoch, {null(1)}});
  c->run_for(10 * kMs);
  EXPECT_LE(heard.size(), 25u);
  EXPECT_GE(heard.size(), 10u);
}

TEST_F(Rules, what_names_more_certificates_than_it_may_is_not_answered) {
  vote({1, 2, 3}, null(1));
  const auto answered = [&](std::uint16_t by, Message question) {
    c->run_for(kSecond);
    heard.clear();
    c->say(by, 0, std::move(question));
    c->run_for(5 * kMs);
    return std::ranges::any_of(heard, [&](const auto& h) { return h.first == by && std::holds_alternative<Votes>(h.second); });
  };
  const auto epoch = c->facts().epoch;
  EXPECT_TRUE(answered(2, Get{epoch, std::vector<VoteItem>(kMaxNamed, null(1))}));
  EXPECT_FALSE(answered(2, Get{epoch, std::vector<VoteItem>(kMaxNamed + 1, null(1))}));
  const auto status = [&](std::size_t held) {
    StatusReport s{epoch, View{1}, View{}, Height{}, Hash{}, {}};
    s.held.assign(held, null(7'000));
    return s;
  };
  EXPECT_TRUE(answered(3, status(kMaxStatusItems)));
  EXPECT_FALSE(answered(3, status(kMaxStatusItems + 1)));

  const auto asked_for = [&](std::size_t named) {  // what a peer says that it holds
    Have have{epoch, {}};
    for (std::size_t n = 0; n < named; ++n) have.certificates.push_back(notar(View{3 + n % 8}, some(std::uint8_t(n))));
    heard.clear();
    c->say(1, 0, std::move(have));
    c->run_for(kSecond / 2);
    return std::ranges::any_of(heard, [](const auto& h) { return h.first == 1 && std::holds_alternative<Get>(h.second); });
  };
  EXPECT_FALSE(asked_for(kMaxNamed + 1));
  EXPECT_TRUE(asked_for(kMaxNamed));
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

// Its leader sent the header to this one and the rest to the others: they are asked after S, here the least network delay.
TEST_F(Rules, a_block_that_others_voted_for_is_asked_for_after_s_though_its_header_is_here) {
  const auto p = block(1);
  c->say(1, 0, p, false);
  vote(2, notar(View{1}, id(p)));
  const auto before = node().fetches;
  c->run_for(Timing{}.delta_min_ns - 3 * kMs);
  EXPECT_EQ(node().fetches, before);
  c->run_for(3 * kMs);
  EXPECT_EQ(node().fetches, before + 1);
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

// Who wants something may be in the view before its leader is.
TEST_F(Rules, a_wish_that_comes_before_its_leader_enters_the_view_is_heard) {
  ClusterOptions o;
  o.liars = {1, 2, 3};
  for (o.seed = 1;; ++o.seed) {
    c = std::make_unique<Cluster>(o);
    if (c->leader(1) == 1 && c->leader(2) == 0) break;
  }
  heard.clear();
  c->liar_hears = [this](std::uint16_t to, std::uint16_t, const Message& m) { heard.emplace_back(to, m); };
  c->run_for(kMs);
  c->say(2, 0, StatusReport{c->facts().epoch, View{2}, {}, {}, {}, {}, true});
  c->run_for(kMs);
  vote({1, 2, 3}, null(1));
  EXPECT_TRUE(std::ranges::any_of(heard, [](const auto& h) {
    const auto* p = std::get_if<Proposal>(&h.second);
    return p != nullptr && p->header.view == View{2};
  }));
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

}  // namespace
}  // namespace dos::consensus::test
