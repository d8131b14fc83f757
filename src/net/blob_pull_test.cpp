#include "net/blob_pull.hpp"

#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

struct TestBlob {
  ledger::BlobManifest manifest;
  std::vector<Bytes> chunks;
  Hash root;
};
TestBlob blob_of(std::uint64_t n, std::size_t chunks, std::size_t last = 100) {
  TestBlob b;
  for (std::size_t i = 0; i < chunks; ++i) {
    b.chunks.emplace_back(i + 1 == chunks ? last : kChunkBytes, std::uint8_t(n * 31 + i));
    b.manifest.bytes += b.chunks.back().size();
    b.manifest.chunks.push_back(crypto::plain_hash(b.chunks.back()));
  }
  b.root = *ledger::blob_root(b.manifest);
  return b;
}

struct Pulling : ::testing::Test, BlobTarget {
  FakeOutbox out;
  FakeClock clock;
  BlobPull pull{0, out, clock, *this};
  std::map<Hash, TestBlob> world;                       // what peers may hold
  std::map<Hash, std::set<std::uint32_t>> have;
  std::vector<Hash> complete, given_up;
  std::optional<Errc> begin_says, put_says;

  Result<std::vector<std::uint32_t>> begin_blob(const Hash& root, const ledger::BlobManifest& manifest) override {
    if (begin_says) return fail(*begin_says);
    std::vector<std::uint32_t> missing;
    for (std::uint32_t i = 0; i < manifest.chunks.size(); ++i)
      if (!have[root].contains(i)) missing.push_back(i);
    return missing;
  }
  Status put_chunk(const Hash& root, std::uint32_t index, BytesView bytes) override {
    if (put_says) return fail(*put_says);
    if (crypto::plain_hash(bytes) != world.at(root).manifest.chunks[index]) return fail(Errc::content_mismatch);
    EXPECT_TRUE(have[root].insert(index).second) << "a chunk was fetched twice";
    return {};
  }
  void blob_complete(const Hash& root) override { complete.push_back(root); }
  void blob_given_up(const Hash& root, const Error&) override { given_up.push_back(root); }

  Hash add(std::uint64_t n, std::size_t chunks) {
    auto b = blob_of(n, chunks);
    const Hash root = b.root;
    world.emplace(root, std::move(b));
    return root;
  }
  // Answers everything that was asked; `holds` says who has what.
  void answer(const std::function<bool(std::uint16_t, const Hash&)>& holds = [](auto, auto&) { return true; }) {
    for (const auto& [peer, ask] : out.take<GetManifest>())
      pull.received(peer, {ask.root, holds(peer, ask.root) ? std::optional(world.at(ask.root).manifest) : std::nullopt});
    for (const auto& [peer, ask] : out.take<GetChunk>())
      pull.received(peer,
                    {ask.root, ask.index, holds(peer, ask.root) ? std::optional(world.at(ask.root).chunks[ask.index]) : std::nullopt});
  }
  void run(const std::function<bool(std::uint16_t, const Hash&)>& holds = [](auto, auto&) { return true; }) {
    for (int i = 0; i < 2000 && pull.wanted_count() > 0; ++i) {
      answer(holds);
      if (!out.sent.empty()) continue;
      const auto due = pull.deadline_ns();
      if (!due) return;
      clock.ns = std::max(clock.ns + 1, *due);
      pull.wake();
    }
  }
};

TEST_F(Pulling, brings_manifest_and_chunks_from_several_peers_within_its_window) {
  const auto root = add(1, 40);
  ASSERT_TRUE(pull.want(root, PullReason::named, {}));
  answer();
  std::map<std::uint16_t, int> per_peer;
  for (const auto& [peer, ask] : out.all<GetChunk>()) {
    ++per_peer[peer];
    EXPECT_FALSE(ask.wait);
  }
  for (const auto& [peer, count] : per_peer) EXPECT_EQ(count, int(kChunksPerPeer));
  EXPECT_EQ(per_peer.size(), 3u);
  run();
  EXPECT_EQ(complete, std::vector<Hash>{root});
  EXPECT_FALSE(pull.deadline_ns());
}

TEST_F(Pulling, chunks_in_flight_are_bounded_over_all_peers) {
  out.peers = {1, 2, 3, 4, 5, 6, 7, 8};
  for (std::uint64_t n = 1; n <= 30; ++n) ASSERT_TRUE(pull.want(add(n, 20), PullReason::named, {}));
  for (int i = 0; i < 5; ++i) answer();
  EXPECT_LE(pull.in_flight(), kChunksInFlight);
  EXPECT_LE(out.all<GetChunk>().size(), kChunksInFlight);
  run();
  EXPECT_EQ(complete.size(), 30u);
}

TEST_F(Pulling, resumes_with_what_is_missing_and_ends_at_once_if_nothing_is) {
  const auto root = add(1, 5), whole = add(2, 3);
  have[root] = {0, 1, 3};
  have[whole] = {0, 1, 2};
  ASSERT_TRUE(pull.want(root, PullReason::named, {}));
  ASSERT_TRUE(pull.want(whole, PullReason::named, {}));
  run();
  EXPECT_EQ(complete.size(), 2u);
}

TEST_F(Pulling, a_promise_goes_before_what_blocks_name) {
  out.peers = {2};
  for (std::uint64_t n = 1; n <= 20; ++n) ASSERT_TRUE(pull.want(add(n, 30), PullReason::named, {}));
  const auto urgent = add(99, 10);
  ASSERT_TRUE(pull.want(urgent, PullReason::promise, 2));
  run();
  ASSERT_EQ(complete.size(), 21u);
  EXPECT_EQ(complete.front(), urgent);
}

TEST_F(Pulling, the_known_holder_is_asked_alone_and_to_wait_and_others_when_it_goes) {
  const auto root = add(1, 6);
  ASSERT_TRUE(pull.want(root, PullReason::promise, 2));
  EXPECT_EQ(out.all<GetManifest>()[0].first, 2);
  answer();
  for (const auto& [peer, ask] : out.all<GetChunk>()) EXPECT_TRUE(peer == 2 && ask.wait);
  out.sent.clear();
  out.unlink(2);
  pull.peer_down(2);
  for (const auto& [peer, ask] : out.all<GetChunk>()) EXPECT_TRUE(peer != 2 && !ask.wait);
  run();
  EXPECT_EQ(complete.size(), 1u);
}

TEST_F(Pulling, an_offered_upload_needs_no_question_for_its_manifest) {
  const auto root = add(1, 3);
  ASSERT_TRUE(pull.offered(3, {world.at(root).manifest}));
  EXPECT_TRUE(out.all<GetManifest>().empty());
  ASSERT_EQ(out.all<GetChunk>().size(), 3u);
  run();
  EXPECT_EQ(complete.size(), 1u);
  auto broken = world.at(root).manifest;
  broken.bytes += kChunkBytes;
  EXPECT_FALSE(pull.offered(3, {broken}));
}

TEST_F(Pulling, offers_are_few_a_peer_and_forgotten_without_progress) {
  out.peers = {1};
  for (std::uint64_t n = 0; n < kMaxOffersPerPeer + 5; ++n) ASSERT_TRUE(pull.offered(1, {world.at(add(n, 2)).manifest}));
  EXPECT_EQ(pull.wanted_count(), kMaxOffersPerPeer);
  ASSERT_TRUE(pull.offered(2, {world.at(add(1000, 2)).manifest}));
  EXPECT_EQ(pull.wanted_count(), kMaxOffersPerPeer + 1);
  clock.ns += kOfferLifeNs;
  pull.wake();
  EXPECT_EQ(pull.wanted_count(), 0u);
  EXPECT_EQ(given_up.size(), kMaxOffersPerPeer + 1);
}

TEST_F(Pulling, a_peer_without_it_is_asked_again_later_and_less_and_less) {
  const auto root = add(1, 2);
  out.peers = {1};
  ASSERT_TRUE(pull.want(root, PullReason::named, {}));
  std::uint64_t wait = 0;
  for (int i = 0; i < 15; ++i) {
    answer([](auto, auto&) { return false; });
    ASSERT_TRUE(pull.deadline_ns());
    EXPECT_GE(*pull.deadline_ns() - clock.ns, wait);
    wait = *pull.deadline_ns() - clock.ns;
    clock.ns = *pull.deadline_ns();
    pull.wake();
  }
  EXPECT_EQ(wait, kNotHeldPauseMaxNs);
  run();
  EXPECT_EQ(complete.size(), 1u);
}

TEST_F(Pulling, blobs_that_nobody_has_do_not_hold_up_the_others) {
  std::set<Hash> lost;
  for (std::uint64_t n = 0; n < 300; ++n) {
    lost.insert(add(n, 1));
    ASSERT_TRUE(pull.want(add(n, 1), PullReason::named, {}));
  }
  for (std::uint64_t n = 1000; n < 1010; ++n) ASSERT_TRUE(pull.want(add(n, 2), PullReason::named, {}));
  for (int i = 0; i < 3000 && complete.size() < 10; ++i) {
    answer([&](auto, const Hash& root) { return !lost.contains(root); });
    if (!out.sent.empty()) continue;
    clock.ns = std::max(clock.ns + 1, pull.deadline_ns().value_or(clock.ns));
    pull.wake();
  }
  EXPECT_EQ(complete.size(), 10u);
}

TEST_F(Pulling, who_sends_a_wrong_chunk_or_manifest_is_not_asked_for_it_again) {
  const auto root = add(1, 12);
  ASSERT_TRUE(pull.want(root, PullReason::named, {}));
  const auto first = out.take<GetManifest>();
  ASSERT_EQ(first.size(), 1u);
  pull.received(first[0].first, {root, blob_of(7, 2).manifest});
  const auto second = out.take<GetManifest>();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_NE(second[0].first, first[0].first);
  pull.received(second[0].first, {root, world.at(root).manifest});
  const auto asks = out.take<GetChunk>();
  const auto liar = asks[0].first;
  for (const auto& [peer, ask] : asks) {
    EXPECT_NE(peer, first[0].first);
    pull.received(peer, {root, ask.index, peer == liar ? Bytes(5) : world.at(root).chunks[ask.index]});
  }
  for (int i = 0; i < 10; ++i) {
    for (const auto& [peer, ask] : out.all<GetChunk>()) EXPECT_NE(peer, liar);
    answer();
  }
  EXPECT_EQ(complete.size(), 1u);
}

TEST_F(Pulling, an_answer_that_was_not_asked_for_is_dropped) {
  const auto root = add(1, 3);
  pull.received(1, {root, 0, world.at(root).chunks[0]});
  pull.received(1, Manifest{root, world.at(root).manifest});
  ASSERT_TRUE(pull.want(root, PullReason::named, {}));
  const auto asked = out.take<GetManifest>()[0].first;
  pull.received(asked == 1 ? 2 : 1, Manifest{root, world.at(root).manifest});
  EXPECT_EQ(pull.unasked(), 3u);
  EXPECT_TRUE(have[root].empty());
}

TEST_F(Pulling, a_full_disk_stops_the_asking_for_a_while) {
  const auto root = add(1, 10);
  ASSERT_TRUE(pull.want(root, PullReason::named, {}));
  put_says = Errc::disk_full;
  answer();
  answer();
  EXPECT_TRUE(out.all<GetChunk>().empty());
  EXPECT_EQ(pull.deadline_ns(), clock.ns + kDiskPauseNs);
  put_says.reset();
  run();
  EXPECT_EQ(complete.size(), 1u);
  begin_says = Errc::busy;  // the quota of uploads is full: this one waits, others need not
  ASSERT_TRUE(pull.want(add(2, 1), PullReason::offer, 1));
  answer();
  EXPECT_TRUE(out.all<GetChunk>().empty());
  begin_says.reset();
  run();
  EXPECT_EQ(complete.size(), 2u);
  begin_says = Errc::limit;
  ASSERT_TRUE(pull.want(add(3, 1), PullReason::named, {}));
  run();
  EXPECT_EQ(given_up.size(), 1u);
}

TEST_F(Pulling, late_chunks_are_asked_of_others) {
  const auto root = add(1, 2);
  ASSERT_TRUE(pull.want(root, PullReason::named, {}));
  pull.received(out.take<GetManifest>()[0].first, Manifest{root, world.at(root).manifest});
  const auto asks = out.take<GetChunk>();
  ASSERT_EQ(asks.size(), 2u);
  clock.ns += kChunkWaitNs;
  pull.wake();
  ASSERT_FALSE(out.all<GetChunk>().empty());
  for (const auto& [peer, ask] : out.all<GetChunk>())
    for (const auto& [late, was] : asks) EXPECT_NE(peer, late);
  run();
  EXPECT_EQ(complete.size(), 1u);
}

TEST_F(Pulling, who_keeps_a_chunk_back_is_waited_for_less_long_while_another_is_said_to_have_it) {
  out.peers = {1, 2};
  for (const bool known_before : {false, true}) {
    const auto root = add(known_before ? 1 : 2, 1);
    ASSERT_TRUE(pull.want(root, PullReason::promise, 1));
    if (known_before) { ASSERT_TRUE(pull.want(root, PullReason::promise, 2)); }
    EXPECT_EQ(out.take<GetManifest>().at(0).first, 1);
    pull.received(1, Manifest{root, world.at(root).manifest});
    EXPECT_EQ(out.take<GetChunk>().at(0).first, 1);
    if (!known_before) { ASSERT_TRUE(pull.want(root, PullReason::promise, 2)); }
    clock.ns += kOtherChunkWaitNs - 1;
    pull.wake();
    EXPECT_TRUE(out.take<GetChunk>().empty());
    EXPECT_EQ(pull.deadline_ns(), clock.ns + 1);
    clock.ns += 1;
    pull.wake();
    const auto asks = out.take<GetChunk>();
    ASSERT_EQ(asks.size(), 1u);
    EXPECT_EQ(asks[0].first, 2);
    pull.received(2, Chunk{root, 0, world.at(root).chunks[0]});
    pull.peer_up(1);  // forgiven
  }
  EXPECT_EQ(complete.size(), 2u);
}

TEST_F(Pulling, a_dropped_promise_goes_on_only_if_a_block_names_it) {
  out.peers.clear();
  const auto a = add(1, 1), b = add(2, 1);
  for (const auto& root : {a, b}) ASSERT_TRUE(pull.want(root, PullReason::promise, 1));
  ASSERT_TRUE(pull.want(b, PullReason::named, {}));
  pull.drop_promise(a);
  pull.drop_promise(b);
  EXPECT_FALSE(pull.wanted(a));
  EXPECT_TRUE(pull.wanted(b));
}

TEST_F(Pulling, a_holder_that_answers_nothing_holds_up_only_what_it_asked_for) {
  out.peers = {1, 2, 3};
  for (std::uint64_t n = 0; n < 8'192; ++n) ASSERT_TRUE(pull.want(some_hash(1'000'000 + n), PullReason::promise, 1));
  EXPECT_EQ(out.take<GetManifest>().size(), kManifestsPerPeer);  // to one peer, however much is said to be there
  std::vector<Hash> others, named;
  for (std::uint64_t n = 0; n < 20; ++n) {
    others.push_back(add(n, 2));
    ASSERT_TRUE(pull.want(others.back(), PullReason::promise, 2));
    named.push_back(add(100 + n, 2));
    ASSERT_TRUE(pull.want(named.back(), PullReason::named, {}));
  }
  // 1 says nothing; whoever else is asked for its roots has none of them.
  for (int i = 0; i < 4'000 && complete.size() < 40; ++i) {
    for (const auto& [peer, ask] : out.take<GetManifest>())
      if (peer != 1)
        pull.received(peer, Manifest{ask.root, world.contains(ask.root) ? std::optional(world.at(ask.root).manifest) : std::nullopt});
    for (const auto& [peer, ask] : out.take<GetChunk>())
      pull.received(peer, Chunk{ask.root, ask.index, world.at(ask.root).chunks[ask.index]});
    if (std::ranges::count_if(out.sent, [](const auto& s) { return s.first != 1; }) != 0) continue;
    clock.ns = std::max(clock.ns + 1, pull.deadline_ns().value_or(clock.ns));
    pull.wake();
  }
  EXPECT_EQ(complete.size(), 40u);
  EXPECT_LT(clock.ns, 1'000'000'000 + 10 * kManifestWaitNs);
  EXPECT_LE(pull.in_flight(), kChunksInFlight);
}

TEST_F(Pulling, wants_a_bounded_number) {
  out.peers.clear();
  for (std::uint64_t n = 0; n < kMaxWantedBlobs; ++n) ASSERT_TRUE(pull.want(some_hash(n), PullReason::named, {}));
  EXPECT_EQ(pull.want(some_hash(kMaxWantedBlobs), PullReason::promise, {}).error().code, Errc::busy);
  EXPECT_TRUE(pull.want(some_hash(7), PullReason::promise, {}));
}

}  // namespace
}  // namespace dos::net::test
