#include "chain/unfinal_blocks.hpp"

#include <gtest/gtest.h>

#include "chain/block_payload.hpp"
#include "chain/test_gate.hpp"
#include "chain/test_genesis.hpp"
#include "fakes/clock.hpp"
#include "fakes/disk.hpp"
#include "syscalls/rules.hpp"

namespace dos::chain {
namespace {

using namespace testnet;

// Blocks are empty, and differ by their views.
struct UnfinalBlocksTest : ::testing::Test {
  static const ledger::Genesis& genesis() {
    static const auto made = make_genesis();
    return made;
  }
  fakes::SimDisk state, past, content;
  fakes::SimClock clock;
  QuietLog log;
  ChainIdentity chain = *ChainIdentity::of(codec::encode(genesis()), syscalls::system_rules(), key_of("v1").public_key());
  int alone = 0;
  FinalBlocks finals{*store::Store::open(state, log), *store::BlockArchive::open(past, log), std::make_unique<CountedGate>(alone)};
  std::unique_ptr<Disk> compiled = *os::open_posix_disk(code_folder());
  std::unique_ptr<SystemCode> code = *SystemCode::open(content, *compiled, code_key(), log, 1 << 30);
  std::unique_ptr<kernel::SignatureCache> signatures = kernel::make_signature_cache(64);
  UnfinalBlocks blocks{{chain, finals, code->kernel(), *signatures, clock}};
  std::vector<std::pair<std::uint64_t, bool>> left;  // by view of the block, and whether it was final

  void SetUp() override {
    ASSERT_TRUE(finals.begin(*kernel::Kernel::genesis(chain.genesis, chain.rules)));
    for (const auto& m : chain.genesis.modules) ASSERT_TRUE(code->install(m.record, os::modules_in(DOS_TEST_MODULES), 1));
    ASSERT_TRUE(code->load(finals.store().view()));
    const Hash result = ledger::result_of({Height{0}, finals.store().root(), ledger::receipts_root({})});
    blocks.stand_on({Height{0}, chain.facts.chain, result, chain.genesis.time, View{0}}, {});
    blocks.on_leave([this](TreeBlock& block, bool final) { left.emplace_back(block.header.view.value, final); });
  }
  ledger::Header header(const Hash& parent, std::uint64_t view) {
    ledger::Header h;
    const auto payload = codec::encode(ledger::pack({}));
    const auto* below = blocks.tree().find(parent);
    h.chain = chain.facts.chain;
    h.height = Height{(below != nullptr ? below->header.height : blocks.tip().height).value + 1};
    h.parent = parent;
    h.time = TimeMs{blocks.time_of(parent).value + 1};
    h.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), Hash{}};
    h.tx_root = ledger::tx_root({});
    h.parent_result = *blocks.result_of(parent);
    h.valset = h.next_valset = chain.valset;
    h.params = crypto::hash_of(crypto::domain::kParams, *blocks.params_after(parent));
    h.view = View{view};
    return h;
  }
  TreeBlock& held(const ledger::Header& h) {
    auto& block = blocks.tree().add(h, {});
    EXPECT_TRUE(take_payload(block, codec::encode(ledger::pack({}))));
    return block;
  }
  Hash executed(const Hash& parent, std::uint64_t view) {
    const Hash id = held(header(parent, view)).id;
    const auto done = blocks.execute(id);
    EXPECT_TRUE(done) << done.error().detail;
    EXPECT_TRUE(done && done->valid) << blocks.tree().find(id)->why_refused;
    return id;
  }
  void make_final(const Hash& id) {
    auto& block = *blocks.tree().find(id);
    MadeBlock made;
    made.anchor.header = block.header;
    ASSERT_TRUE(finals.commit(block.run->stage, made, nullptr));
    blocks.advance(block);
  }
};

TEST_F(UnfinalBlocksTest, blocks_stand_on_the_tip_and_on_each_other_and_none_before_its_parent) {
  const auto a = executed(blocks.tip().id, 1), b = executed(a, 2);
  EXPECT_EQ(blocks.tree().find(b)->header.height.value, 2u);
  EXPECT_EQ(blocks.tip().height.value, 0u);
  EXPECT_EQ(finals.store().height().value, 0u);
  const Hash unknown{{9}};
  EXPECT_EQ(blocks.execute(unknown).error().code, Errc::internal);
  EXPECT_FALSE(blocks.result_of(unknown));
  EXPECT_FALSE(blocks.params_after(unknown));
  auto orphan = header(a, 3);
  orphan.parent = unknown;
  EXPECT_EQ(blocks.run(held(orphan)).error().code, Errc::internal);
}

TEST_F(UnfinalBlocksTest, a_header_that_does_not_fit_is_refused_and_asked_about_again_stays_so) {
  for (int what = 0; what < 5; ++what) {
    auto h = header(blocks.tip().id, std::uint64_t(what + 1));
    if (what == 0) h.parent_result.bytes[0] ^= 1;
    if (what == 1) h.params.bytes[0] ^= 1;
    if (what == 2) h.valset.bytes[0] ^= 1;
    if (what == 3) h.next_valset.bytes[0] ^= 1;
    if (what == 4) h.epoch = Epoch{1};
    auto& block = held(h);
    for (int again = 0; again < 2; ++again) {
      const auto done = blocks.execute(block.id);
      ASSERT_TRUE(done) << done.error().detail;
      EXPECT_FALSE(done->valid) << what;
    }
    EXPECT_TRUE(block.refused);
    EXPECT_FALSE(block.run);
  }
}

TEST_F(UnfinalBlocksTest, when_one_is_final_its_rivals_leave_first_and_what_stands_on_it_stays) {
  const auto tip = blocks.tip().id;
  const auto a = executed(tip, 1), rival = executed(tip, 2), on_rival = executed(rival, 3), b = executed(a, 4);
  EXPECT_NE(rival, on_rival);
  make_final(a);
  EXPECT_EQ(left, (std::vector<std::pair<std::uint64_t, bool>>{{2, false}, {3, false}, {1, true}}));
  EXPECT_EQ(blocks.tip().id, a);
  EXPECT_EQ(blocks.tree().size(), 1u);
  make_final(b);
  EXPECT_EQ(blocks.tip().height.value, 2u);
  EXPECT_EQ(blocks.tree().size(), 0u);
}

TEST_F(UnfinalBlocksTest, what_was_recorded_is_seen_by_all_above_it_and_remembered_once_it_is_final) {
  const Hash recorded{{7}}, elsewhere{{8}};
  const TimeMs until{blocks.tip().time.value + 1000};
  const auto a = executed(blocks.tip().id, 1), rival = executed(blocks.tip().id, 2), b = executed(a, 3);
  blocks.tree().find(a)->run->window.record(recorded, until);
  blocks.tree().find(rival)->run->window.record(elsewhere, until);
  EXPECT_TRUE(blocks.tree().find(b)->run->window.seen(recorded));
  EXPECT_FALSE(blocks.final_id(recorded));
  make_final(a);
  EXPECT_TRUE(blocks.final_id(recorded));
  EXPECT_TRUE(blocks.tree().find(b)->run->window.seen(recorded));  // it stands on the final one now
  EXPECT_FALSE(blocks.final_id(elsewhere));
}

TEST_F(UnfinalBlocksTest, what_stands_on_a_dropped_block_goes_before_it) {
  const auto a = executed(blocks.tip().id, 1), b = executed(a, 2);
  executed(b, 3);
  executed(blocks.tip().id, 4);
  blocks.drop(std::span(&a, 1));
  EXPECT_EQ(left, (std::vector<std::pair<std::uint64_t, bool>>{{3, false}, {2, false}, {1, false}}));
  EXPECT_EQ(blocks.tree().size(), 1u);
}

TEST_F(UnfinalBlocksTest, a_block_is_executed_alone_and_its_rules_are_read_together_with_others) {
  const auto h = header(blocks.tip().id, 1);
  const auto& block = held(h);
  const auto before = alone;
  ASSERT_TRUE(blocks.params_after(blocks.tip().id));
  EXPECT_EQ(alone, before);
  ASSERT_TRUE(blocks.execute(block.id));
  EXPECT_EQ(alone, before + 1);
}

}  // namespace
}  // namespace dos::chain
