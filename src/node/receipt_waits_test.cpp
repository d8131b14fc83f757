// Places for those who wait for receipts or for a block: bounded, never a reason to turn the next one away, and shared fairly.
#include "node/receipt_waits.hpp"

#include <gtest/gtest.h>

#include "node/node.hpp"

namespace dos::node {
namespace {

api::Source from(std::uint8_t n) { return api::source_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, n}); }

std::shared_ptr<Ticket> ticket() {
  return std::make_shared<Ticket>(1, 0, [](Result<ledger::SubmitAnswer>) {});
}

TEST(ReceiptWaits, of_one_source_the_one_that_has_waited_longest_is_answered) {
  ReceiptWaits waits(3);
  std::vector<std::shared_ptr<Ticket>> all;
  for (std::uint64_t i = 0; i < 3; ++i) {
    all.push_back(ticket());
    EXPECT_EQ(waits.add(1000 - i, all.back(), from(1)).out, nullptr);
  }
  all.push_back(ticket());
  EXPECT_EQ(waits.add(5, all.back(), from(1)).out, all[0]) << "the first that came, whatever its time";
  EXPECT_EQ(waits.size(), 3u);
  EXPECT_EQ(waits.first_ns(), 5u);
  EXPECT_EQ(waits.due(4).size(), 0u);
  EXPECT_EQ(waits.due(998), (std::vector<std::shared_ptr<Ticket>>{all[3], all[2]}));
  EXPECT_EQ(waits.take_all(), std::vector<std::shared_ptr<Ticket>>{all[1]});
  EXPECT_EQ(waits.size(), 0u);
  EXPECT_EQ(waits.first_ns(), std::nullopt);
}

TEST(ReceiptWaits, full_a_flood_turns_over_its_own_places) {
  ReceiptWaits waits(kMaxReceiptWaits);
  const auto honest = ticket();  // the oldest of all
  waits.add(1'000'000, honest, from(1));
  std::vector<std::shared_ptr<Ticket>> flood;
  for (std::size_t i = 1; i < kMaxReceiptWaits; ++i) {
    flood.push_back(ticket());
    ASSERT_EQ(waits.add(2'000'000, flood.back(), from(2)).out, nullptr) << "there is room for " << kMaxReceiptWaits;
  }
  const auto over = ticket();
  EXPECT_EQ(waits.add(2'000'000, over, from(2)).out, flood[0]);
  const auto newcomer = ticket();
  EXPECT_EQ(waits.add(2'000'000, newcomer, from(3)).out, flood[1]);
  EXPECT_EQ(waits.size(), kMaxReceiptWaits);
  EXPECT_EQ(waits.due(1'000'000), std::vector<std::shared_ptr<Ticket>>{honest}) << "it had all of its time";
}

TEST(ReceiptWaits, who_was_answered_holds_no_place) {
  ReceiptWaits waits(3);
  const auto first = ticket(), second = ticket();
  waits.add(1, first, from(1));
  waits.add(1, second, from(2));
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto answered = ticket();
    const auto place = waits.add(100 + i, answered, from(2));
    EXPECT_EQ(place.out, nullptr);
    waits.leave(place.number);
    waits.leave(place.number);
  }
  EXPECT_EQ(waits.size(), 2u);
}

HeightWait wait(std::uint64_t height, const api::Source& source, std::uint64_t deadline_ns = 9) {
  return {Height{height}, deadline_ns, source, {}};
}

TEST(HeightWaits, full_a_flood_turns_over_its_own_places) {
  HeightWaits waits(kMaxHeightWaits, kMaxHeightWaitsOfSource);
  waits.add(wait(1, from(1), 7));
  for (std::size_t i = 0; i < kMaxHeightWaitsOfSource; ++i) ASSERT_FALSE(waits.add(wait(100 + i, from(2))));
  auto out = waits.add(wait(1'000, from(2)));  // its share is full, though there is room
  ASSERT_TRUE(out);
  EXPECT_EQ(out->height.value, 100u);
  EXPECT_EQ(waits.of(from(2)), kMaxHeightWaitsOfSource);
  for (std::size_t i = waits.size(); i < kMaxHeightWaits; ++i) ASSERT_FALSE(waits.add(wait(2'000 + i, from(3))));
  EXPECT_EQ(waits.size(), kMaxHeightWaits);
  out = waits.add(wait(2, from(4)));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->source, from(2)) << "not the oldest of all, but of who holds most";
  EXPECT_EQ(out->height.value, 101u);
  EXPECT_EQ(waits.size(), kMaxHeightWaits);
  EXPECT_EQ(waits.first_ns(), 7u);
  const auto reached = waits.reached(Height{2});
  ASSERT_EQ(reached.size(), 2u);
  EXPECT_EQ(reached[0].source, from(1));
  EXPECT_EQ(reached[1].source, from(4));
  EXPECT_EQ(waits.of(from(4)), 0u);
  EXPECT_TRUE(waits.due(8).empty());
  EXPECT_EQ(waits.take_all().size(), kMaxHeightWaits - 2);
}

}  // namespace
}  // namespace dos::node
