#include "net/work.hpp"

#include "net/questions.hpp"
#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;

TEST(Work, what_is_over_is_paid_back_before_anything_more_is_done) {
  Allowance a({10, 20});
  a.take(kSecondNs, 19);
  EXPECT_TRUE(a.any(kSecondNs));
  a.take(kSecondNs, 11);  // 10 more than there was
  EXPECT_FALSE(a.any(kSecondNs));
  EXPECT_EQ(a.ready_ns(kSecondNs), kSecondNs + 1'100'000'000);
  EXPECT_FALSE(a.any(kSecondNs + 1'099'999'999));
  EXPECT_TRUE(a.any(kSecondNs + 1'100'000'000));
  EXPECT_FALSE(a.any(0));  // time that goes back refills nothing
  a.take(100 * kSecondNs, 20);  // full, and not more than full
  EXPECT_FALSE(a.any(100 * kSecondNs));
  a.take(100 * kSecondNs, UINT64_MAX);
  a.take(100 * kSecondNs, UINT64_MAX);
  EXPECT_FALSE(a.any(200 * kSecondNs));
}

TEST(Work, each_kind_of_it_is_counted_by_itself) {
  for (int kind = 0; kind < 3; ++kind) {
    WorkBudget b;
    const std::uint64_t least = 1;
    Work all;
    (kind == 0   ? all.reads
     : kind == 1 ? all.bytes
                 : all.signatures) = (kind == 0   ? kReadWork
                                      : kind == 1 ? kByteWork
                                                  : kSignatureWork)
                                         .burst -
                                     least;
    b.take(kSecondNs, all);
    EXPECT_TRUE(b.any(kSecondNs));
    b.take(kSecondNs, {kind == 0, kind == 1, kind == 2});
    EXPECT_FALSE(b.any(kSecondNs));
    EXPECT_GT(b.ready_ns(kSecondNs), kSecondNs);
  }
}

TEST(Work, what_is_dear_is_known_before_it_is_done) {
  Addresses addresses;
  addresses.addresses.resize(kMaxPeerAddresses);
  EXPECT_EQ(cost_of(addresses).signatures, kMaxPeerAddresses);
  StoreAsk promise;
  promise.blobs.resize(kMaxStoredBlobs);
  EXPECT_EQ(cost_of(promise).reads, 1 + kMaxStoredBlobs / kBlobsARead);
  EXPECT_EQ(cost_of(promise).signatures, 1u);
  BlobOffer offer;
  offer.manifest.chunks.resize(131'000);
  EXPECT_EQ(cost_of(offer).reads, 1 + 131'000 / kChunksARead);
  EXPECT_EQ(cost_of(TipAsk{}).signatures, 1u);
  EXPECT_TRUE(is_question(MessageOf<GetChunk>::kNumber));
  EXPECT_FALSE(is_question(MessageOf<GetRange>::kNumber));  // paid by pieces
  EXPECT_FALSE(is_question(MessageOf<consensus::Votes>::kNumber));
}

Frame frame(const Bytes& body) { return {MessageOf<GetBlock>::kNumber, body}; }

TEST(Questions, so_many_wait_and_one_more_does_not) {
  Questions q(2);
  const Bytes small(10);
  for (std::uint32_t i = 0; i < kMaxHeldQuestions; ++i) ASSERT_TRUE(q.hold(0, frame(small)));
  EXPECT_FALSE(q.hold(0, frame(small)));
  EXPECT_TRUE(q.hold(1, frame(small)));  // another peer has its own place
  q.forget(0);
  EXPECT_EQ(q.held(), 1u);
  EXPECT_EQ(q.held_bytes(), small.size());
  ASSERT_TRUE(q.hold(0, frame(Bytes(kMaxHeldQuestionBytes))));
  EXPECT_FALSE(q.hold(0, frame(Bytes(1))));
  q.forget(0);
  EXPECT_FALSE(q.hold(0, frame(Bytes(kMaxHeldQuestionBytes + 1))));
}

TEST(Questions, peers_take_turns_and_a_turn_ends) {
  Questions q(3);
  for (std::uint8_t i = 0; i < 3; ++i) {
    q.hold(1, frame(Bytes(1, i)));
    q.hold(2, frame(Bytes(1, i)));
  }
  EXPECT_FALSE(q.may_begin(1, kSecondNs));  // in the order they came
  EXPECT_TRUE(q.may_begin(0, kSecondNs));
  std::vector<std::pair<std::uint16_t, std::uint8_t>> order;
  while (const auto held = q.next(kSecondNs)) order.emplace_back(held->from, held->body[0]);
  EXPECT_EQ(order, (std::vector<std::pair<std::uint16_t, std::uint8_t>>{{1, 0}, {2, 0}, {1, 1}, {2, 1}, {1, 2}, {2, 2}}));
  EXPECT_FALSE(q.deadline_ns(kSecondNs));
  q.charge(1, {kTurnWork.reads - 1, 0, 0}, kSecondNs);
  EXPECT_TRUE(q.may_begin(0, kSecondNs));
  q.charge(1, {1, 0, 0}, kSecondNs);
  EXPECT_FALSE(q.may_begin(0, kSecondNs));
  q.begin_turn();
  EXPECT_TRUE(q.may_begin(0, kSecondNs));
}

TEST(Questions, who_has_caused_too_much_waits_and_the_others_do_not) {
  Questions q(2);
  q.charge(0, {kReadWork.burst + kReadWork.per_second, 0, 0}, kSecondNs);  // a second too much
  q.begin_turn();
  EXPECT_FALSE(q.affords(0, kSecondNs));
  q.hold(0, frame(Bytes(1)));
  q.hold(1, frame(Bytes(2)));
  const auto first = q.next(kSecondNs);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->from, 1);
  EXPECT_FALSE(q.next(kSecondNs));
  const auto due = q.deadline_ns(kSecondNs);
  ASSERT_TRUE(due);
  EXPECT_GT(*due, 2 * kSecondNs);
  EXPECT_FALSE(q.next(*due - 1));
  EXPECT_TRUE(q.next(*due));
  EXPECT_FALSE(q.deadline_ns(*due));
}

TEST(PeerBudget, who_breaks_the_protocol_may_send_less_until_it_is_forgiven) {
  const auto limit = rate_limit(Rate::consensus);
  const auto taken = [&](PeerBudget& b, std::uint64_t now) {
    std::uint64_t n = 0;
    while (b.judge(now, Rate::consensus, 1) == PeerBudget::Verdict::take) ++n;
    return n;
  };
  PeerBudget b;
  b.fault(kSecondNs);
  EXPECT_EQ(taken(b, kSecondNs), limit.frame_burst / 2);
  for (int i = 0; i < 10; ++i) b.fault(kSecondNs);
  EXPECT_EQ(b.faults(kSecondNs), kMaxFaults);
  EXPECT_EQ(b.faults(kSecondNs + kFaultForgivenNs - 1), kMaxFaults);
  EXPECT_EQ(b.faults(kSecondNs + kFaultForgivenNs), kMaxFaults - 1);
  PeerBudget worst;
  for (int i = 0; i < 10; ++i) worst.fault(kSecondNs);
  EXPECT_EQ(worst.judge(kSecondNs, Rate::consensus, kMaxFrameBytes), PeerBudget::Verdict::take);  // the largest still passes
  EXPECT_EQ(worst.judge(kSecondNs, Rate::rare, 100), PeerBudget::Verdict::take);                  // and a Hello
  EXPECT_EQ(taken(b, kSecondNs + kMaxFaults * kFaultForgivenNs), limit.frame_burst);
}

}  // namespace
}  // namespace dos::net::test
