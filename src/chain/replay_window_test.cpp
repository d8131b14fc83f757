#include "chain/replay_window.hpp"

#include <gtest/gtest.h>

#include "chain/made_block.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"

namespace dos::chain {
namespace {

struct ReplayWindows : ::testing::Test {
  fakes::SimDisk disk;
  fakes::NullLog log;
  std::unique_ptr<store::BlockArchive> archive = *store::BlockArchive::open(disk, log);

  // A block of that time with one transaction, recorded under `id`.
  void add(std::uint64_t time, std::uint8_t id, std::uint64_t until, ledger::TxStatus status = ledger::TxStatus::ok, int receipts = 1) {
    MadeBlock m;
    m.anchor.header.height = Height{archive->last().value_or(Height{0}).value + 1};
    m.anchor.header.time = TimeMs{time};
    ledger::SignedTransaction tx;
    tx.tx.sender = {ledger::AccountSender{"alice", "active"}};
    tx.tx.valid_until = TimeMs{until};
    ledger::Receipt r;
    r.txid = Hash{{id}};
    r.status = status;
    m.receipts.assign(std::size_t(receipts), r);
    ASSERT_TRUE(archive_block(*archive, m, codec::encode(ledger::pack({tx}))));
  }
};

TEST_F(ReplayWindows, holds_what_was_recorded_and_may_still_be_repeated) {
  const std::uint64_t now = 10 * kReplayWindowMs;
  add(now - kReplayWindowMs - 1, 1, now + 500);  // too long ago to be looked at: it cannot be valid any more
  add(now - kReplayWindowMs, 2, now + 500);
  add(now - 10, 3, now - 1);                     // its time has passed
  add(now - 5, 4, now + 500, ledger::TxStatus::skipped);
  add(now, 5, now + 500);
  add(now + 1, 6, now + 500);                    // above
  const auto window = window_upto(*archive, Height{5});
  ASSERT_TRUE(window) << window.error().detail;
  const bool seen[] = {false, true, false, false, true, false};
  for (std::uint8_t id = 1; id <= 6; ++id) EXPECT_EQ(window->seen(Hash{{id}}), seen[id - 1]) << int(id);
  EXPECT_EQ(window_upto(*archive, Height{0})->size(), 0u);
}

TEST_F(ReplayWindows, a_block_with_another_number_of_receipts_is_corrupt) {
  add(1000, 1, 2000, ledger::TxStatus::ok, 2);
  const auto window = window_upto(*archive, Height{1});
  ASSERT_FALSE(window);
  EXPECT_EQ(window.error().code, Errc::corrupt);
}

}  // namespace
}  // namespace dos::chain
