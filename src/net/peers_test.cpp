#include "net/peers.hpp"

#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

struct Nodes {
  Committee committee;
  FakeClock clock;
  NullLog log;
  FakeNetwork net;
  std::deque<FakeEntropy> entropy;
  std::deque<RecordingHandler> handlers;
  std::deque<Peers> peers;

  explicit Nodes(std::size_t n, std::uint64_t seed = 1, bool listen = true) : committee(n), net(n, seed) {
    for (std::size_t i = 0; i < n; ++i) {
      handlers.emplace_back();
      start(i, seed * 100 + i, listen ? "host" + std::to_string(i) + ":7400" : "");
    }
  }
  PeersSetup setup(std::size_t i, std::string listen) {
    return {committee.facts.chain, &committee.facts.validators, std::uint16_t(i), &committee.node_keys[i], "dos/test", std::move(listen)};
  }
  void start(std::size_t i, std::uint64_t seed, std::string listen) {
    entropy.emplace_back(seed);
    peers.emplace_back(setup(i, std::move(listen)), PeersEdges{net.end(i), clock, entropy.back(), log}, handlers[i]);
    net.end(i).start(peers.back());
    EXPECT_TRUE(peers.back().start(Height{5}));
  }
  std::pair<LinkId, LinkId> connect(std::size_t a, std::size_t b, bool far_first = false) {
    return net.connect(a, b, committee.node_id(a), committee.node_id(b), far_first);
  }
};

TEST(Peers, greet_and_carry_messages_whole_and_in_order_over_a_stream_that_is_cut_anywhere) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Nodes n(2, seed);
    n.connect(0, 1);
    n.net.run();
    ASSERT_EQ(n.handlers[0].ups, std::vector<std::uint16_t>{1});
    ASSERT_EQ(n.handlers[1].ups, std::vector<std::uint16_t>{0});
    for (std::uint32_t i = 0; i < 50; ++i) {
      n.peers[0].send(1, GetChunk{some_hash(i), i, false});
      n.peers[1].send(0, GetChunk{some_hash(i), i, false});
      n.peers[0].send_all(Chunk{some_hash(i), i, Bytes(i * 331, std::uint8_t(i))});
    }
    n.clock.pass_ms(1);
    n.net.run();
    n.peers[0].wake();
    n.net.run();
    const auto asks = n.handlers[1].all<GetChunk>();
    const auto chunks = n.handlers[1].all<Chunk>();
    ASSERT_EQ(asks.size(), 50u);
    ASSERT_EQ(chunks.size(), 50u);
    for (std::uint32_t i = 0; i < 50; ++i) {
      EXPECT_EQ(asks[i].root, some_hash(i));
      EXPECT_EQ(*chunks[i].bytes, Bytes(i * 331, std::uint8_t(i)));
    }
  }
}

TEST(Peers, lost_and_repeated_sends_break_nothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Nodes n(2, seed);
    n.connect(0, 1);
    n.net.run();
    n.net.lose_percent = 30;
    n.net.repeat_percent = 30;
    for (std::uint32_t i = 0; i < 200; ++i) n.peers[0].send(1, GetBlock{some_hash(i)});
    n.net.run();
    EXPECT_TRUE(n.peers[0].is_linked(1));
    EXPECT_GT(n.handlers[1].all<GetBlock>().size(), 50u);
    EXPECT_EQ(n.peers[1].counters().broken_links, 0u);
  }
}

TEST(Peers, a_link_that_says_another_chain_version_or_validator_is_closed) {
  for (int what = 0; what < 4; ++what) {
    Nodes n(2);
    Hello hello;
    hello.chain = n.committee.facts.chain;
    hello.validator = 1;
    if (what == 0) hello.chain = some_hash(99);
    if (what == 1) hello.version = kNetVersion + 1;
    if (what == 2) hello.validator = 0;
    struct Raw final : LinkEvents {
      void link_up(LinkId, const Hash&) override {}
      void link_bytes(LinkId, BytesView) override {}
      void link_down(LinkId) override { down = true; }
      bool down = false;
    } raw;
    n.net.end(1).start(raw);
    const auto [here, far] = n.connect(0, 1);
    n.net.end(1).send(far, *encode_frame(hello));
    n.net.run();
    EXPECT_EQ(raw.down, what != 3) << what;
    EXPECT_EQ(n.peers[0].is_linked(1), what == 3) << what;
    EXPECT_EQ(n.peers[0].counters().refused_links, what == 3 ? 0u : 1u);
  }
}

TEST(Peers, a_key_of_no_validator_or_ones_own_is_closed_at_once) {
  Nodes n(2);
  for (const auto& key : {some_hash(5), n.committee.node_id(0)}) {
    const auto [here, far] = n.net.connect(0, 1, n.committee.node_id(0), key);
    EXPECT_FALSE(n.net.is_up(here));
  }
}

TEST(Peers, a_second_hello_or_a_malformed_body_closes_the_link) {
  for (const auto& bad : {*encode_frame(Hello{}), encode_frame(MessageOf<GetBlock>::kNumber, Bytes(31))}) {
    Nodes n(2);
    const auto [here, far] = n.connect(0, 1);
    n.net.run();
    n.net.end(1).send(far, bad);
    n.net.run();
    EXPECT_FALSE(n.net.is_up(here));
    EXPECT_EQ(n.peers[0].counters().broken_links, 1u);
    EXPECT_EQ(n.handlers[0].downs, std::vector<std::uint16_t>{1});
  }
}

TEST(Peers, anything_before_hello_closes_the_link) {
  Nodes n(2);
  n.peers[0].link_up(7, n.committee.node_id(1));
  n.peers[0].link_bytes(7, *encode_frame(GetBlock{}));
  EXPECT_EQ(n.peers[0].counters().broken_links, 1u);
  EXPECT_TRUE(n.handlers[0].got.empty());
}

TEST(Peers, a_link_without_hello_is_closed_in_time_and_few_are_kept_for_one_key) {
  Nodes n(2);
  for (LinkId link = 100; link < 100 + kMaxLinksPerPeer + 3; ++link) n.peers[0].link_up(link, n.committee.node_id(1));
  EXPECT_EQ(n.peers[0].counters().refused_links, 3u);
  ASSERT_EQ(n.peers[0].deadline_ns(), n.clock.ns + kHelloWaitNs);
  n.clock.ns += kHelloWaitNs - 1;
  n.peers[0].wake();
  EXPECT_EQ(n.peers[0].counters().broken_links, 0u);
  n.clock.ns += 1;
  n.peers[0].wake();
  EXPECT_EQ(n.peers[0].counters().broken_links, kMaxLinksPerPeer);
  EXPECT_FALSE(n.peers[0].deadline_ns());
}

TEST(Peers, who_closes_and_opens_its_link_all_the_time_is_greeted_so_often_only) {
  Nodes n(2);
  const auto churn = [&](std::uint64_t seconds) {
    for (std::uint64_t ms = 0; ms < seconds * 1000; ms += 20, n.clock.pass_ms(20)) {
      const auto [near, far] = n.connect(0, 1);
      n.net.run();
      if (n.net.is_up(near)) n.net.cut(near);
    }
  };
  churn(60);
  EXPECT_GE(n.handlers[0].ups.size(), kLinksSaved);
  EXPECT_LE(n.handlers[0].ups.size(), kLinksSaved + 60 * kLinksPerSecond + 1);
  n.handlers[0].ups.clear();
  n.clock.pass_ms(1000);
  n.connect(0, 1);
  n.net.run();
  EXPECT_TRUE(n.peers[0].is_linked(1));  // who leaves it at that comes in
}

TEST(Peers, of_two_links_both_ends_keep_the_same_one) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Nodes n(2, seed);
    n.connect(0, 1, seed % 2);
    n.connect(1, 0, seed / 2 % 2);
    if (seed % 4 == 0) n.connect(0, 1, seed % 3 == 0);
    n.net.run();
    EXPECT_EQ(n.net.link_count(), 1u) << seed;
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(n.peers[i].is_linked(std::uint16_t(1 - i))) << seed;
      EXPECT_EQ(n.handlers[i].ups.size(), n.handlers[i].downs.size() + 1);
    }
    n.peers[0].send(1, GetBlock{});
    n.peers[1].send(0, GetBlock{});
    n.net.run();
    EXPECT_EQ(n.handlers[0].all<GetBlock>().size(), 1u);
    EXPECT_EQ(n.handlers[1].all<GetBlock>().size(), 1u);
  }
}

TEST(Peers, a_peer_that_started_again_takes_the_place_of_its_dead_link) {
  Nodes n(2);
  n.connect(0, 1);
  n.connect(0, 1);
  n.connect(0, 1);
  n.net.run();
  ASSERT_EQ(n.net.link_count(), 1u);
  // v2 dies without a word and starts again: at v1 the old link still looks alive, and its numbers are higher.
  n.handlers.emplace_back();
  n.entropy.emplace_back(99);
  Peers again(n.setup(1, ""), {n.net.end(1), n.clock, n.entropy.back(), n.log}, n.handlers.back());
  n.net.end(1).start(again);
  ASSERT_TRUE(again.start(Height{5}));
  n.connect(0, 1);
  n.net.run();
  EXPECT_EQ(n.net.link_count(), 1u);
  again.send(0, GetBlock{});
  n.net.run();
  EXPECT_EQ(n.handlers[0].all<GetBlock>().size(), 1u);
}

TEST(Peers, a_flood_is_dropped_then_cut_off_and_a_new_link_gives_no_new_budget) {
  Nodes n(2);
  n.connect(0, 1);
  n.net.run();
  const auto limit = rate_limit(Rate::ask);
  for (std::uint64_t i = 0; i < limit.frame_burst + 100; ++i) n.peers[1].send(0, consensus::Get{Epoch{0}, {{}}});
  n.net.run();
  EXPECT_EQ(n.handlers[0].all<consensus::Get>().size(), limit.frame_burst);
  EXPECT_EQ(n.peers[0].counters().dropped_in, 100u);
  EXPECT_TRUE(n.peers[0].is_linked(1));
  for (std::uint64_t i = 0; i < kExcessBurst; ++i) n.peers[1].send(0, consensus::Get{Epoch{0}, {{}}});
  n.net.run();
  EXPECT_FALSE(n.peers[0].is_linked(1));
  n.connect(0, 1);
  n.net.run();
  n.peers[1].send(0, consensus::Get{Epoch{0}, {{}}});
  n.net.run();
  EXPECT_EQ(n.handlers[0].all<consensus::Get>().size(), limit.frame_burst);
  n.clock.pass_ms(1000);
  n.connect(0, 1);
  n.net.run();
  n.peers[1].send(0, consensus::Get{Epoch{0}, {{}}});
  n.net.run();
  EXPECT_EQ(n.handlers[0].all<consensus::Get>().size(), limit.frame_burst + 1);
}

TEST(Peers, a_flood_of_questions_is_answered_in_pieces_and_what_is_over_is_dropped) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  Bytes flood;
  constexpr std::uint32_t kAsked = kTurnWork.reads + kMaxHeldQuestions + 7;
  for (std::uint32_t i = 0; i < kAsked; ++i) append(flood, *encode_frame(GetChunk{some_hash(1), i, false}));
  append(flood, *encode_frame(consensus::Votes{{{}}}));
  n.peers[0].link_bytes(here, flood);
  auto& got = n.handlers[0];
  EXPECT_EQ(got.all<GetChunk>().size(), kTurnWork.reads);
  EXPECT_EQ(got.all<consensus::Votes>().size(), 1u);  // votes do not wait behind them
  EXPECT_EQ(n.peers[0].questions().entries, kMaxHeldQuestions);
  EXPECT_EQ(n.peers[0].counters().dropped_in, 7u);
  for (std::size_t turn = 2; turn <= 3; ++turn) {
    ASSERT_TRUE(n.peers[0].deadline_ns());
    EXPECT_LE(*n.peers[0].deadline_ns(), n.clock.ns);
    n.peers[0].wake();
    EXPECT_EQ(got.all<GetChunk>().size(), turn * kTurnWork.reads);
  }
  const auto all = got.all<GetChunk>();
  for (std::uint32_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].index, i);  // in order
  EXPECT_EQ(n.peers[0].questions().entries, 0u);
}

TEST(Peers, an_ask_for_a_promise_that_may_not_wait_is_answered_busy) {
  Nodes n(2);
  n.connect(0, 1);
  n.net.run();
  n.peers[0].charge(1, {kReadWork.burst + kReadWork.per_second, 0, 0});
  for (std::uint64_t i = 0; i < kMaxHeldQuestions + 3; ++i) n.peers[1].send(0, StoreAsk{0x0102030405060700 + i, {}, {{}}});
  n.peers[1].send(0, GetChunk{some_hash(1), 0, false});
  n.net.run();
  EXPECT_EQ(n.peers[0].questions().entries, kMaxHeldQuestions);
  EXPECT_EQ(n.peers[0].counters().dropped_in, 4u);
  const auto said = n.handlers[1].all<StoreSaid>();
  ASSERT_EQ(said.size(), 3u);
  for (std::size_t i = 0; i < said.size(); ++i) {
    EXPECT_EQ(said[i].ask, 0x0102030405060700 + kMaxHeldQuestions + i);
    EXPECT_EQ(said[i].code, std::uint16_t(Errc::busy));
  }
}

template <class Question, class Answer>
void expect_answers_only_where_asked(const Question& question, const Answer& answer, const Answer& other) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  const auto come = [&, link = here](const auto& message) {
    n.peers[0].link_bytes(link, *encode_frame(message));
    return n.handlers[0].template all<Answer>().size();
  };
  EXPECT_EQ(come(answer), 0u) << "nobody asked";
  ASSERT_TRUE(n.peers[0].send(1, question));
  EXPECT_EQ(n.peers[0].owed().entries, 1u);
  EXPECT_EQ(come(other), 0u) << "something else was asked";
  EXPECT_EQ(come(answer), 1u);
  EXPECT_EQ(come(answer), 1u) << "it was asked once";
  EXPECT_EQ(n.peers[0].counters().unasked_in, 3u);
  EXPECT_EQ(n.peers[0].owed().entries, 0u);
  n.peers[0].send_all(question);
  n.peers[0].link_bytes(here, encode_frame(MessageOf<Answer>::kNumber, Bytes(7)));  // too short to be any answer: not even looked at
  EXPECT_TRUE(n.peers[0].is_linked(1));
  EXPECT_EQ(come(answer), 2u);
  n.peers[0].send(1, question);
  n.net.cut(here);
  EXPECT_EQ(n.peers[0].owed().entries, 0u) << "its answers went with the link";
}

TEST(Peers, an_answer_is_looked_at_where_it_was_asked_for_and_once) {
  const auto a = some_hash(1), b = some_hash(2);
  expect_answers_only_where_asked(consensus::SignedAsk{Epoch{0}, a}, consensus::SignedAnswer{Epoch{0}, a, {}, {}, {}},
                                  consensus::SignedAnswer{Epoch{0}, b, {}, {}, {}});
  BlockFrame block, other;
  other.proposal.header.height = Height{9};
  expect_answers_only_where_asked(GetBlock{ledger::block_id(block.proposal.header)}, block, other);
  expect_answers_only_where_asked(GetTransactions{a, {1}}, BlockTransactions{a, {1}, {{}}}, BlockTransactions{b, {1}, {{}}});
  expect_answers_only_where_asked(GetRange{Height{4}, 2}, Range{Height{4}, {{}}}, Range{Height{5}, {{}}});
  expect_answers_only_where_asked(TipAsk{7, a}, TipSaid{7, {}, {}}, TipSaid{8, {}, {}});
  expect_answers_only_where_asked(StoreAsk{7, {}, {{}}}, StoreSaid{7, 0, {}}, StoreSaid{6, 0, {}});
  expect_answers_only_where_asked(GetManifest{a}, Manifest{a, {}}, Manifest{b, {}});
  expect_answers_only_where_asked(GetChunk{a, 3, false}, Chunk{a, 3, Bytes(5)}, Chunk{a, 4, Bytes(5)});
}

TEST(Peers, answers_that_nobody_asked_for_are_not_decoded_and_cost_their_sender_its_link) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  // Not the encoding of any Range: whoever decoded it would close the link at once.
  const auto junk = encode_frame(MessageOf<Range>::kNumber, Bytes(kWasteBytes, 0xFF));
  for (std::uint64_t i = 0; i < kExcessBurst / 2; ++i) n.peers[0].link_bytes(here, junk);
  EXPECT_TRUE(n.peers[0].is_linked(1));
  EXPECT_EQ(n.peers[0].counters().unasked_in, kExcessBurst / 2);
  EXPECT_EQ(n.peers[0].counters().broken_links, 0u);
  n.peers[0].link_bytes(here, junk);
  EXPECT_FALSE(n.peers[0].is_linked(1));
  EXPECT_EQ(n.peers[0].counters().broken_links, 1u);
  EXPECT_TRUE(n.handlers[0].all<Range>().empty());
}

TEST(Peers, so_many_answers_of_a_kind_are_owed_and_the_oldest_is_forgotten) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  for (std::uint32_t i = 0; i <= kMaxOwed; ++i) n.peers[0].send(1, GetChunk{some_hash(1), i, false});
  n.peers[0].send(1, GetManifest{some_hash(1)});
  EXPECT_EQ(n.peers[0].owed().entries, kMaxOwed + 1u);
  for (const std::uint32_t i : {0u, 1u, kMaxOwed}) n.peers[0].link_bytes(here, *encode_frame(Chunk{some_hash(1), i, {}}));
  n.peers[0].link_bytes(here, *encode_frame(Manifest{some_hash(1), {}}));
  EXPECT_EQ(n.handlers[0].all<Chunk>().size(), 2u);
  EXPECT_EQ(n.handlers[0].all<Manifest>().size(), 1u);
}

TEST(Peers, a_question_for_a_range_has_its_place_beside_pulls_that_may_not_begin) {
  Nodes n(2);
  n.connect(0, 1);
  n.net.run();
  n.peers[0].charge(1, {kReadWork.burst + kReadWork.per_second, 0, 0});
  for (std::uint32_t i = 0; i < kMaxHeldQuestions; ++i) n.peers[1].send(0, GetChunk{some_hash(1), i, false});
  n.peers[1].send(0, GetRange{Height{5}, 3});
  n.net.run();
  EXPECT_EQ(n.peers[0].questions().entries, kMaxHeldQuestions);
  EXPECT_EQ(n.peers[0].counters().dropped_in, 0u);
  ASSERT_EQ(n.handlers[0].all<GetRange>().size(), 1u);  // to the server of ranges, which waits with it for the budget
  EXPECT_TRUE(n.handlers[0].all<GetChunk>().empty());
}

TEST(Peers, what_a_question_makes_this_node_send_is_its_askers_work) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  EXPECT_TRUE(n.peers[0].affords(1));
  n.peers[0].charge(1, {0, kByteWork.burst + kByteWork.per_second, 0});
  EXPECT_FALSE(n.peers[0].affords(1));
  EXPECT_TRUE(n.peers[0].affords(0));
  n.peers[0].link_bytes(here, *encode_frame(GetBlock{}));
  EXPECT_TRUE(n.handlers[0].all<GetBlock>().empty());
  n.clock.pass_ms(900);
  n.peers[0].wake();
  EXPECT_TRUE(n.handlers[0].all<GetBlock>().empty());
  n.clock.pass_ms(200);
  n.peers[0].wake();
  EXPECT_EQ(n.handlers[0].all<GetBlock>().size(), 1u);
}

TEST(Peers, an_answer_that_is_given_at_once_is_its_askers_work) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  n.handlers[0].heard = [&](std::uint16_t from) { EXPECT_TRUE(n.peers[0].send(from, Chunk{some_hash(1), 0, Bytes(kChunkBytes)})); };
  n.peers[0].charge(1, {0, kByteWork.burst - kChunkBytes, 0});
  EXPECT_TRUE(n.peers[0].affords(1));
  n.peers[0].link_bytes(here, *encode_frame(GetChunk{some_hash(1), 0, false}));
  EXPECT_EQ(n.handlers[0].all<GetChunk>().size(), 1u);
  EXPECT_FALSE(n.peers[0].affords(1));
}

TEST(Peers, who_is_punished_may_send_less_on_its_next_link) {
  Nodes n(2);
  for (std::uint32_t i = 0; i < kMaxFaults; ++i) {
    n.connect(0, 1);
    n.net.run();
    ASSERT_TRUE(n.peers[0].is_linked(1));
    n.peers[0].punish(1, "a header that no rule allows");
    n.net.run();
    EXPECT_FALSE(n.peers[0].is_linked(1));
    n.clock.pass_ms(4'000);
  }
  n.connect(0, 1);
  n.net.run();
  ASSERT_TRUE(n.peers[0].is_linked(1));  // its Hello still passes
  const auto burst = rate_limit(Rate::consensus).frame_burst;
  for (std::uint64_t i = 0; i < burst / 8; ++i) n.peers[1].send(0, consensus::Votes{{{}}});
  n.net.run();
  EXPECT_EQ(n.handlers[0].all<consensus::Votes>().size(), burst >> kMaxFaults);
}

TEST(Peers, many_claims_of_one_validator_in_one_frame_close_the_link) {
  Nodes n(2);
  n.connect(0, 1);
  n.net.run();
  Addresses all;
  for (std::uint64_t i = 0; i < 3; ++i) {
    SignedAddress a{{1, "host1:7400", TimeMs{1'700'000'009'000 + i}}, {}};
    a.signature = *crypto::sign(n.committee.node_keys[1], crypto::domain::kAddress, n.committee.facts.chain, a.claim, n.entropy[1]);
    all.addresses.push_back(a);
  }
  n.peers[1].send(0, all);
  n.net.run();
  EXPECT_FALSE(n.peers[0].is_linked(1));
}

TEST(Peers, addresses_cost_their_sender_the_signatures_that_are_checked) {
  Nodes n(4);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  Addresses three;
  for (std::uint16_t v = 1; v <= 3; ++v) {
    SignedAddress a{{v, "host" + std::to_string(v) + ":7400", TimeMs{1'700'000'009'000}}, {}};
    a.signature = *crypto::sign(n.committee.node_keys[v], crypto::domain::kAddress, n.committee.facts.chain, a.claim, n.entropy[v]);
    three.addresses.push_back(a);
  }
  n.peers[0].charge(1, {0, 0, kSignatureWork.burst - 3});
  Bytes frames = *encode_frame(three);
  append(frames, *encode_frame(GetChunk{some_hash(1), 0, false}));
  n.peers[0].link_bytes(here, frames);
  EXPECT_TRUE(n.peers[0].is_linked(1));
  EXPECT_TRUE(n.handlers[0].all<GetChunk>().empty());
  EXPECT_EQ(n.peers[0].questions().entries, 1u);
}

TEST(Peers, votes_never_wait_behind_chunks) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  for (std::uint32_t i = 0; i < 40; ++i) n.peers[1].send(0, GetChunk{{}, i, false});
  n.net.run();
  for (std::uint32_t i = 0; i < 40; ++i) ASSERT_TRUE(n.peers[0].send(1, Chunk{{}, i, Bytes(kChunkBytes)}));
  EXPECT_LE(n.net.end(0).queued_bytes(here), kBulkMarkBytes + kChunkBytes + 1000);
  n.peers[0].send(1, consensus::Votes{{{}}});
  while (n.handlers[1].all<consensus::Votes>().empty()) n.net.step(here);
  EXPECT_LE(n.handlers[1].all<Chunk>().size(), 3u);
  while (n.handlers[1].all<Chunk>().size() < 40) {
    n.net.run();
    ASSERT_TRUE(n.peers[0].deadline_ns());
    n.clock.ns = *n.peers[0].deadline_ns();
    n.peers[0].wake();
  }
  n.clock.ns += kHeldRetryNs;
  n.peers[0].wake();
  EXPECT_FALSE(n.peers[0].deadline_ns());  // nothing runs when nothing waits
}

TEST(Peers, what_is_held_for_a_peer_that_does_not_read_is_bounded) {
  Nodes n(2);
  const auto [here, far] = n.connect(0, 1);
  n.net.run();
  std::uint64_t taken = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) taken += n.peers[0].send(1, Chunk{{}, i, Bytes(kChunkBytes)}) ? kChunkBytes : 0;
  EXPECT_LE(taken, kMaxHeldBytes + kBulkMarkBytes + kChunkBytes);
  EXPECT_FALSE(n.peers[0].room_for(1, kChunkBytes));
  EXPECT_GT(n.peers[0].counters().dropped_out, 900u);
  for (int i = 0; i < 20; ++i) n.peers[0].send(1, BlockFrame{{}, Bytes(kMaxPayloadBytes)});
  EXPECT_LE(n.net.end(0).queued_bytes(here), kMaxAnswerQueueBytes + kMaxFrameBytes + kBulkMarkBytes);
  EXPECT_TRUE(n.peers[0].send(1, consensus::Votes{{{}}}));
}

TEST(Peers, addresses_travel_signed_over_others_and_the_newest_counts) {
  Nodes n(3);
  n.connect(0, 1);
  n.connect(1, 2);
  n.net.run();
  n.clock.pass_ms(kNewsWaitNs / 1'000'000);
  for (auto& p : n.peers) p.wake();
  n.net.run();
  const auto knows = [&](std::size_t who, std::size_t whom) -> std::string {
    for (const auto& a : n.net.end(who).dialled)
      if (a.peer == n.committee.node_id(whom)) return a.host + ":" + std::to_string(a.port);
    return "";
  };
  EXPECT_EQ(knows(0, 2), "host2:7400");
  EXPECT_EQ(knows(2, 0), "host0:7400");
  EXPECT_EQ(knows(0, 0), "");
  EXPECT_EQ(n.peers[0].counters().broken_links + n.peers[1].counters().broken_links + n.peers[2].counters().broken_links, 0u);
}

}  // namespace
}  // namespace dos::net::test
