#include "net/framing.hpp"

#include <gtest/gtest.h>

#include <random>

#include "net/message_table.hpp"
#include "net/rates.hpp"

namespace dos::net {
namespace {

Bytes frame_of(std::uint16_t number, std::size_t body) { return encode_frame(number, Bytes(body, 7)); }

TEST(Framing, frames_come_out_whole_whatever_the_slices) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50; ++round) {
    Bytes stream;
    std::vector<std::pair<std::uint16_t, std::size_t>> sent;
    for (int i = 0; i < 20; ++i) {
      const auto& row = message_rows()[random() % message_rows().size()];
      const std::size_t body = random() % 3 == 0 ? 0 : random() % std::min<std::size_t>(row.max_bytes + 1, 100'000);
      sent.emplace_back(row.number, body);
      append(stream, frame_of(row.number, body));
    }
    FrameReader reader;
    std::size_t at = 0;
    BytesView rest = stream;
    while (!rest.empty()) {
      auto slice = rest.first(1 + random() % std::min<std::size_t>(rest.size(), round % 2 ? 50'000 : 50));
      rest = rest.subspan(slice.size());
      while (!slice.empty()) {
        const auto frame = reader.read(slice);
        ASSERT_TRUE(frame) << frame.error().detail;
        if (!*frame) break;
        EXPECT_EQ((*frame)->number, sent[at].first);
        EXPECT_EQ((*frame)->body.size(), sent[at].second);
        ++at;
      }
    }
    EXPECT_EQ(at, sent.size());
  }
}

TEST(Framing, a_changed_byte_anywhere_is_refused) {
  const Bytes good = *encode_frame(GetBlock{});
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 1;
    BytesView slice = bad;
    const auto frame = FrameReader().read(slice);
    EXPECT_FALSE(frame && *frame) << at;  // refused, or more bytes are waited for that never come
  }
}

TEST(Framing, a_frame_of_the_row_limit_passes_and_one_byte_more_is_refused_at_its_head) {
  for (const auto& row : message_rows()) {
    const Bytes good = frame_of(row.number, row.max_bytes);
    BytesView slice = good;
    EXPECT_TRUE(FrameReader().read(slice).value()) << row.name;
    const Bytes bad = frame_of(row.number, row.max_bytes + 1);
    BytesView head = BytesView(bad).first(kFrameHeadBytes);
    const auto refused = FrameReader().read(head);
    ASSERT_FALSE(refused) << row.name;
    EXPECT_EQ(refused.error().code, Errc::limit);
  }
}

TEST(Framing, the_reader_never_holds_more_than_twice_what_arrived) {
  const Bytes big = frame_of(MessageOf<Range>::kNumber, MessageOf<Range>::kMaxBytes);
  FrameReader reader;
  std::size_t arrived = 0;
  for (BytesView rest = big; rest.size() > 1;) {
    auto slice = rest.first(std::min<std::size_t>(rest.size() - 1, 1000));
    rest = rest.subspan(slice.size());
    arrived += slice.size();
    ASSERT_FALSE(*reader.read(slice));
    ASSERT_LE(reader.held_bytes(), 2 * arrived);
  }
  BytesView last = BytesView(big).last(1);
  ASSERT_TRUE(*reader.read(last));
  const Bytes small = frame_of(MessageOf<GetBlock>::kNumber, 40);
  BytesView next = small;
  ASSERT_TRUE(*reader.read(next));
  EXPECT_LE(reader.held_bytes(), 64u * 1024);  // a large frame's memory is given back
}

TEST(Framing, unknown_numbers_and_anything_before_hello_are_refused) {
  const Bytes unknown = frame_of(9, 0), early = *encode_frame(GetBlock{}), hello = *encode_frame(Hello{});
  BytesView slice = unknown;
  EXPECT_FALSE(FrameReader().read(slice));
  slice = early;
  EXPECT_FALSE(FrameReader().read(slice, MessageOf<Hello>::kNumber));
  slice = hello;
  EXPECT_TRUE(FrameReader().read(slice, MessageOf<Hello>::kNumber).value());
}

TEST(Framing, what_is_larger_than_its_row_is_not_encoded) {
  Chunk chunk{{}, 0, Bytes(MessageOf<Chunk>::kMaxBytes)};
  EXPECT_EQ(encode_frame(chunk).error().code, Errc::limit);
}

TEST(MessageTable, every_row_is_found_by_its_number_and_none_besides) {
  std::size_t found = 0;
  for (std::uint32_t n = 0; n <= 0xFFFF; ++n)
    if (const auto* row = message_row(std::uint16_t(n))) {
      ++found;
      EXPECT_EQ(row->number, n);
    }
  EXPECT_EQ(found, message_rows().size());
  const auto engines = std::ranges::count_if(message_rows(), [](const MessageRow& row) { return of_engine(row.number); });
  EXPECT_EQ(std::variant_size_v<AnyMessage>, message_rows().size() - std::size_t(engines) + 2);  // nothing, and all that engines say
}

template <class T>
bool allowed(const T& m) {
  return check_limits(m).has_value();
}

TEST(MessageLimits, hold_at_their_edges) {
  Hello hello;
  hello.software = std::string(kMaxSoftwareText, 'x');
  EXPECT_TRUE(allowed(hello));
  hello.software += 'x';
  EXPECT_FALSE(allowed(hello));

#define DOS_EDGE(Type, list, least, most) \
  do {                                    \
    Type m;                               \
    m.list.resize(least);                 \
    EXPECT_TRUE(allowed(m)) << #Type;     \
    m.list.resize(most);                  \
    EXPECT_TRUE(allowed(m)) << #Type;     \
    m.list.resize((most) + 1);            \
    EXPECT_FALSE(allowed(m)) << #Type;    \
    if ((least) > 0) {                    \
      m.list.clear();                     \
      EXPECT_FALSE(allowed(m)) << #Type;  \
    }                                     \
  } while (false)
  Addresses addresses;
  const auto up_to = [&](std::size_t n) {
    addresses.addresses.resize(n);
    for (std::size_t i = 0; i < n; ++i) addresses.addresses[i].claim.validator = std::uint16_t(i);
  };
  EXPECT_FALSE(allowed(addresses));
  up_to(1);
  EXPECT_TRUE(allowed(addresses));
  up_to(kMaxPeerAddresses);
  EXPECT_TRUE(allowed(addresses));
  addresses.addresses.back().claim.validator = 0;  // in order of validators, each once
  EXPECT_FALSE(allowed(addresses));
  up_to(kMaxPeerAddresses + 1);
  EXPECT_FALSE(allowed(addresses));
  DOS_EDGE(GetTransactions, places, 1, kMaxMissingPlaces);
  DOS_EDGE(Range, blocks, 0, kMaxRangeBlocks);
  DOS_EDGE(StoreAsk, blobs, 1, kMaxStoredBlobs);
#undef DOS_EDGE

  GetRange range;
  for (const auto& [count, good] : {std::pair(0u, false), {1u, true}, {kMaxRangeBlocks, true}, {kMaxRangeBlocks + 1, false}}) {
    range.count = count;
    EXPECT_EQ(allowed(range), good) << count;
  }
  BlockTransactions some{{}, {1, 2}, {{}, {}}};
  EXPECT_TRUE(allowed(some));
  some.transactions.pop_back();
  EXPECT_FALSE(allowed(some));
  Gossip gossip{{Bytes(kMaxTransactionBytes)}};
  EXPECT_TRUE(allowed(gossip));
  gossip.transactions[0].push_back(0);
  EXPECT_FALSE(allowed(gossip));
  gossip.transactions = {Bytes(kMaxGossipBytes - 1), Bytes(1)};
  EXPECT_TRUE(allowed(gossip));
  gossip.transactions.push_back(Bytes(1));
  EXPECT_FALSE(allowed(gossip));
  gossip.transactions = {Bytes()};
  EXPECT_FALSE(allowed(gossip));
  EXPECT_TRUE(allowed(Chunk{{}, 0, Bytes(kChunkBytes)}));
  EXPECT_FALSE(allowed(Chunk{{}, 0, Bytes(kChunkBytes + 1)}));
}

TEST(TokenBucket, gives_its_burst_then_its_rate_and_loses_no_fraction) {
  TokenBucket bucket(10, 5);
  std::uint64_t now = 1;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(bucket.take(now, 1));
  EXPECT_FALSE(bucket.take(now, 1));
  EXPECT_FALSE(bucket.take(now + 99'999'999, 1));
  EXPECT_TRUE(bucket.take(now + 100'000'000, 1));
  unsigned taken = 0;
  for (std::uint64_t t = now + 100'000'000; t < now + 10'100'000'000; t += 7'777'777) taken += bucket.take(t, 1);
  EXPECT_NEAR(taken, 100, 1);
  EXPECT_FALSE(bucket.take(now, 1));  // time that goes back gives nothing
  EXPECT_FALSE(bucket.take(now + 60'000'000'000, 6));
  EXPECT_TRUE(bucket.take(now + 60'000'000'000, 5));
}

TEST(PeerBudget, drops_what_is_over_and_closes_after_too_much_of_it) {
  PeerBudget budget;
  const auto limit = rate_limit(Rate::rare);
  for (std::uint64_t i = 0; i < limit.frame_burst; ++i) EXPECT_EQ(budget.judge(1, Rate::rare, 10), PeerBudget::Verdict::take);
  for (std::uint64_t i = 0; i < kExcessBurst; ++i) EXPECT_EQ(budget.judge(1, Rate::rare, 10), PeerBudget::Verdict::drop);
  EXPECT_EQ(budget.judge(1, Rate::rare, 10), PeerBudget::Verdict::close);
  EXPECT_EQ(budget.judge(1, Rate::consensus, 10), PeerBudget::Verdict::take);  // classes do not hinder each other
}

}  // namespace
}  // namespace dos::net
