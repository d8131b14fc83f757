#include "chain/final_blocks.hpp"

#include <gtest/gtest.h>

#include "chain/test_gate.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"

namespace dos::chain {
namespace {

struct FinalBlocksTest : ::testing::Test {
  fakes::SimDisk state, past;
  fakes::NullLog log;
  int alone = 0;
  std::unique_ptr<FinalBlocks> blocks = opened(state, past);

  std::unique_ptr<FinalBlocks> opened(Disk& state_disk, Disk& archive_disk) {
    return std::make_unique<FinalBlocks>(*store::Store::open(state_disk, log), *store::BlockArchive::open(archive_disk, log),
                                         std::make_unique<CountedGate>(alone));
  }
  static store::Delta writing(std::uint8_t value) {
    store::Record r;
    r.data = {value};
    return {{Bytes{1}, r}};
  }
  // The block above the last one, which writes `value`, becomes final.
  Status add(std::uint8_t value, bool archive_too = true) {
    const Height height{blocks->store().height().value + 1};
    DOS_ASSIGN(const auto stage, blocks->stage(nullptr, height, writing(value)));
    MadeBlock made;
    made.anchor.header.height = height;
    made.anchor.parts = {height, blocks->store().root(stage), Hash{}};
    const Bytes payload{value};
    return blocks->commit(stage, made, archive_too ? &payload : nullptr);
  }
  std::uint8_t value() const { return (*blocks->store().view().get(Bytes{1}))->data[0]; }
};

TEST_F(FinalBlocksTest, state_block_and_proof_of_it_come_together_while_nobody_reads) {
  ASSERT_TRUE(blocks->begin(writing(1)));
  EXPECT_FALSE(blocks->anchor());
  const auto before = alone;
  ASSERT_TRUE(add(2));
  EXPECT_EQ(alone, before + 1);
  EXPECT_EQ(value(), 2);
  ASSERT_TRUE(blocks->anchor());
  EXPECT_EQ(blocks->anchor()->header.height.value, 1u);
  EXPECT_EQ(blocks->archive().last(), Height{1});
  Bytes payload;
  ASSERT_TRUE(read_block(blocks->archive(), Height{1}, &payload));
  EXPECT_EQ(payload, Bytes{2});
}

TEST_F(FinalBlocksTest, what_is_executed_again_is_not_archived_again) {
  ASSERT_TRUE(blocks->begin(writing(1)));
  ASSERT_TRUE(add(2));
  blocks = opened(state, past);  // there was no checkpoint
  ASSERT_TRUE(blocks->resume());
  EXPECT_EQ(blocks->store().height().value, 0u);
  ASSERT_TRUE(add(2, false));
  EXPECT_EQ(value(), 2);
  EXPECT_EQ(blocks->archive().last(), Height{1});
  EXPECT_TRUE(blocks->anchor());
}

TEST_F(FinalBlocksTest, at_a_checkpoint_the_archive_is_durable_before_a_state_that_needs_it) {
  ASSERT_TRUE(blocks->begin(writing(1)));
  ASSERT_TRUE(add(2));
  const auto before = alone;
  past.cut_power();
  EXPECT_FALSE(blocks->checkpoint());
  EXPECT_EQ(alone, before + 1);
  EXPECT_EQ(blocks->store().durable_height().value, 0u);
}

TEST_F(FinalBlocksTest, a_state_goes_on_only_with_the_archive_that_it_belongs_to) {
  ASSERT_TRUE(blocks->begin(writing(1)));
  ASSERT_TRUE(add(2));
  ASSERT_TRUE(blocks->checkpoint());
  blocks = opened(state, past);
  ASSERT_TRUE(blocks->resume());
  ASSERT_TRUE(blocks->anchor());
  EXPECT_EQ(blocks->anchor()->header.height.value, 1u);

  fakes::SimDisk none;
  auto ends_before = opened(state, none)->resume();
  ASSERT_FALSE(ends_before);
  EXPECT_EQ(ends_before.error().code, Errc::corrupt);
  EXPECT_NE(ends_before.error().detail.find("ends before"), std::string::npos);

  fakes::SimDisk other_state, other_past;
  blocks = opened(other_state, other_past);
  ASSERT_TRUE(blocks->begin(writing(1)));
  ASSERT_TRUE(add(3));
  ASSERT_TRUE(blocks->checkpoint());
  auto another = opened(state, other_past)->resume();
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().code, Errc::corrupt);
  EXPECT_NE(another.error().detail.find("not the one"), std::string::npos);
}

}  // namespace
}  // namespace dos::chain
