#include "net/compact_blocks.hpp"

#include "net/test_blocks.hpp"

namespace dos::net::test {
namespace {

// The vector of the SipHash paper, appendix A.
TEST(ShortIds, siphash_is_that_of_the_paper) {
  Bytes in;
  for (std::uint8_t i = 0; i < 15; ++i) in.push_back(i);
  EXPECT_EQ(siphash_2_4(0x0706050403020100, 0x0f0e0d0c0b0a0908, in), 0xa129ca6149be45e5u);
}

TEST(ShortIds, differ_with_parent_view_and_salt) {
  const Hash w = some_hash(9);
  const auto id = ShortIdKey(some_hash(1), View{1}, 1).of(w);
  EXPECT_NE(id, ShortIdKey(some_hash(2), View{1}, 1).of(w));
  EXPECT_NE(id, ShortIdKey(some_hash(1), View{2}, 1).of(w));
  EXPECT_NE(id, ShortIdKey(some_hash(1), View{1}, 2).of(w));
}

struct Compact : ::testing::Test {
  Committee committee{4};
  FakeEntropy entropy;
  FakeOutbox out;
  FakeClock clock;
  FakePool pool;
  RecordingArrivals arrivals;
  BlockFetch fetch{committee.facts, out, clock, arrivals};
  CompactBlocks compact{pool, out, clock, fetch, arrivals};

  MadeProposal made;
  ProposeFrame frame;
  std::vector<ledger::SignedTransaction> txs;

  void make(std::uint64_t count, std::uint64_t view = 1) {
    txs.clear();
    for (std::uint64_t i = 0; i < count; ++i) txs.push_back(transaction(i));
    made = propose(committee, view, txs);
    frame = make_proposal(made.proposal, made.payload, made.wtxids, entropy);
  }
  void expect_arrived() {
    ASSERT_EQ(arrivals.got.size(), 1u);
    EXPECT_EQ(std::get<Bytes>(arrivals.got[0]), made.bytes);
    EXPECT_EQ(compact.partial(), 0u);
  }
};

TEST_F(Compact, up_to_ten_transactions_travel_whole_and_eleven_by_short_ids) {
  make(kCompactAbove);
  ASSERT_TRUE(std::holds_alternative<WholePayload>(frame.body));
  ASSERT_TRUE(compact.received(1, frame));
  expect_arrived();
  make(kCompactAbove + 1);
  ASSERT_TRUE(std::holds_alternative<ShortIds>(frame.body));
  EXPECT_LT(codec::encode(std::get<ShortIds>(frame.body)).size(), made.bytes.size() / 4);
}

TEST_F(Compact, a_block_of_pooled_transactions_is_rebuilt_byte_for_byte_without_a_question) {
  make(100);
  pool.add(transaction(1000));
  for (auto it = txs.rbegin(); it != txs.rend(); ++it) pool.add(*it);  // another order than the block's
  for (std::uint64_t i = 2000; i < 2100; ++i) pool.add(transaction(i));
  ASSERT_TRUE(compact.received(1, frame));
  expect_arrived();
  EXPECT_EQ(arrivals.pending, made.wtxids);
  EXPECT_TRUE(out.sent.empty());
  EXPECT_EQ(pool.walked, 101u);  // ends with the last that was looked for
}

TEST_F(Compact, missing_transactions_are_asked_of_the_sender) {
  make(60);
  for (std::size_t i = 0; i < txs.size(); ++i)
    if (i % 7 != 0) pool.add(txs[i]);
  ASSERT_TRUE(compact.received(1, frame));
  EXPECT_TRUE(arrivals.got.empty());
  const auto asks = out.take<GetTransactions>();
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].first, 1);
  const auto answer = answer_transactions(asks[0].second, made.payload);
  ASSERT_TRUE(answer);
  compact.received(2, *answer);  // not whom we asked
  EXPECT_TRUE(arrivals.got.empty());
  compact.received(1, *answer);
  expect_arrived();
  EXPECT_TRUE(arrivals.pending.empty());  // the pool alone does not have it
  compact.received(1, *answer);
  EXPECT_EQ(arrivals.got.size(), 1u);
}

TEST_F(Compact, a_fetch_from_the_sender_alone_waits_while_the_block_is_being_put_together) {
  make(60);
  ASSERT_TRUE(compact.received(1, frame));
  ASSERT_EQ(out.take<GetTransactions>().size(), 1u);
  fetch.want({made.id, View{1}, {1}, true});
  EXPECT_TRUE(out.take<GetBlock>().empty());
  clock.ns += kTransactionsWaitNs;
  compact.wake();
  fetch.wake();
  EXPECT_EQ(out.take<GetBlock>().size(), 1u);
  EXPECT_EQ(compact.partial(), 0u);
  EXPECT_EQ(compact.fell_back(), 1u);
}

TEST_F(Compact, others_who_have_it_are_asked_at_once_while_the_sender_is_silent) {
  make(60);
  ASSERT_TRUE(compact.received(1, frame));
  fetch.want({made.id, View{1}, {1}, true});
  fetch.want({made.id, View{1}, {1, 2, 3}, true});
  const auto asks = out.take<GetBlock>();
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].first, 2);
  clock.ns += kTransactionsWaitNs;
  compact.wake();  // gives up; the sender has no turn for that
  EXPECT_TRUE(out.take<GetBlock>().empty());
  clock.ns += kFetchWaitNs - kTransactionsWaitNs;
  fetch.wake();
  ASSERT_EQ(out.take<GetBlock>().at(0).first, 3);
}

TEST_F(Compact, a_wrong_answer_or_a_sender_that_goes_leads_to_the_whole_block) {
  for (int what = 0; what < 3; ++what) {
    make(60, 10 + what);
    ASSERT_TRUE(compact.received(1, frame));
    const auto asks = out.take<GetTransactions>();
    ASSERT_EQ(asks.size(), 1u);
    auto answer = *answer_transactions(asks[0].second, made.payload);
    if (what == 0) answer.transactions[3][20] ^= 1;
    if (what == 1) answer.places.pop_back(), answer.transactions.pop_back();
    if (what < 2) compact.received(1, answer);
    else compact.peer_down(1);
    EXPECT_TRUE(arrivals.got.empty());
    const auto fetched = out.take<GetBlock>();
    ASSERT_EQ(fetched.size(), 1u) << what;
    EXPECT_EQ(fetched[0].second.id, made.id);
    fetch.have(made.id);
  }
}

TEST_F(Compact, one_proposal_is_put_together_once) {
  make(60);
  ASSERT_TRUE(compact.received(1, frame));
  compact.peer_down(1);
  out.sent.clear();
  const auto walked = pool.walked;
  for (std::uint64_t salt = 0; salt < 100; ++salt) {
    std::get<ShortIds>(frame.body).salt = salt;
    ASSERT_TRUE(compact.received(1, frame));
  }
  EXPECT_EQ(pool.walked, walked);
  EXPECT_EQ(compact.partial(), 0u);
  for (std::uint64_t view = 2; view < 2 + kRebuiltRemembered; ++view) {
    make(60, view);
    ASSERT_TRUE(compact.received(1, frame));
  }
  EXPECT_EQ(out.take<GetTransactions>().size(), kRebuiltRemembered);
}

TEST_F(Compact, of_one_peer_so_many_are_put_together_in_a_second_and_the_rest_is_fetched_whole) {
  const auto next = [&](std::uint16_t from, std::uint64_t view) {
    make(11, view);
    ASSERT_TRUE(compact.received(from, frame));
  };
  std::uint64_t view = 0;
  while (view < kRebuildsPerSecond) next(1, ++view);
  EXPECT_EQ(out.take<GetTransactions>().size(), kRebuildsPerSecond);
  out.sent.clear();
  next(1, ++view);
  EXPECT_TRUE(out.take<GetTransactions>().empty());
  EXPECT_EQ(out.take<GetBlock>().size(), 1u);
  next(2, ++view);
  EXPECT_EQ(out.take<GetTransactions>().size(), 1u);
  clock.pass_ms(1'000 / kRebuildsPerSecond + 1);
  next(1, ++view);
  EXPECT_EQ(out.take<GetTransactions>().size(), 1u);
}

TEST_F(Compact, two_transactions_of_one_name_lead_to_the_whole_block) {
  make(60);
  auto& ids = std::get<ShortIds>(frame.body);
  ids.ids[7] = ids.ids[8];
  ASSERT_TRUE(compact.received(1, frame));
  EXPECT_EQ(out.take<GetBlock>().size(), 1u);
  // Another transaction of the pool has the name of one of the block's: the hash shows it.
  make(61, 2);
  for (const auto& tx : txs) pool.add(tx);
  std::get<ShortIds>(frame.body).ids[7] =
      ShortIdKey(made.proposal.header.parent, View{2}, std::get<ShortIds>(frame.body).salt).of(some_hash(77));
  pool.add(transaction(5000));
  pool.entries.back().first = some_hash(77);
  ASSERT_TRUE(compact.received(1, frame));
  EXPECT_TRUE(arrivals.got.empty());
  EXPECT_EQ(out.take<GetBlock>().size(), 1u);
}

TEST_F(Compact, a_whole_payload_that_is_not_the_headers_is_the_senders_fault) {
  make(5);
  std::get<WholePayload>(frame.body).payload.back() ^= 1;
  EXPECT_EQ(compact.received(1, frame).error().code, Errc::content_mismatch);
  EXPECT_TRUE(arrivals.got.empty());
}

TEST_F(Compact, more_short_ids_than_the_payload_has_room_for_are_refused) {
  make(60);
  frame.proposal.header.payload.len = 60 * kMinTransactionBytes - 1;
  EXPECT_FALSE(compact.received(1, frame));
  frame.proposal.header.payload.len = kMaxPayloadBytes + 1;
  EXPECT_EQ(compact.received(1, frame).error().code, Errc::limit);
  EXPECT_GE(made.bytes.size() / 60, kMinTransactionBytes);
}

TEST_F(Compact, no_more_of_the_pool_is_copied_than_the_header_commits_to) {
  make(60);
  for (const auto& tx : txs) pool.add(tx);
  frame.proposal.header.payload.len = std::uint32_t(made.bytes.size() / 2);
  ASSERT_TRUE(compact.received(1, frame));
  EXPECT_TRUE(arrivals.got.empty());
  EXPECT_EQ(compact.partial(), 0u);
}

TEST_F(Compact, unfinished_blocks_are_few_a_peer) {
  for (std::uint64_t view = 1; view <= 20; ++view) {
    make(20, view);
    ASSERT_TRUE(compact.received(1, frame));
  }
  EXPECT_EQ(compact.partial(), kMaxPartialPerPeer);
  make(20, 30);
  ASSERT_TRUE(compact.received(2, frame));
  EXPECT_EQ(compact.partial(), kMaxPartialPerPeer + 1);
}

TEST(CompactBlocks, unfinished_blocks_are_few_in_all_and_the_oldest_is_fetched_whole) {
  Committee committee(kMaxPartialBlocks / kMaxPartialPerPeer + 2);
  FakeEntropy entropy;
  FakeOutbox out;
  FakeClock clock;
  FakePool pool;
  RecordingArrivals arrivals;
  BlockFetch fetch(committee.facts, out, clock, arrivals);
  CompactBlocks compact(pool, out, clock, fetch, arrivals);
  out.peers.clear();
  for (std::uint16_t peer = 1; peer < committee.facts.validators.members.size(); ++peer) out.peers.push_back(peer);
  std::vector<ledger::SignedTransaction> txs;
  for (std::uint64_t i = 0; i <= kCompactAbove; ++i) txs.push_back(transaction(i));
  std::vector<Hash> ids;
  const auto next = [&] {
    const auto leader = std::uint16_t(1 + ids.size() / kMaxPartialPerPeer);
    const auto made = propose(committee, ids.size() + 1, txs, leader);
    ids.push_back(made.id);
    ASSERT_TRUE(compact.received(leader, make_proposal(made.proposal, made.payload, made.wtxids, entropy)));
  };
  while (ids.size() < kMaxPartialBlocks) next();
  EXPECT_EQ(compact.partial(), kMaxPartialBlocks);
  EXPECT_EQ(compact.fell_back(), 0u);
  EXPECT_TRUE(out.take<GetBlock>().empty());
  next();
  EXPECT_EQ(compact.partial(), kMaxPartialBlocks);
  EXPECT_EQ(compact.fell_back(), 1u);
  const auto whole = out.take<GetBlock>();
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_EQ(whole[0].second.id, ids[0]);
}

TEST_F(Compact, a_block_that_is_only_announced_is_fetched) {
  make(5);
  frame.body = AskForIt{};
  ASSERT_TRUE(compact.received(1, frame));
  EXPECT_EQ(out.take<GetBlock>().size(), 1u);
  fetch.received(1, {made.proposal, made.bytes});
  expect_arrived();
}

TEST(AnswerTransactions, refuses_places_out_of_order_or_out_of_the_block) {
  ledger::Payload payload;
  payload.transactions.resize(5);
  EXPECT_TRUE(answer_transactions({{}, {0, 4}}, payload));
  for (const auto& bad : {std::vector<std::uint32_t>{5}, {1, 1}, {2, 1}}) EXPECT_FALSE(answer_transactions({{}, bad}, payload));
}

}  // namespace
}  // namespace dos::net::test
