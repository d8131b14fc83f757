// The chain by hand while no block becomes final for long, and when many do at once.
#include <filesystem>

#include "chain/test_chain_by_hand.hpp"

namespace dos::chain {
namespace {

using namespace testnet;

struct SmallJournal : ChainTest {
  SmallJournal() { journal.segment_bytes = 64 * 1024; }
};

// More than one anchor can lead over.
TEST_F(ChainTest, a_node_that_is_killed_after_many_blocks_became_final_at_once_opens_again) {
  const auto blocks = unfinal(kMaxFinalPath + 6);
  const auto ids = ids_of(blocks);
  ASSERT_TRUE(chain->finalize(ids, final_by(blocks.back()), [](MadeBlock) {}));
  const Hash root = chain->finals().store().root();
  open();  // nothing was checkpointed: the archive's blocks are executed again
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(chain->tip().id, ids.back());
  EXPECT_EQ(chain->finals().store().root(), root);
}

// All of them together would grow with the square of their number.
TEST_F(ChainTest, of_many_blocks_that_become_final_at_once_the_archive_keeps_no_longer_paths_than_an_anchor_may_have) {
  const auto blocks = unfinal(kMaxFinalPath + 6);
  std::vector<std::size_t> paths;
  ASSERT_TRUE(chain->finalize(ids_of(blocks), final_by(blocks.back()), [&](MadeBlock m) { paths.push_back(m.anchor.path.size()); }));
  EXPECT_LE(std::ranges::max(paths), kMaxFinalPath);
  for (std::uint64_t h = 1; h <= blocks.size(); ++h)
    EXPECT_EQ(read_block(chain->finals().archive(), Height{h})->anchor.path.size(), paths[h - 1]);
}

// Its certificate would be of a block behind it, whose view is higher.
TEST_F(ChainTest, a_block_of_the_archive_beside_the_certificate_of_an_older_one_is_not_final) {
  const auto blocks = unfinal(2);
  const auto proof = final_by(blocks[0]);
  ASSERT_TRUE(chain->finalize(std::span(&blocks[0].id, 1), proof, [](MadeBlock) {}));
  const auto& second = *chain->unfinal().tree().find(blocks[1].id);
  const MadeBlock made{{second.header, second.run->parts, {}, proof.form}, second.run->receipts};
  chain.reset();
  {
    auto archive = store::BlockArchive::open(*disks[2], net.log);
    ASSERT_TRUE(archive && archive_block(**archive, made, blocks[1].payload) && (*archive)->sync());
  }
  const auto again = opened();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::corrupt);
}

TEST_F(SmallJournal, while_no_block_becomes_final_the_journal_does_not_grow_with_each_checkpoint) {
  const auto b = block(chain->tip().id, 1, {net.pay(5)});
  ASSERT_TRUE(run(b));
  const Hash id[] = {b.id};
  ASSERT_TRUE(chain->persist({consensus::encode_proposal({b.header, {}})}, id));
  const auto on_disk = [&] {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(net.folder.path + "/journal"))
      if (entry.is_regular_file()) bytes += entry.file_size();
    return bytes;
  };
  const consensus::EngineRecord evidence{consensus::RecordKind::gate, Height{1}, codec::encode(consensus::GateRecord{Epoch{0}, View{0}})};
  const std::vector<consensus::EngineRecord> much(1'000, evidence);  // of views above the last final block
  for (int i = 0; i < 60; ++i) {
    auto live = much;
    live.push_back(consensus::encode_proposal({b.header, {}}));
    ASSERT_TRUE(chain->persist({evidence}, {}));
    ASSERT_TRUE(chain->checkpoint(live));
  }
  // With what lies before, the last segment, one more until the next checkpoint, and the spares.
  EXPECT_LE(on_disk(), (store::kSupersededTimes + 2 + journal.keep_segments) * journal.segment_bytes);
  open();
  ASSERT_NE(chain->unfinal().tree().find(b.id), nullptr);
  EXPECT_TRUE(chain->unfinal().tree().find(b.id)->payload);
  EXPECT_LT(chain->journal().take_kept().records.size(), 20 * much.size());
}

}  // namespace
}  // namespace dos::chain
