// One peer of three lies about what it has, or answers as late and as little as it may: how long it holds up who asks.
#include "net/block_sync.hpp"
#include "net/store_asks.hpp"
#include "net/test_net.hpp"
#include "net/tip_asks.hpp"

namespace dos::net::test {
namespace {

// ---- catching up: peer 1 is asked first, and answers at the last moment with one block that is right
struct Dripping : ::testing::Test, SyncTarget {
  FakeOutbox out;
  FakeClock clock;
  BlockSync sync{out, clock, *this};
  std::uint64_t adopted = 0;
  struct Due {
    std::uint64_t at_ns;
    std::uint16_t peer;
    GetRange ask;
  };
  std::vector<Due> due;

  Status adopt(std::uint16_t, FinalBlock block) override {
    EXPECT_EQ(block.anchor.header.height.value, ++adopted);
    return {};
  }
  static Range answer(const GetRange& ask, std::uint32_t most) {
    Range r{ask.from, {}};
    for (std::uint32_t i = 0; i < std::min(ask.count, most); ++i) {
      r.blocks.emplace_back();
      r.blocks.back().anchor.header.height = Height{ask.from.value + i};
    }
    return r;
  }
  void run_ms(std::uint64_t ms, std::uint16_t liar, std::uint64_t liar_after_ns, std::uint32_t liar_blocks) {
    const auto end = clock.ns + ms * 1'000'000;
    while (clock.ns < end && sync.running()) {
      for (const auto& [peer, ask] : out.take<GetRange>())
        due.push_back({clock.ns + (peer == liar ? liar_after_ns : 1'000'000), peer, ask});
      for (std::size_t i = 0; i < due.size();) {
        if (due[i].at_ns > clock.ns) {
          ++i;
          continue;
        }
        const auto d = due[i];
        due.erase(due.begin() + std::ptrdiff_t(i));
        sync.received(d.peer, answer(d.ask, d.peer == liar ? liar_blocks : kMaxRangeBlocks));
        i = 0;
      }
      sync.wake();
      std::uint64_t next = end;
      for (const auto& d : due) next = std::min(next, d.at_ns);
      if (const auto at = sync.deadline_ns()) next = std::min(next, *at);
      if (out.all<GetRange>().empty()) clock.ns = std::max(clock.ns + 1'000, next);
    }
  }
};

TEST_F(Dripping, one_who_gives_a_block_at_a_time_just_before_it_is_late_does_not_hold_up_the_rest) {
  for (std::uint16_t p = 1; p <= 3; ++p) sync.catch_up(p, Height{10'000}, Height{0});
  const auto began = clock.ns;
  run_ms(60'000, 1, kSyncWaitNs - 1'000'000, 1);
  EXPECT_LT(clock.ns - began, 15'000'000'000u);
  EXPECT_EQ(adopted, 10'000u);
}

// The others are known to have the next block only: it is the liar that says how far it goes.
TEST_F(Dripping, nor_if_it_alone_says_that_there_are_so_many) {
  sync.catch_up(1, Height{1'000}, Height{0});
  for (std::uint16_t p = 2; p <= 3; ++p) sync.catch_up(p, Height{1}, Height{0});
  const auto began = clock.ns;
  run_ms(60'000, 1, kSyncWaitNs - 1'000'000, 1);
  EXPECT_LT(clock.ns - began, 15'000'000'000u);
  EXPECT_EQ(adopted, 1'000u);
}

// ---- freshness: whoever claims to have voted far ahead
struct Boasting : ::testing::Test, TipSigner {
  Committee committee{4};
  FakeEntropy entropy;
  FakeOutbox out;
  FakeClock clock;
  TipAsks asks{committee.facts, out, clock, *this};
  std::vector<std::vector<ledger::TipAck>> done;

  TipSaid said_by(std::uint16_t who, std::uint64_t ask, const Hash& root, std::uint64_t height) {
    TipSaid said{ask, {committee.facts.epoch, root, Height{height}}, {}};
    said.signature = *crypto::sign(committee.vote_keys[who], crypto::domain::kTipAck, committee.facts.chain, said.body, entropy);
    return said;
  }
  Height reached() const override { return Height{7}; }
  Result<TipSaid> say_tip(std::uint64_t ask, const Hash& root) override { return said_by(0, ask, root, 7); }
};

TEST_F(Boasting, does_not_take_the_place_of_an_honest_answer) {
  ASSERT_TRUE(asks.ask(some_hash(1), 5'000, [&](auto acks) { done.push_back(std::move(acks)); }));
  const auto round = out.take<TipAsk>().at(0).second;
  asks.received(3, said_by(3, round.ask, round.nonce_root, 1'000'000));  // it is the first
  asks.received(1, said_by(1, round.ask, round.nonce_root, 7));
  asks.received(2, said_by(2, round.ask, round.nonce_root, 7));
  ASSERT_EQ(done.size(), 1u);
  const auto at_7 = std::ranges::count_if(done[0], [](const auto& ack) { return ack.body.fin_voted <= Height{7}; });
  EXPECT_EQ(at_7, 3) << "no strong set that says that nothing above block 7 is final";
}

// ---- promises: who says that it has the content, too
struct Claiming : ::testing::Test, BlobTarget, PromiseSigner {
  FakeOutbox out;
  FakeClock clock;
  BlobPull pull{0, out, clock, *this};
  StoreDuties duties{out, clock, pull, *this};
  ledger::BlobManifest manifest;
  Hash root;
  std::set<Hash> held;

  Claiming() {
    manifest.bytes = 8 * kChunkBytes;
    for (int i = 0; i < 8; ++i) manifest.chunks.push_back(crypto::plain_hash(Bytes(kChunkBytes, std::uint8_t(i))));
    root = *ledger::blob_root(manifest);
  }
  Result<std::vector<std::uint32_t>> begin_blob(const Hash&, const ledger::BlobManifest& m) override {
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < m.chunks.size(); ++i) all.push_back(i);
    return all;
  }
  Status put_chunk(const Hash&, std::uint32_t, BytesView) override { return {}; }
  void blob_complete(const Hash& r) override {
    held.insert(r);
    duties.blob_complete(r);
  }
  void blob_given_up(const Hash& r, const Error& why) override { duties.blob_given_up(r, why); }
  bool holds(const ledger::BlobRef& blob) override { return held.contains(blob.root); }
  void promise(const ledger::StoredPromise&, std::span<const ledger::BlobRef>, Signed done) override {
    done(crypto::Signature{crypto::KeyType::ed25519, Bytes(64)});
  }
  StoreAsk ask(std::uint64_t number) const {
    StoreAsk a;
    a.ask = number;
    a.blobs = {{root, manifest.bytes}};
    a.promise.bytes = manifest.bytes;
    const auto leaf = ledger::stored_leaf(a.blobs[0]);
    a.promise.list_root = crypto::merkle_root(crypto::kStoredTree, std::span<const Hash>(&leaf, 1));
    return a;
  }
  // Peer 1 has it and answers within a millisecond; peer 3 answers nothing, and says every `again_ms` that it has it, too.
  std::uint64_t took_ms(std::uint64_t again_ms, bool liar_first) {
    const auto began = clock.ns;
    std::uint64_t number = 1, next = began + again_ms * 1'000'000;
    if (liar_first) (void)duties.received(3, ask(number++));
    EXPECT_TRUE(duties.received(1, ask(1)));
    if (!liar_first && again_ms != 0) (void)duties.received(3, ask(number++));
    while (clock.ns < began + 150'000'000'000) {
      for (const auto& [peer, said] : out.take<StoreSaid>())
        if (peer == 1) return said.code == 0 ? (clock.ns - began) / 1'000'000 : 1'000'000;
      for (const auto& [peer, m] : out.take<GetManifest>())
        if (peer == 1) pull.received(1, Manifest{m.root, manifest});
      for (const auto& [peer, c] : out.take<GetChunk>())
        if (peer == 1) pull.received(1, Chunk{c.root, c.index, Bytes(kChunkBytes, std::uint8_t(c.index))});
      clock.pass_ms(1);
      if (again_ms != 0 && clock.ns >= next) {
        next += again_ms * 1'000'000;
        (void)duties.received(3, ask(number++));
      }
      pull.wake();
      duties.wake();
    }
    return 1'000'000;
  }
};

TEST_F(Claiming, takes_no_place_of_who_has_it) {
  const auto quiet = took_ms(0, false);
  EXPECT_LE(quiet, 20u);
  for (const bool first : {false, true}) {
    held.clear();
    duties.peer_down(1);
    duties.peer_down(3);
    out.sent.clear();
    const auto took = took_ms(1'900, first);
    EXPECT_LE(took, first ? kOtherManifestWaitNs / 1'000'000 + 20 : 20) << first;
  }
}

}  // namespace
}  // namespace dos::net::test
