#include "net/chunk_server.hpp"

#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

struct Serving : ::testing::Test, BlobSource {
  FakeOutbox out;
  FakeClock clock;
  ChunkServer server{out, clock, *this};
  std::map<std::pair<Hash, std::uint32_t>, Bytes> chunks;
  bool damaged = false;
  unsigned reads = 0;

  Result<std::optional<ledger::BlobManifest>> manifest_of(const Hash& root) override {
    if (root == some_hash(1)) return std::optional(ledger::BlobManifest{});
    return std::optional<ledger::BlobManifest>{};
  }
  Result<std::optional<Bytes>> chunk_of(const Hash& root, std::uint32_t index) override {
    ++reads;
    if (damaged) return fail(Errc::corrupt);
    const auto at = chunks.find({root, index});
    return at == chunks.end() ? std::nullopt : std::optional(at->second);
  }
};

TEST_F(Serving, answers_with_what_it_holds_and_says_so_when_it_does_not) {
  chunks[{some_hash(1), 3}] = Bytes(10, 3);
  server.received(1, GetChunk{some_hash(1), 3, false});
  server.received(1, GetChunk{some_hash(1), 4, false});
  server.received(2, GetManifest{some_hash(1)});
  server.received(2, GetManifest{some_hash(2)});
  const auto said = out.take<Chunk>();
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].second.bytes, Bytes(10, 3));
  EXPECT_FALSE(said[1].second.bytes);
  const auto manifests = out.take<Manifest>();
  EXPECT_TRUE(manifests[0].second.manifest && !manifests[1].second.manifest);
}

TEST_F(Serving, a_chunk_that_is_on_its_way_is_sent_to_all_who_wait_when_it_comes) {
  for (std::uint16_t peer = 1; peer <= 3; ++peer) server.received(peer, GetChunk{some_hash(1), 5, true});
  EXPECT_TRUE(out.sent.empty());
  chunks[{some_hash(1), 5}] = Bytes(7);
  server.chunk_here(some_hash(1), 4);
  EXPECT_TRUE(out.sent.empty());
  server.peer_down(2);
  server.chunk_here(some_hash(1), 5);
  const auto said = out.take<Chunk>();
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].first, 1);
  EXPECT_EQ(said[1].first, 3);
  EXPECT_FALSE(server.deadline_ns());
}

TEST_F(Serving, an_answer_that_came_later_is_its_askers_work) {
  for (std::uint16_t peer = 1; peer <= 2; ++peer) server.received(peer, GetChunk{some_hash(1), 5, true});
  server.received(1, GetChunk{some_hash(1), 6, true});
  chunks[{some_hash(1), 5}] = Bytes(7'000);
  server.chunk_here(some_hash(1), 5);
  for (std::uint16_t peer = 1; peer <= 2; ++peer) EXPECT_EQ(out.charged[peer].bytes, 7'000u);
  EXPECT_EQ(out.charged[1].reads, 1u);
  clock.ns += kParkedNs;
  server.wake();
  EXPECT_EQ(out.charged[1].reads, 2u);
  server.received(1, GetChunk{some_hash(1), 7, true});
  chunks[{some_hash(1), 7}] = Bytes(7'000);
  out.take<Chunk>();
  out.room = false;
  server.chunk_here(some_hash(1), 7);
  EXPECT_TRUE(out.sent.empty());  // it did not read the others
  EXPECT_EQ(server.parked(), 0u);
  EXPECT_EQ(server.no_room(), 1u);
}

TEST_F(Serving, nobody_waits_for_ever_and_few_asks_of_one_peer_wait) {
  for (std::uint32_t i = 0; i < kParkedPerPeer + 2; ++i) server.received(1, GetChunk{some_hash(1), i, true});
  EXPECT_EQ(out.take<Chunk>().size(), 2u);
  server.received(1, GetChunk{some_hash(1), 0, true});
  EXPECT_EQ(out.take<Chunk>().size(), 1u);
  clock.ns += kParkedNs;
  server.wake();
  EXPECT_EQ(out.take<Chunk>().size(), kParkedPerPeer);
  EXPECT_FALSE(server.deadline_ns());
}

TEST_F(Serving, a_peer_that_does_not_read_its_answers_causes_no_reading_here) {
  out.room = false;
  for (int i = 0; i < 100; ++i) server.received(1, GetChunk{some_hash(1), 0, false}), server.received(1, GetManifest{some_hash(1)});
  EXPECT_EQ(reads, 0u);
  EXPECT_TRUE(out.sent.empty());
  EXPECT_EQ(server.no_room(), 200u);
}

TEST_F(Serving, what_cannot_be_read_is_not_held) {
  damaged = true;
  server.received(1, GetChunk{some_hash(1), 0, false});
  EXPECT_FALSE(out.take<Chunk>()[0].second.bytes);
  EXPECT_EQ(server.failed_reads(), 1u);
}

}  // namespace
}  // namespace dos::net::test
