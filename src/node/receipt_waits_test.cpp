// Places for those who wait for receipts: bounded, and never a reason to turn the next one away.
#include "node/receipt_waits.hpp"

#include <gtest/gtest.h>

namespace dos::node {
namespace {

std::shared_ptr<Ticket> ticket() {
  return std::make_shared<Ticket>(1, 0, [](Result<ledger::SubmitAnswer>) {});
}

TEST(ReceiptWaits, full_the_one_that_has_waited_longest_is_answered) {
  ReceiptWaits waits(3);
  std::vector<std::shared_ptr<Ticket>> all;
  for (std::uint64_t i = 0; i < 3; ++i) {
    all.push_back(ticket());
    EXPECT_EQ(waits.add(1000 - i, all.back()), nullptr);
  }
  all.push_back(ticket());
  EXPECT_EQ(waits.add(5, all.back()), all[0]) << "the first that came, whatever its time";
  EXPECT_EQ(waits.size(), 3u);
  EXPECT_EQ(waits.first_ns(), 5u);
  EXPECT_EQ(waits.due(4).size(), 0u);
  EXPECT_EQ(waits.due(998), (std::vector<std::shared_ptr<Ticket>>{all[3], all[2]}));
  EXPECT_EQ(waits.take_all(), std::vector<std::shared_ptr<Ticket>>{all[1]});
  EXPECT_EQ(waits.size(), 0u);
  EXPECT_EQ(waits.first_ns(), std::nullopt);
}

TEST(ReceiptWaits, places_of_those_that_were_answered_keep_nobody_out) {
  ReceiptWaits waits(3);
  const auto first = ticket();
  waits.add(1, first);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto answered = ticket();
    const auto out = waits.add(100 + i, answered);
    EXPECT_TRUE(out == nullptr || out == first);
    EXPECT_LE(waits.size(), 3u);
  }
}

}  // namespace
}  // namespace dos::node
