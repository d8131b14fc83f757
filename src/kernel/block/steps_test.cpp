#include "kernel/block/steps.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "kernel/block/scope.hpp"
#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"
#include "store/store.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;

Bytes key(std::string_view local) { return module_key(kTestModule, as_bytes("t" + std::string(local))); }
store::Record record(BytesView data) { return {Version{}, codec::encode(nobody()), kPermanent, {}, to_bytes(data)}; }

// What the fees are by then.
Status note_fees(BlockScope& scope) {
  DOS_ASSIGN(const auto fees, scope.get(purse_key(kFeePurse)));
  return scope.put(key("fees"), record(fees ? fees->data : Bytes{}));
}
// What the step before it wrote.
Status repeat_note(BlockScope& scope) {
  DOS_ASSIGN(const auto note, scope.get(key("fees")));
  return scope.put(key("again"), record(note ? note->data : Bytes{}));
}
Status count_blocks(BlockScope& scope) {
  DOS_ASSIGN(const auto before, scope.get(key("count")));
  Bytes data = before ? before->data : Bytes{};
  data.push_back(std::uint8_t(scope.block().height.value));
  return scope.put(key("count"), record(data));
}
// Takes away what it finds, as much as it may.
Status sweep(BlockScope& scope) {
  while (scope.left() >= 2) {
    DOS_ASSIGN(const auto found, scope.next(key("old"), {}));
    if (!found) break;
    DOS_TRY(scope.del(*found));
  }
  return {};
}
Status never_stop(BlockScope& scope) {
  for (std::uint8_t i = 0;; ++i) DOS_TRY(scope.put(key("flood"), record(Bytes{i})));
}
Status mint(BlockScope& scope) { return scope.put(purse_key("alice"), purse_record(Credits{1}, Version{})); }
Status drop_purse(BlockScope& scope) { return scope.del(purse_key("alice")); }
Status lost_disk(BlockScope&) { return fail(Errc::disk, "the disk is gone"); }

std::vector<BlockStep> behind_the_purses(std::initializer_list<BlockStep> more) {
  std::vector<BlockStep> steps(block_steps().end.begin(), block_steps().end.end());
  steps.insert(steps.end(), more);
  return steps;
}
SignedTransaction payment(Chain& c) {
  return c.sign(c.tx(
      "alice", {Chain::call(kCreditModule, credit::kPay, codec::encode(credit::Pay{"alice", "bob", Credits{5}}))},
      {access(Debit{purse_key("alice"), Credits{5}}), access(Deposit{purse_key("bob")}), access(Read{account_key("bob"), std::nullopt})}));
}
// Of the first block on the genesis.
Hash state_root(const Chain& c, const store::Delta& delta) {
  fakes::SimDisk disk;
  fakes::NullLog log;
  const auto store = *store::Store::open(disk, log);
  const auto genesis = *store->stage(nullptr, Height{0}, *Kernel::genesis(c.genesis, c.rules));
  return store->root(*store->stage(genesis, Height{1}, delta));
}

TEST(BlockSteps, the_purses_are_settled_at_the_end_of_a_block_by_the_one_step_there_is) {
  EXPECT_TRUE(block_steps().begin.empty());
  ASSERT_EQ(block_steps().end.size(), 1u);
  EXPECT_STREQ(block_steps().end[0].name, "purses");
  Chain c({}, vm::runtime_rows(), {});
  const auto before = c.balance("bob");
  const auto result = c.apply({payment(c)});
  EXPECT_EQ(result.receipts.at(0).status, TxStatus::ok);
  EXPECT_TRUE(result.delta.empty());
  EXPECT_EQ(c.balance("bob"), before);
}

TEST(BlockSteps, a_step_that_a_test_adds_runs_after_the_purses_in_order_and_its_writes_are_in_the_delta) {
  const auto steps = behind_the_purses({{"note", 2, note_fees}, {"repeat", 2, repeat_note}});
  Chain c({}, vm::runtime_rows(), {{}, steps}), plain;
  const auto paid = payment(c);
  const auto result = c.apply({paid});
  ASSERT_EQ(result.receipts.at(0).status, TxStatus::ok) << result.receipts[0].detail;
  const auto fees = codec::encode(Purse{Credits{result.receipts[0].fee.value + result.receipts[0].rent.value}});
  for (const char* name : {"fees", "again"}) {
    ASSERT_TRUE(result.delta.contains(key(name))) << name;
    const auto& written = *result.delta.at(key(name));
    EXPECT_EQ(written.data, fees) << name;
    EXPECT_EQ(written.version, Version(Height{1}, Version::kBlockIndex)) << name;
  }
  auto without = plain.apply({paid});
  EXPECT_EQ(result.delta.size(), without.delta.size() + 2);
  EXPECT_NE(state_root(c, result.delta), state_root(plain, without.delta));
  for (const char* name : {"fees", "again"}) without.delta[key(name)] = result.delta.at(key(name));
  EXPECT_EQ(state_root(c, result.delta), state_root(plain, without.delta));
}

TEST(BlockSteps, what_a_step_at_the_beginning_wrote_is_what_transactions_and_dry_runs_find) {
  vm::assembly::Assembler a;
  a.host(a.on(1), "get", key("count"), int(a.scratch()), 400).drop();
  a.host(a.on(1), "ret", int(a.scratch()), 40);
  const BlockStep begin[] = {{"count", 2, count_blocks}};
  Chain c(a.build(), vm::runtime_rows(), {begin, block_steps().end});
  const auto ask = c.sign(c.tx("alice", {Chain::call(kTestModule, 1)}, {access(Read{key("count"), std::nullopt})}));
  auto next = c.block;
  ++next.height.value, ++next.time.value;
  const auto dry = c.kernel.dry_run(c.state, next, ask)->receipt;
  const auto real = c.one(ask);
  ASSERT_EQ(real.status, TxStatus::ok) << real.detail;
  EXPECT_EQ(real.returns, dry.returns);
  EXPECT_EQ(BytesView(real.returns.at(0)).first(8).size(), 8u);
  EXPECT_EQ((*c.state.get(key("count")))->data, Bytes{1});
  c.apply({});
  EXPECT_EQ((*c.state.get(key("count")))->data, (Bytes{1, 2}));
}

TEST(BlockSteps, a_step_that_stops_at_its_bound_goes_on_in_the_next_block) {
  const auto steps = behind_the_purses({{"sweep", 6, sweep}});
  Chain c({}, vm::runtime_rows(), {{}, steps});
  for (char n = 'a'; n < 'f'; ++n) c.state.state.insert_or_assign(key(std::string("old") + n), record({}));
  std::vector<std::size_t> removed;
  for (int block = 0; block < 3; ++block) removed.push_back(c.apply({}).delta.size());
  EXPECT_EQ(removed, (std::vector<std::size_t>{2, 2, 1}));
}

TEST(BlockSteps, a_step_that_goes_past_its_bound_loses_the_disk_or_writes_a_purse_leaves_no_block) {
  const std::pair<BlockStep, Errc> cases[] = {{{"flood", 1000, never_stop}, Errc::internal},
                                              {{"lost", 1000, lost_disk}, Errc::disk},
                                              {{"mint", 1000, mint}, Errc::internal},
                                              {{"drop", 1000, drop_purse}, Errc::internal}};
  for (const auto& [step, code] : cases)
    for (const bool first : {false, true}) {
      const auto steps = behind_the_purses({step});
      Chain c({}, vm::runtime_rows(), first ? BlockSteps{std::span(&step, 1), block_steps().end} : BlockSteps{{}, steps});
      const auto none = c.kernel.apply(c.state, c.block, {}, c.window, *c.cache);
      ASSERT_FALSE(none);
      EXPECT_EQ(code_of(none), code) << none.error().detail;
    }
}

}  // namespace
}  // namespace dos::kernel
