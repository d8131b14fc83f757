#include "net/store_asks.hpp"
#include "net/test_net.hpp"
#include "net/tip_asks.hpp"

namespace dos::net::test {
namespace {

struct Tips : ::testing::Test, TipSigner {
  Committee committee{4};
  FakeEntropy entropy;
  FakeOutbox out;
  FakeClock clock;
  TipAsks asks{committee.facts, out, clock, *this};
  unsigned signed_here = 0;
  bool votes = true;

  TipSaid said_by(std::uint16_t who, std::uint64_t ask, const Hash& root, std::uint64_t height = 7) {
    TipSaid said{ask, {committee.facts.epoch, root, Height{height}}, {}};
    said.signature = *crypto::sign(committee.vote_keys[who], crypto::domain::kTipAck, committee.facts.chain, said.body, entropy);
    return said;
  }
  Height reached() const override { return Height{7}; }
  Result<TipSaid> say_tip(std::uint64_t ask, const Hash& root) override {
    if (!votes) return fail(Errc::not_ready);
    ++signed_here;
    return said_by(0, ask, root);
  }
  std::vector<std::vector<ledger::TipAck>> done;
  void ask(std::uint64_t nonce, std::uint64_t timeout_ms = 500) {
    ASSERT_TRUE(asks.ask(some_hash(nonce), timeout_ms, [&](auto acks) { done.push_back(std::move(acks)); }));
  }
  TipAsk sent() {
    const auto all = out.take<TipAsk>();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? TipAsk{} : all[0].second;
  }
};

TEST_F(Tips, a_strong_set_suffices_and_each_acknowledgement_opens_to_the_nonce) {
  ask(1);
  const auto round = sent();
  asks.received(2, said_by(2, round.ask, round.nonce_root));
  EXPECT_TRUE(done.empty());
  asks.received(3, said_by(3, round.ask, round.nonce_root));
  ASSERT_EQ(done.size(), 1u);
  ASSERT_EQ(done[0].size(), 3u);
  for (const auto& ack : done[0]) {
    EXPECT_EQ(*crypto::merkle_climb(crypto::kNonceTree, crypto::merkle_leaf(crypto::kNonceTree, some_hash(1).view()), ack.path),
              ack.body.nonce_root);
    EXPECT_TRUE(crypto::verify(committee.facts.validators.members[ack.validator].vote_key, crypto::domain::kTipAck, committee.facts.chain,
                               ack.body, ack.signature));
  }
  EXPECT_FALSE(asks.deadline_ns());
}

TEST_F(Tips, those_who_come_meanwhile_share_the_next_round) {
  ask(1);
  const auto first = sent();
  for (std::uint64_t n = 2; n <= 50; ++n) ask(n);
  EXPECT_TRUE(out.sent.empty());
  asks.received(1, said_by(1, first.ask, first.nonce_root));
  asks.received(2, said_by(2, first.ask, first.nonce_root));
  EXPECT_EQ(done.size(), 1u);
  EXPECT_TRUE(out.sent.empty());  // rounds begin apart
  ASSERT_TRUE(asks.deadline_ns());
  clock.ns = *asks.deadline_ns();
  asks.wake();
  const auto second = sent();
  asks.received(1, said_by(1, second.ask, second.nonce_root));
  asks.received(3, said_by(3, second.ask, second.nonce_root));
  ASSERT_EQ(done.size(), 50u);
  EXPECT_EQ(signed_here, 2u);
  for (std::uint64_t n = 2; n <= 50; ++n)
    EXPECT_EQ(*crypto::merkle_climb(crypto::kNonceTree, crypto::merkle_leaf(crypto::kNonceTree, some_hash(n).view()), done[n - 1][0].path),
              second.nonce_root);
}

TEST_F(Tips, each_asker_is_told_once_how_many_are_asked_and_how_many_share_the_round) {
  std::vector<std::pair<std::size_t, std::size_t>> begun;
  const auto ask_as = [&](std::uint64_t nonce) {
    ASSERT_TRUE(
        asks.ask(some_hash(nonce), 500, [](auto) {}, [&](std::size_t asked, std::size_t sharing) { begun.emplace_back(asked, sharing); }));
  };
  ask_as(1);
  EXPECT_EQ(begun, (std::vector{std::pair<std::size_t, std::size_t>{3, 1}}));
  const auto first = sent();
  for (std::uint64_t n = 2; n <= 5; ++n) ask_as(n);
  EXPECT_EQ(begun.size(), 1u);
  for (const std::uint16_t p : {1, 2}) asks.received(p, said_by(p, first.ask, first.nonce_root));
  clock.ns = *asks.deadline_ns();
  asks.wake();
  ASSERT_EQ(begun.size(), 5u);
  EXPECT_EQ(begun.back(), (std::pair<std::size_t, std::size_t>{3, 4}));
}

TEST_F(Tips, false_repeated_and_strange_answers_do_not_count) {
  ask(1);
  const auto round = sent();
  asks.received(1, said_by(2, round.ask, round.nonce_root));       // another's signature
  asks.received(1, said_by(1, round.ask, round.nonce_root));       // has answered
  asks.received(2, said_by(2, round.ask, some_hash(5)));           // another root
  asks.received(3, said_by(3, round.ask + 1, round.nonce_root));   // another ask
  EXPECT_TRUE(done.empty());
  EXPECT_EQ(asks.refused(), 2u);
  clock.ns = *asks.deadline_ns();
  asks.wake();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].size(), 1u);  // our own
}

TEST_F(Tips, ends_when_nobody_owes_an_answer_or_time_is_over) {
  votes = false;
  ask(1);
  out.sent.clear();
  for (const auto p : {1, 2, 3}) asks.peer_down(std::uint16_t(p));
  EXPECT_EQ(done.size(), 1u);
  clock.pass_ms(10);
  ask(2, 60'000);
  EXPECT_EQ(*asks.deadline_ns() - clock.ns, kTipRoundNs);  // a silent peer does not hold up those behind
}

TEST_F(Tips, askers_and_answers_are_bounded) {
  ask(0);
  for (std::uint64_t n = 0; n < kMaxTipNonces; ++n) ask(n);
  EXPECT_EQ(asks.ask(some_hash(1), 1, [](auto) {}).error().code, Errc::busy);
  out.sent.clear();
  signed_here = 0;
  for (std::uint64_t n = 0; n < 2 * kTipAsksPerSecond; ++n) asks.received(1, TipAsk{n, some_hash(n)});
  EXPECT_EQ(signed_here, kTipAsksPerSecond);
  EXPECT_EQ(out.take<TipSaid>().size(), kTipAsksPerSecond);
}

// ---- storage promises

StoreAsk store_ask(std::uint64_t number, std::size_t blobs, std::uint64_t from = 0) {
  StoreAsk ask;
  ask.ask = number;
  for (std::size_t i = 0; i < blobs; ++i) ask.blobs.push_back({some_hash(from + i), 10});
  std::ranges::sort(ask.blobs, {}, &ledger::BlobRef::root);
  std::vector<Hash> leaves;
  for (const auto& b : ask.blobs) leaves.push_back(ledger::stored_leaf(b)), ask.promise.bytes += b.bytes;
  ask.promise.list_root = crypto::merkle_root(crypto::kStoredTree, leaves);
  return ask;
}

TEST(StoreAskShape, is_sorted_unique_summed_rooted_and_bounded) {
  EXPECT_TRUE(check_store_ask(store_ask(1, 1)));
  EXPECT_TRUE(check_store_ask(store_ask(1, kMaxStoredBlobs)));
  EXPECT_FALSE(check_store_ask(store_ask(1, kMaxStoredBlobs + 1)));
  EXPECT_FALSE(check_store_ask(store_ask(1, 0)));
  auto ask = store_ask(1, 3);
  std::swap(ask.blobs[0], ask.blobs[1]);
  EXPECT_FALSE(check_store_ask(ask));
  ask = store_ask(1, 3);
  ask.promise.bytes += 1;
  EXPECT_FALSE(check_store_ask(ask));
  ask = store_ask(1, 3);
  ask.promise.list_root = some_hash(1);
  EXPECT_FALSE(check_store_ask(ask));
  EXPECT_TRUE(encode_frame(store_ask(1, kMaxStoredBlobs)));
}

struct Promises : ::testing::Test {
  Committee committee{4};
  FakeEntropy entropy;
  FakeOutbox out;
  FakeClock clock;
  StoreAsks asks{committee.facts, out, clock};
  std::vector<std::vector<ledger::StoredSignature>> done;
  ledger::StoredPromise promise = store_ask(1, 2).promise;

  StoreSaid said_by(std::uint16_t who, std::uint64_t ask) {
    return {ask, 0, *crypto::sign(committee.vote_keys[who], crypto::domain::kStored, committee.facts.chain, promise, entropy)};
  }
  std::uint64_t ask() {
    const ledger::StoredSignature own{0, said_by(0, 0).signature};
    EXPECT_TRUE(asks.ask(promise, store_ask(1, 2).blobs, own, 1000, [&](auto s) { done.push_back(std::move(s)); }));
    const auto sent = out.take<StoreAsk>();
    EXPECT_TRUE(sent.size() == 1 && check_store_ask(sent[0].second));
    return sent[0].second.ask;
  }
};

TEST_F(Promises, are_collected_from_all_who_are_linked) {
  const auto number = ask();
  asks.received(3, said_by(3, number));
  asks.received(1, said_by(1, number));
  EXPECT_TRUE(done.empty());
  asks.received(2, {number, std::uint16_t(Errc::not_stored), {}});
  ASSERT_EQ(done.size(), 1u);
  ASSERT_EQ(done[0].size(), 3u);
  for (std::size_t i = 1; i < 3; ++i) EXPECT_LT(done[0][i - 1].validator, done[0][i].validator);
}

TEST_F(Promises, that_do_not_verify_or_come_late_or_twice_are_not_counted) {
  const auto number = ask();
  asks.received(1, said_by(2, number));
  asks.received(1, said_by(1, number));
  asks.received(2, said_by(2, number + 1));
  EXPECT_EQ(asks.refused(), 3u);
  clock.pass_ms(1000);
  asks.wake();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].size(), 1u);
  asks.received(2, said_by(2, number));
  EXPECT_EQ(done.size(), 1u);
  EXPECT_FALSE(asks.deadline_ns());
}

TEST_F(Promises, of_a_strong_set_are_not_held_up_by_one_who_hangs) {
  const ledger::StoredSignature own{0, said_by(0, 0).signature};
  ASSERT_TRUE(asks.ask(promise, store_ask(1, 2).blobs, own, 60'000, [&](auto s) { done.push_back(std::move(s)); }));
  const auto number = out.take<StoreAsk>().at(0).second.ask;
  asks.received(1, said_by(1, number));
  clock.pass_ms(5'000);
  asks.received(2, said_by(2, number));  // the rest gets as long again
  clock.pass_ms(4'999);
  asks.wake();
  EXPECT_TRUE(done.empty());
  clock.pass_ms(1);
  asks.wake();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].size(), 3u);
}

TEST_F(Promises, a_lost_link_is_not_waited_for) {
  const auto number = ask();
  asks.received(1, said_by(1, number));
  asks.received(2, said_by(2, number));
  asks.peer_down(3);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].size(), 3u);
}

TEST_F(Promises, under_way_are_bounded) {
  for (std::uint32_t i = 0; i < kMaxStoreAsks; ++i) ask();
  EXPECT_EQ(asks.ask(promise, {}, {}, 1, [](auto) {}).error().code, Errc::busy);
}

struct Duties : ::testing::Test, BlobTarget, PromiseSigner {
  FakeOutbox out;
  FakeClock clock;
  BlobPull pull{0, out, clock, *this};
  StoreDuties duties{out, clock, pull, *this};
  std::set<Hash> held;
  std::optional<Errc> sign_says;

  Result<std::vector<std::uint32_t>> begin_blob(const Hash&, const ledger::BlobManifest&) override { return std::vector<std::uint32_t>{}; }
  Status put_chunk(const Hash&, std::uint32_t, BytesView) override { return {}; }
  void blob_complete(const Hash& root) override {
    held.insert(root);
    duties.blob_complete(root);
  }
  void blob_given_up(const Hash& root, const Error& why) override { duties.blob_given_up(root, why); }
  bool holds(const ledger::BlobRef& blob) override { return held.contains(blob.root); }
  std::optional<std::vector<Signed>> waiting;  // set: the disk takes its time
  void promise(const ledger::StoredPromise&, std::span<const ledger::BlobRef>, Signed done) override {
    if (waiting) return waiting->push_back(std::move(done));
    if (sign_says) return done(fail(*sign_says));
    done(crypto::Signature{crypto::KeyType::ed25519, Bytes(64)});
  }
  void come(const Hash& root) {
    pull.here(root);
    blob_complete(root);
  }
};

TEST_F(Duties, are_answered_when_all_blobs_are_here) {
  const auto ask = store_ask(5, 3);
  held.insert(ask.blobs[1].root);
  ASSERT_TRUE(duties.received(2, ask));
  EXPECT_EQ(pull.wanted_count(), 2u);
  EXPECT_EQ(out.all<GetManifest>()[0].first, 2);  // the asker first
  come(ask.blobs[0].root);
  EXPECT_TRUE(out.take<StoreSaid>().empty());
  come(ask.blobs[2].root);
  const auto said = out.take<StoreSaid>();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].first, 2);
  EXPECT_EQ(said[0].second.ask, 5u);
  EXPECT_EQ(said[0].second.code, 0);
  ASSERT_TRUE(duties.received(2, store_ask(6, 3)));
  EXPECT_EQ(out.take<StoreSaid>().size(), 1u);  // all here: at once
}

TEST_F(Duties, that_fail_or_take_too_long_say_so_and_pull_no_longer) {
  ASSERT_TRUE(duties.received(1, store_ask(1, 2)));
  ASSERT_TRUE(duties.received(2, store_ask(1, 1)));
  clock.ns += kStoreDutyNs;
  duties.wake();
  const auto late = out.take<StoreSaid>();
  ASSERT_EQ(late.size(), 2u);
  EXPECT_EQ(late[0].second.code, std::uint16_t(Errc::not_stored));
  EXPECT_EQ(pull.wanted_count(), 0u);
  sign_says = Errc::disk;
  held = {store_ask(1, 1).blobs[0].root};
  ASSERT_TRUE(duties.received(1, store_ask(2, 1)));
  EXPECT_EQ(out.take<StoreSaid>()[0].second.code, std::uint16_t(Errc::disk));
  EXPECT_FALSE(duties.received(1, StoreAsk{}));
}

TEST_F(Duties, of_a_peer_that_is_gone_end_but_not_what_others_need) {
  ASSERT_TRUE(duties.received(1, store_ask(1, 3)));
  ASSERT_TRUE(duties.received(2, store_ask(1, 1)));
  duties.peer_down(1);
  EXPECT_EQ(duties.under_way(), 1u);
  EXPECT_EQ(pull.wanted_count(), 1u);
}

TEST_F(Duties, tell_who_asks_for_a_blob_as_long_as_it_is_missing_and_no_longer) {
  const auto ask = store_ask(1, 2);
  const auto root = store_ask(1, 1).blobs[0].root;
  const auto other = ask.blobs[ask.blobs[0].root == root ? 1 : 0].root;
  auto false_sum = ask;
  ++false_sum.promise.bytes;
  EXPECT_FALSE(duties.received(3, false_sum));
  EXPECT_TRUE(duties.askers(root).empty());  // what is refused leaves nothing
  ASSERT_TRUE(duties.received(2, ask));
  ASSERT_TRUE(duties.received(2, store_ask(2, 1)));
  ASSERT_TRUE(duties.received(1, store_ask(1, 1)));
  EXPECT_EQ(duties.askers(root), (std::vector<std::uint16_t>{1, 2}));
  duties.peer_down(1);
  EXPECT_EQ(duties.askers(root), (std::vector<std::uint16_t>{2}));
  come(root);
  EXPECT_TRUE(duties.askers(root).empty());
  EXPECT_EQ(duties.askers(other), (std::vector<std::uint16_t>{2}));
  clock.ns += kStoreDutyNs;
  duties.wake();
  EXPECT_TRUE(duties.askers(other).empty());
}

TEST_F(Duties, are_answered_when_the_disk_has_done_its_part_and_only_to_who_asked) {
  waiting.emplace();
  const auto ask = store_ask(1, 1), next = store_ask(1, 2);
  for (const auto& b : next.blobs) held.insert(b.root);
  ASSERT_TRUE(duties.received(2, ask));
  ASSERT_TRUE(duties.received(2, ask));  // sent twice
  ASSERT_TRUE(duties.received(3, ask));
  EXPECT_EQ(waiting->size(), 2u);
  EXPECT_TRUE(out.take<StoreSaid>().empty());
  EXPECT_EQ(duties.under_way(), 2u);
  duties.peer_down(2);  // it started again, and counts its asks anew
  ASSERT_TRUE(duties.received(2, next));
  const crypto::Signature old{crypto::KeyType::ed25519, Bytes(64, 1)}, fresh{crypto::KeyType::ed25519, Bytes(64, 2)};
  (*waiting)[0](old);
  EXPECT_TRUE(out.take<StoreSaid>().empty()) << "the promise of another question";
  (*waiting)[2](fresh);
  auto said = out.take<StoreSaid>();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].second.signature.bytes, fresh.bytes);
  (*waiting)[1](fail(Errc::no_blob));
  said = out.take<StoreSaid>();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].first, 3);
  EXPECT_EQ(said[0].second.code, std::uint16_t(Errc::no_blob));
  EXPECT_EQ(duties.under_way(), 0u);
}

TEST_F(Duties, are_bounded_a_peer) {
  for (std::uint64_t n = 0; n < kMaxStoreDuties + 1; ++n) ASSERT_TRUE(duties.received(1, store_ask(n, 1, n)));
  EXPECT_EQ(duties.under_way(), kMaxStoreDuties);
  EXPECT_EQ(out.take<StoreSaid>()[0].second.code, std::uint16_t(Errc::busy));
  ASSERT_TRUE(duties.received(2, store_ask(1, 1)));
  EXPECT_EQ(duties.under_way(), kMaxStoreDuties + 1);
  for (std::uint64_t n = 0; n < 20; ++n) ASSERT_TRUE(duties.received(3, store_ask(n, 1000, 10'000 + n * 1000)));
  EXPECT_LE(pull.wanted_count(), kMaxDutyRoots + kMaxStoreDuties + 1);
}

}  // namespace
}  // namespace dos::net::test
