#include "net/range_server.hpp"

#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

struct WorkingOutbox final : Outbox {
  FakeOutbox inner;
  std::set<std::uint16_t> poor;
  Work charged;
  bool send(std::uint16_t to, const AnyMessage& m) override { return inner.send(to, m); }
  void send_all(const AnyMessage& m) override { inner.send_all(m); }
  std::vector<std::uint16_t> linked() const override { return inner.linked(); }
  bool room_for(std::uint16_t to, std::size_t n) const override { return inner.room_for(to, n); }
  bool affords(std::uint16_t peer) override { return !poor.contains(peer); }
  void charge(std::uint16_t, const Work& w) override {
    charged.reads += w.reads;
    charged.bytes += w.bytes;
  }
};

struct Ranges : ::testing::Test {
  WorkingOutbox out;
  FakeClock clock;
  std::uint64_t tip = 100, reads = 0, size = 100;
  bool broken = false;
  RangeServer server{out, clock, [this](Height h) -> Result<std::optional<FinalBlock>> {
                       ++reads;
                       if (broken) return fail(Errc::disk, "gone");
                       if (h.value > tip) return std::nullopt;
                       FinalBlock b;
                       b.anchor.header.height = h;
                       b.payload = Bytes(size, 1);
                       return b;
                     }};
  std::vector<std::pair<std::uint16_t, Range>> wake() {
    server.wake();
    return out.inner.take<Range>();
  }
};

TEST_F(Ranges, are_read_in_pieces_and_sent_whole) {
  server.received(1, {Height{1}, kMaxRangeBlocks});
  EXPECT_EQ(reads, 0u);
  EXPECT_EQ(server.deadline_ns(), 0u);
  std::uint32_t pieces = 0;
  for (;;) {
    const auto before = reads;
    const auto got = wake();
    EXPECT_LE(reads - before, kRangePieceBlocks);
    ++pieces;
    if (got.empty()) continue;
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].first, 1);
    EXPECT_EQ(got[0].second.blocks.size(), kMaxRangeBlocks);
    break;
  }
  EXPECT_GE(pieces, kMaxRangeBlocks / kRangePieceBlocks);
  EXPECT_EQ(out.charged.reads, kMaxRangeBlocks + 1u);
  EXPECT_GT(out.charged.bytes, kMaxRangeBlocks * size);
  EXPECT_FALSE(server.deadline_ns());
  EXPECT_EQ(server.held_bytes(), 0u);
}

TEST_F(Ranges, large_blocks_are_a_piece_each) {
  size = kRangePieceBytes;
  server.received(1, {Height{1}, 4});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(reads, std::uint64_t(i));
    server.wake();
  }
}

TEST_F(Ranges, one_ask_waits_a_peer_and_peers_take_turns) {
  for (std::uint64_t i = 1; i <= 50; ++i) server.received(1, {Height{i}, 1});
  server.received(2, {Height{7}, 1});
  EXPECT_EQ(server.waiting(), 2u);
  std::vector<std::pair<std::uint16_t, std::uint64_t>> order;
  while (server.deadline_ns()) {
    for (const auto& [to, range] : wake()) order.emplace_back(to, range.from.value);
    if (order.size() == 1) server.received(1, {Height{60}, 1});  // asks again at once
  }
  EXPECT_EQ(order, (std::vector<std::pair<std::uint16_t, std::uint64_t>>{{1, 50}, {2, 7}, {1, 60}}));
}

TEST_F(Ranges, who_has_caused_too_much_waits_and_gets_a_short_answer) {
  out.poor = {1};
  server.received(1, {Height{1}, kMaxRangeBlocks});
  server.received(2, {Height{1}, 1});
  while (server.deadline_ns() == 0u)
    for (const auto& [to, range] : wake()) EXPECT_EQ(to, 2);
  EXPECT_EQ(server.waiting(), 1u);
  EXPECT_TRUE(wake().empty());
  const auto due = server.deadline_ns();
  ASSERT_TRUE(due);
  EXPECT_EQ(*due, clock.ns + kRangeRetryNs);
  out.poor.clear();
  server.wake();
  out.poor = {1};
  const auto got = wake();
  ASSERT_EQ(got.size(), 1u);  // never an empty one: that would say that there is no more
  EXPECT_GT(got[0].second.blocks.size(), 0u);
  EXPECT_LT(got[0].second.blocks.size(), kMaxRangeBlocks);
}

TEST_F(Ranges, who_does_not_read_or_is_gone_causes_no_reading) {
  out.inner.room = false;
  server.received(1, {Height{1}, 5});
  server.wake();
  EXPECT_EQ(reads, 0u);
  EXPECT_EQ(server.waiting(), 0u);
  out.inner.room = true;
  server.received(1, {Height{1}, kMaxRangeBlocks});
  server.wake();
  server.peer_down(1);
  EXPECT_FALSE(server.deadline_ns());
  broken = true;
  server.received(2, {Height{1}, 5});
  EXPECT_TRUE(wake().empty());
  EXPECT_FALSE(server.deadline_ns());
}

}  // namespace
}  // namespace dos::net::test
