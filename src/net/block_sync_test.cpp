#include "net/block_sync.hpp"

#include "net/message_table.hpp"
#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

FinalBlock block_at(std::uint64_t height, std::size_t bytes = 10) {
  FinalBlock b;
  b.anchor.header.height = Height{height};
  b.payload = Bytes(bytes, std::uint8_t(height));
  return b;
}

struct Syncing : ::testing::Test, SyncTarget {
  FakeOutbox out;
  FakeClock clock;
  BlockSync sync{out, clock, *this};
  std::vector<std::uint64_t> adopted;
  std::set<std::uint16_t> liars;
  std::uint64_t chain = 1000;  // what honest peers have
  bool tells = false;          // the target says `advanced` itself

  Status adopt(std::uint16_t from, FinalBlock block) override {
    if (liars.contains(from)) return fail(Errc::proof_invalid, "no certificate");
    EXPECT_EQ(block.anchor.header.height.value, adopted.size() + 1);
    adopted.push_back(block.anchor.header.height.value);
    if (tells) sync.advanced(block.anchor.header.height);
    return {};
  }
  Range answer(const GetRange& ask) {
    return *answer_range(ask, [&](Height h) -> Result<std::optional<FinalBlock>> {
      if (h.value > chain) return std::optional<FinalBlock>{};
      return std::optional(block_at(h.value));
    });
  }
  // Answers, in a random order, whatever was asked of those who answer.
  void run(std::set<std::uint16_t> silent = {}) {
    std::mt19937_64 random(adopted.size());
    for (int i = 0; i < 5000 && sync.running(); ++i) {
      auto asks = out.take<GetRange>();
      std::shuffle(asks.begin(), asks.end(), random);
      for (const auto& [peer, ask] : asks) {
        EXPECT_TRUE(check_limits(ask));
        if (!silent.contains(peer)) sync.received(peer, answer(ask));
      }
      if (const auto due = sync.deadline_ns()) clock.ns = std::max(clock.ns, *due);
      sync.wake();
    }
  }
};

TEST_F(Syncing, brings_all_blocks_in_order_from_several_peers_one_at_a_call) {
  for (std::uint16_t p = 1; p <= 3; ++p) sync.catch_up(p, Height{1000}, Height{0});
  EXPECT_EQ(out.all<GetRange>().size(), 3u);
  const auto before = adopted.size();
  for (const auto& [peer, ask] : out.take<GetRange>()) sync.received(peer, answer(ask));
  EXPECT_EQ(sync.deadline_ns(), 0u);
  sync.wake();
  EXPECT_EQ(adopted.size(), before + 1);
  run();
  EXPECT_EQ(adopted.size(), 1000u);
  EXPECT_FALSE(sync.running());
  EXPECT_FALSE(sync.deadline_ns());
}

TEST_F(Syncing, what_became_final_in_the_ordinary_way_is_not_asked_for) {
  sync.catch_up(1, Height{300}, Height{0});
  ASSERT_EQ(out.take<GetRange>().size(), 1u);  // a peer is asked for one span at a time
  sync.advanced(Height{100});                  // in the midst of the next
  sync.wake();
  const auto asks = out.take<GetRange>();
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].second.from, Height{101});
}

TEST_F(Syncing, a_target_that_reports_progress_itself_is_not_confused) {
  tells = true;
  sync.catch_up(1, Height{300}, Height{0});
  sync.catch_up(2, Height{300}, Height{0});
  run();
  EXPECT_EQ(adopted.size(), 300u);
}

TEST_F(Syncing, a_liar_is_dropped_and_its_blocks_come_from_others) {
  liars = {2};
  for (std::uint16_t p = 1; p <= 3; ++p) sync.catch_up(p, Height{500}, Height{0});
  run();
  EXPECT_EQ(adopted.size(), 500u);
  EXPECT_EQ(sync.dropped_peers(), 1u);
}

TEST_F(Syncing, a_silent_peer_among_others_is_asked_last_and_waited_for_once) {
  const auto began = clock.ns;
  for (std::uint16_t p = 1; p <= 3; ++p) sync.catch_up(p, Height{1000}, Height{0});
  run({1});
  EXPECT_EQ(adopted.size(), 1000u);
  EXPECT_LT(clock.ns - began, kSyncWaitNs);
}

TEST_F(Syncing, a_silent_peer_alone_is_dropped_after_two_late_answers) {
  sync.catch_up(1, Height{1000}, Height{0});
  run({1});
  EXPECT_TRUE(adopted.empty());
  EXPECT_EQ(sync.dropped_peers(), 1u);
}

TEST_F(Syncing, a_peer_that_claims_more_than_it_has_does_not_keep_it_running) {
  sync.catch_up(1, Height{UINT64_MAX}, Height{0});
  sync.catch_up(2, Height{1000}, Height{0});
  run();
  EXPECT_EQ(adopted.size(), 1000u);
  EXPECT_FALSE(sync.running());
}

TEST_F(Syncing, ends_when_nobody_is_left_to_ask_and_begins_again_when_somebody_has_more) {
  sync.catch_up(1, Height{100}, Height{0});
  run({1});
  EXPECT_FALSE(sync.running());
  sync.catch_up(1, Height{100}, Height{0});
  run();
  EXPECT_EQ(adopted.size(), 100u);
}

TEST_F(Syncing, who_was_late_is_asked_again_after_a_pause) {
  sync.catch_up(1, Height{50}, Height{0});
  run({1});
  EXPECT_TRUE(adopted.empty());
  EXPECT_FALSE(sync.running());
  ASSERT_TRUE(sync.deadline_ns());
  const auto pause_ends = *sync.deadline_ns();
  EXPECT_EQ(pause_ends, clock.ns + kSyncPauseNs);
  clock.ns = pause_ends - 1;
  sync.wake();
  EXPECT_TRUE(out.take<GetRange>().empty());
  clock.ns = pause_ends;
  sync.wake();
  const auto asks = out.take<GetRange>();
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].first, 1);
  sync.received(1, answer(asks[0].second));
  run();
  EXPECT_EQ(adopted.size(), 50u);
  EXPECT_FALSE(sync.deadline_ns());
}

// It says as often as it likes that it has more, and closes and opens its link.
TEST_F(Syncing, wrong_ranges_are_asked_for_ever_more_rarely) {
  const auto asks_within = [&](std::uint64_t seconds, const std::function<void(const GetRange&)>& answered) {
    std::size_t asks = 0;
    for (std::uint64_t ms = 0; ms < seconds * 1000; ms += 50, clock.pass_ms(50)) {
      sync.catch_up(1, Height{64}, Height{0});
      for (const auto& [peer, ask] : out.take<GetRange>()) ++asks, answered(ask);
      sync.wake();
      if (ms % 1000 == 500) sync.peer_down(1);
    }
    return asks;
  };
  const auto first_rests = (1u << kMaxSyncRests) - 1;  // seconds
  const auto longest = 1u << kMaxSyncRests;
  liars = {1};
  chain = 64;
  EXPECT_LE(asks_within(first_rests, [&](const GetRange& ask) { sync.received(1, answer(ask)); }), kMaxSyncRests);
  EXPECT_LE(asks_within(10 * longest, [&](const GetRange& ask) { sync.received(1, answer(ask)); }), 11u);
  EXPECT_LE(asks_within(10 * longest, [&](const GetRange& ask) { sync.received(1, {ask.from, {block_at(ask.from.value + 1)}}); }), 11u);
  EXPECT_TRUE(adopted.empty());
}

TEST_F(Syncing, who_sent_one_wrong_range_is_asked_again_by_a_node_that_has_nobody_else) {
  liars = {1};
  chain = 64;
  sync.catch_up(1, Height{64}, Height{0});
  for (int times = 0; times < 20; ++times) {
    sync.received(1, answer(out.take<GetRange>().at(0).second));
    sync.wake();
    EXPECT_FALSE(sync.running());
    EXPECT_TRUE(out.take<GetRange>().empty());
    ASSERT_TRUE(sync.deadline_ns());
    EXPECT_EQ(*sync.deadline_ns(), clock.ns + (kSyncRestNs << std::min<std::uint64_t>(times, kMaxSyncRests)));
    clock.ns = *sync.deadline_ns();
    sync.wake();
  }
  // It stops that. What it did is forgotten.
  liars.clear();
  run();
  EXPECT_EQ(adopted.size(), 64u);
  clock.ns += kSyncForgetNs;
  sync.wake();
  liars = {1};
  sync.catch_up(1, Height{128}, Height{64});
  chain = 128;
  run();
  EXPECT_EQ(*sync.deadline_ns(), clock.ns + kSyncRestNs);
}

TEST_F(Syncing, a_pause_is_over_when_the_blocks_came_otherwise_or_the_link_is_gone) {
  const auto give_up = [&](std::uint16_t peer) {
    sync.catch_up(peer, Height{50}, Height{0});
    run({peer});
    out.take<GetRange>();
    EXPECT_FALSE(sync.running());
    EXPECT_TRUE(sync.deadline_ns());
  };
  give_up(1);
  sync.peer_down(1);
  EXPECT_FALSE(sync.deadline_ns());
  give_up(2);
  sync.advanced(Height{50});
  EXPECT_FALSE(sync.deadline_ns());
}

TEST_F(Syncing, answers_out_of_order_or_not_asked_for_are_not_taken_and_too_long_ones_in_part) {
  sync.catch_up(1, Height{1000}, Height{0});
  sync.received(2, {Height{1}, {block_at(1)}});
  EXPECT_FALSE(sync.deadline_ns() == 0u);
  sync.received(1, {Height{1}, {block_at(1), block_at(3)}});
  EXPECT_EQ(sync.dropped_peers(), 1u);
  sync.catch_up(2, Height{10}, Height{0});
  Range long_one{Height{1}, {}};
  for (std::uint64_t h = 1; h <= 11; ++h) long_one.blocks.push_back(block_at(h));
  sync.received(2, long_one);
  EXPECT_EQ(sync.dropped_peers(), 1u);
  EXPECT_TRUE(adopted.empty());
  run();
  EXPECT_EQ(adopted.size(), 10u);
}

TEST_F(Syncing, a_link_that_goes_down_leaves_its_spans_to_others) {
  sync.catch_up(1, Height{200}, Height{0});
  sync.catch_up(2, Height{200}, Height{0});
  out.sent.clear();
  out.unlink(1);
  sync.peer_down(1);
  sync.received(2, answer({Height{65}, 64}));
  run();
  EXPECT_EQ(adopted.size(), 200u);
}

TEST_F(Syncing, keeps_a_bounded_number_of_spans) {
  out.peers.clear();
  for (std::uint16_t p = 1; p <= 20; ++p) out.peers.push_back(p);
  for (std::uint16_t p = 1; p <= 20; ++p) sync.catch_up(p, Height{1'000'000}, Height{0});
  EXPECT_EQ(out.take<GetRange>().size(), kSyncSpans);
}

TEST(AnswerRange, is_bounded_in_blocks_and_bytes_but_has_at_least_one) {
  const auto read = [](std::size_t bytes) {
    return [bytes](Height h) -> Result<std::optional<FinalBlock>> {
      if (h.value > 100) return std::optional<FinalBlock>{};
      return std::optional(block_at(h.value, bytes));
    };
  };
  EXPECT_EQ(answer_range({Height{1}, kMaxRangeBlocks}, read(10))->blocks.size(), kMaxRangeBlocks);
  EXPECT_EQ(answer_range({Height{1}, 5}, read(10))->blocks.size(), 5u);
  EXPECT_EQ(answer_range({Height{90}, 64}, read(10))->blocks.size(), 11u);
  EXPECT_EQ(answer_range({Height{101}, 64}, read(10))->blocks.size(), 0u);
  EXPECT_EQ(answer_range({Height{1}, 64}, read(kMaxPayloadBytes))->blocks.size(), 1u);
  const auto two = answer_range({Height{1}, 64}, read(kMaxRangeBytes / 2 - 1000));
  EXPECT_EQ(two->blocks.size(), 2u);
  EXPECT_TRUE(encode_frame(*two));
  EXPECT_FALSE(answer_range({Height{1}, 2}, [](Height) -> Result<std::optional<FinalBlock>> { return fail(Errc::disk, "gone"); }));
}

// Seen in simulated networks: it was tried again at once, for ever.
TEST_F(Syncing, where_help_cannot_be_asked_for_it_is_tried_again_later) {
  sync.catch_up(1, Height{64}, Height{0});
  ASSERT_EQ(out.take<GetRange>().size(), 1u);
  sync.catch_up(2, Height{64}, Height{0});
  out.peers = {1, 3};  // what is sent to 2 is lost, and its link is not known to be down yet
  for (std::uint64_t waited = 0; waited + kSyncHelpNs < kSyncWaitNs; waited += kSyncHelpNs) {
    clock.ns += kSyncHelpNs;
    sync.wake();
    EXPECT_TRUE(out.take<GetRange>().empty());
    ASSERT_TRUE(sync.deadline_ns());
    EXPECT_GT(*sync.deadline_ns(), clock.ns);
  }
  out.peers = {1, 2, 3};
  clock.ns += kSyncHelpNs;
  sync.wake();
  EXPECT_EQ(out.take<GetRange>().size(), 1u);
}

}  // namespace
}  // namespace dos::net::test
