#include "chain/block_journal.hpp"

#include <gtest/gtest.h>

#include "fakes/clock.hpp"

namespace dos::chain {
namespace {

using consensus::EngineRecord;
using consensus::RecordKind;

struct Groups final : store::Journal {  // what was written, and in which order to what was let go
  Status append(std::span<const store::JournalRecord> group) override {
    groups.emplace_back(group.begin(), group.end());
    return {};
  }
  Result<std::vector<store::JournalRecord>> replay() const override {
    std::vector<store::JournalRecord> all;
    for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
    return all;
  }
  Status release(std::uint64_t height) override {
    released = height;
    groups_at_release = groups.size();
    return {};
  }
  Status bound_before_last() override {
    groups_at_bound = groups.size();
    return {};
  }
  bool intact() const override { return whole; }
  std::size_t sound_from() const override { return 0; }
  std::vector<std::vector<store::JournalRecord>> groups;
  std::uint64_t released = 0;
  std::size_t groups_at_release = 0, groups_at_bound = 0;
  bool whole = true;
};

Status all_readable(const EngineRecord&) { return {}; }
Status none_readable(const EngineRecord&) { return fail(Errc::corrupt, "a record that cannot be read"); }

struct BlockJournalTest : ::testing::Test {
  fakes::SimClock clock;
  Groups* groups = nullptr;  // of the journal
  BlockJournal journal = opened();
  BlockTree tree;

  BlockJournal opened(CheckpointRule rule = {1000, 5'000}, std::vector<std::vector<store::JournalRecord>> there = {}) {
    auto made = std::make_unique<Groups>();
    groups = made.get();
    groups->groups = std::move(there);
    return BlockJournal(std::move(made), rule, clock);
  }
  TreeBlock& block(std::uint64_t height, std::size_t bytes) {
    ledger::Header h;
    h.height = Height{height};
    const Bytes payload(bytes, 1);
    h.payload = {std::uint32_t(bytes), ledger::payload_hash(payload), Hash{}};
    auto& b = tree.add(h, {});
    b.payload = payload;
    return b;
  }
};

TEST_F(BlockJournalTest, records_and_payloads_go_in_one_group_each_payload_once) {
  auto& b = block(1, 10);
  ASSERT_TRUE(journal.keep({consensus::encode_proposal({b.header, {}})}, tree, std::span(&b.id, 1)));
  ASSERT_EQ(groups->groups.size(), 1u);
  ASSERT_EQ(groups->groups[0].size(), 2u);
  EXPECT_EQ(groups->groups[0][0].kind, RecordKind::proposal);
  EXPECT_EQ(groups->groups[0][1].kind, RecordKind::contents);
  EXPECT_TRUE(b.durable);
  ASSERT_TRUE(journal.keep({}, tree, std::span(&b.id, 1)));
  EXPECT_EQ(groups->groups.size(), 1u);  // nothing was to be written
  const Hash unknown{{9}};
  const auto kept = journal.keep({}, tree, std::span(&unknown, 1));
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Errc::internal);
}

TEST_F(BlockJournalTest, a_checkpoint_is_due_after_so_many_bytes_or_so_much_time_and_never_while_nothing_came) {
  ASSERT_TRUE(journal.begin(Height{0}));
  EXPECT_FALSE(journal.checkpoint_due());
  clock.busy(5'000);
  EXPECT_TRUE(journal.checkpoint_due());
  ASSERT_TRUE(journal.begin_checkpoint());
  EXPECT_FALSE(journal.checkpoint_due());  // it has begun
  ASSERT_TRUE(journal.end_checkpoint({}, tree, Height{0}));
  clock.busy(50'000);
  EXPECT_FALSE(journal.checkpoint_due());
  EXPECT_FALSE(journal.begin_checkpoint());
  journal.block_final(10);
  EXPECT_TRUE(journal.checkpoint_due());
}

TEST_F(BlockJournalTest, what_is_live_is_written_again_above_what_goes_before_it_goes) {
  auto& b = block(8, 10);
  ASSERT_TRUE(journal.keep({}, tree, std::span(&b.id, 1)));
  block(8, 11);  // held and never made durable
  ASSERT_TRUE(journal.end_checkpoint({consensus::encode_gate({}, Height{2})}, tree, Height{7}));
  ASSERT_EQ(groups->groups.size(), 2u);
  EXPECT_EQ(groups->groups_at_release, 2u);
  EXPECT_EQ(groups->groups_at_bound, 2u);
  EXPECT_EQ(groups->released, 7u);
  std::vector<std::uint8_t> kinds;
  for (const auto& r : groups->groups[1]) {
    EXPECT_GT(r.height, 7u);
    kinds.push_back(r.kind);
  }
  EXPECT_EQ(kinds, (std::vector<std::uint8_t>{RecordKind::gate, RecordKind::boot, RecordKind::contents}));
  EXPECT_TRUE(b.durable);
}

TEST_F(BlockJournalTest, its_blocks_and_the_number_of_starts_are_read_again) {
  auto& b = block(1, 10);
  ASSERT_TRUE(journal.begin(Height{0}));
  ASSERT_TRUE(journal.keep({consensus::encode_proposal({b.header, {}})}, tree, std::span(&b.id, 1)));
  auto again = opened({}, groups->groups);
  const auto read = again.read(all_readable);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_TRUE(read->blocks.contains(b.id));
  EXPECT_EQ(again.boots(), journal.boots() + 1);
  EXPECT_EQ(again.take_kept().records.size(), 3u);
}

TEST_F(BlockJournalTest, a_damaged_one_that_cannot_be_read_gives_nothing_and_an_intact_one_is_an_error) {
  ASSERT_TRUE(journal.keep({{200, Height{1}, {}}}, tree, {}));
  const auto there = groups->groups;
  auto whole = opened({}, there);
  EXPECT_FALSE(whole.read(none_readable));
  auto damaged = opened({}, there);
  groups->whole = false;
  const auto read = damaged.read(none_readable);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->blocks.empty());
  const auto kept = damaged.take_kept();
  EXPECT_TRUE(kept.records.empty());
  EXPECT_FALSE(kept.intact);
  EXPECT_EQ(kept.sound_from, SIZE_MAX);
}

}  // namespace
}  // namespace dos::chain
