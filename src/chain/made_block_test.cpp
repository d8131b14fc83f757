#include "chain/made_block.hpp"

#include <gtest/gtest.h>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"

namespace dos::chain {
namespace {

struct MadeBlocks : ::testing::Test {
  fakes::SimDisk disk;
  fakes::NullLog log;
  std::unique_ptr<store::BlockArchive> archive = *store::BlockArchive::open(disk, log);

  static MadeBlock made(std::uint64_t height) {
    MadeBlock m;
    m.anchor.header.height = Height{height};
    m.anchor.header.time = TimeMs{100 * height};
    m.anchor.parts = {Height{height}, Hash{{7}}, Hash{{8}}};
    m.anchor.path.resize(1);
    m.anchor.path[0].height = Height{height + 1};
    m.anchor.certificate.item = {ledger::VoteKind::final, View{3}, Hash{{9}}, Hash{{10}}};
    for (std::uint8_t i = 1; i <= 2; ++i) {
      ledger::Receipt r;
      r.txid = Hash{{std::uint8_t(10 * height + i)}};
      m.receipts.push_back(r);
    }
    return m;
  }
};

TEST_F(MadeBlocks, is_read_again_as_it_was_proved_with_what_it_did) {
  const auto m = made(1);
  const Bytes payload{1, 2, 3};
  ASSERT_TRUE(archive_block(*archive, m, payload));
  Bytes read;
  const auto again = read_block(*archive, Height{1}, &read);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(codec::encode(again->anchor), codec::encode(m.anchor));
  EXPECT_EQ(codec::encode(again->receipts), codec::encode(m.receipts));
  EXPECT_EQ(read, payload);
  const auto none = read_block(*archive, Height{2});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::not_found);
}

TEST_F(MadeBlocks, by_its_id_is_found_what_took_effect_and_not_what_was_skipped) {
  auto m = made(1);
  m.receipts[0].status = ledger::TxStatus::skipped;
  ASSERT_TRUE(archive_block(*archive, m, {}));
  EXPECT_FALSE(*archive->find(m.receipts[0].txid));
  const auto place = *archive->find(m.receipts[1].txid);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->index, 1u);
}

}  // namespace
}  // namespace dos::chain
