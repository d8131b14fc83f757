// Each lie is really told: what goes out is not what its node said, and it is counted.
#include "sim/liars/haves.hpp"

#include <gtest/gtest.h>

#include "net/blob_pull.hpp"
#include "net/block_fetch.hpp"

namespace dos::sim {
namespace {

struct Liars : ::testing::Test {
  Plan plan = [] {
    Plan p;
    p.weights.assign(4, 1);
    p.liars.assign(4, LiarKind::none);
    p.disk_unsafe.assign(4, false);
    return p;
  }();
  World world{plan};
  ReplicaSetting setting;
  SimEntropy entropy{Random(7)};

  Liars() {
    for (std::uint32_t v = 0; v < 4; ++v) {
      const auto name = "v" + std::to_string(v + 1);
      setting.vote_keys.push_back(key_of("vote " + name, crypto::KeyType::ed25519));
      world.net.add(name, 7000, crypto::key_id(setting.vote_keys.back().public_key()));
    }
  }
  std::unique_ptr<Liar> liar(LiarKind kind) { return make_liar(kind, {world, setting, 3, 3}, Random(1)); }
  template <class T>
  static std::vector<Bytes> say(Liar& liar, const T& m) {
    const auto whole = *net::encode_frame(m);
    std::vector<Bytes> out;
    each_frame(whole, [&](const net::Frame& frame, BytesView bytes) { out = liar.sent(0, frame, to_bytes(bytes)); });
    return out;
  }
  template <class T>
  static T read(const Bytes& whole) {
    std::optional<T> m;
    each_frame(whole, [&](const net::Frame& frame, BytesView) {
      if (frame.number == net::MessageOf<T>::kNumber) m = *codec::decode<T>(frame.body);
    });
    return m.value_or(T{});
  }
  std::uint64_t told(FaultKind kind) const { return world.counters.of(kind); }
};

TEST_F(Liars, a_boaster_has_more_final_blocks_and_signs_for_them) {
  const auto l = liar(LiarKind::boaster);
  for (int i = 0; i < 20; ++i) {
    const auto status = say(*l, consensus::StatusReport{Epoch{0}, View{8}, View{7}, Height{5}, Hash{}, {}, false});
    ASSERT_EQ(status.size(), 1u);
    EXPECT_GT(read<consensus::StatusReport>(status[0]).final_height, Height{5});
    net::Hello hello;
    hello.height = Height{5};
    EXPECT_GT(read<net::Hello>(say(*l, hello).at(0)).height, Height{5});
    const auto said = read<net::TipSaid>(say(*l, net::TipSaid{1, {Epoch{0}, Hash{}, Height{5}}, {}}).at(0));
    EXPECT_GT(said.body.fin_voted, Height{5});
    EXPECT_TRUE(crypto::verify(setting.vote_keys[3].public_key(), crypto::domain::kTipAck, setting.chain, said.body, said.signature));
  }
  EXPECT_EQ(told(FaultKind::liar_boasted), 60u);
  // And unasked, between other frames.
  const auto more = say(*l, consensus::Have{});
  ASSERT_EQ(more.size(), 2u);
  EXPECT_GT(read<consensus::StatusReport>(more[1]).final_height, Height{0});
}

TEST_F(Liars, a_dripper_keeps_blocks_back_and_says_that_it_has_more) {
  const auto l = liar(LiarKind::dripper);
  EXPECT_TRUE(say(*l, net::BlockFrame{}).empty());
  EXPECT_TRUE(say(*l, net::BlockTransactions{}).empty());
  EXPECT_TRUE(say(*l, net::Range{Height{1}, {}}).empty());
  EXPECT_EQ(told(FaultKind::liar_dripped), 3u);
  const auto more = say(*l, consensus::Have{});
  ASSERT_EQ(more.size(), 2u);
  EXPECT_GT(read<consensus::StatusReport>(more[1]).final_height, Height{0});
}

TEST_F(Liars, a_claimer_gives_no_chunk_at_once) {
  const auto l = liar(LiarKind::claimer);
  for (int i = 0; i < 20; ++i) {
    const auto chunk = say(*l, net::Chunk{Hash{}, 0, Bytes(9)});
    EXPECT_TRUE(chunk.empty() || !read<net::Chunk>(chunk[0]).bytes);
    const auto manifest = say(*l, net::Manifest{Hash{}, ledger::BlobManifest{}});
    EXPECT_TRUE(manifest.empty() || !read<net::Manifest>(manifest[0]).manifest);
  }
  EXPECT_EQ(told(FaultKind::liar_claimed), 40u);
  world.known_content.push_back({100, {Hash{}}});
  say(*l, consensus::Have{});
  EXPECT_EQ(told(FaultKind::liar_claimed), 44u) << "what is about to be stored, to three others; and what nobody has, to one";
}

TEST_F(Liars, what_is_kept_back_still_comes_in_time) {
  world.net.path(3, 0).delay = world.net.path(0, 3).delay = 20 * kMs;
  for (const SimTime patience : {net::kFetchWaitNs, net::kManifestWaitNs}) {
    const auto wait = just_within(world, 3, 0, patience);
    EXPECT_LT(wait + 40 * kMs, patience);
    EXPECT_GT(wait + 60 * kMs, patience);
  }
  EXPECT_EQ(just_within(world, 3, 0, 10 * kMs), 0u);
}

}  // namespace
}  // namespace dos::sim
