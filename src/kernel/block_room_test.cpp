// What the transactions of one block leave each other: reservations, gas, the sponsor's quota, the share of bare keys.
#include <gtest/gtest.h>

#include "kernel/block_room.hpp"
#include "kernel/test_entry.hpp"
#include "ledger/native_gas.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;

TEST_F(EntryTest, reservations_are_not_given_back_within_a_block) {
  std::vector<SignedTransaction> txs;
  for (int i = 0; i < 3; ++i) {
    auto t = pay("alice");
    t.valid_until.value += i;
    t.limits.rent = Credits{4'000'000'000};
    txs.push_back(c.sign(t));
  }
  misfit(txs, 2, Errc::funds);
  EXPECT_EQ(c.chosen(txs).size(), 2u);
  for (const auto& r : c.run({txs[0], txs[1]})) expect_ok(r);
  expect_ok(c.one(txs[2]));
}

// Else the leader could not know, before it runs them, whether the payments of a block leave the fees of others.
TEST_F(EntryTest, the_fees_of_a_block_come_before_its_debits) {
  const auto all = c.sign(pay("alice", 9'999'000'000));
  auto small = pay("alice", 5);
  small.valid_until.value += 1;
  const auto receipts = c.run({all, c.sign(small)});
  expect(receipts[0], TxStatus::failed, Errc::funds);
  expect_ok(receipts[1]);
  // So the leader keeps the second for the block behind the payment.
  auto again = pay("alice", 9'900'000'000);
  again.valid_until.value += 2;
  small.valid_until.value += 3;
  const auto taken = c.chosen({c.sign(again), c.sign(small)});
  EXPECT_EQ(taken.size(), 2u);  // both are covered
  again.access[0] = access(Debit{purse_key("alice"), Credits{9'996'500'000}});
  EXPECT_EQ(c.chosen({c.sign(again), c.sign(small)}).size(), 1u);
}

// Keys as the block finds them: what a transaction of the block changes says nothing about those beside it.
TEST_F(EntryTest, entry_is_judged_by_the_state_below_the_block) {
  auto next = account_of("alice");
  for (auto& p : next.permissions) p.keys[0].key = key_of("alice-2").public_key();
  auto rotate = c.tx("alice", {Chain::call(kIdModule, id::kRotate, codec::encode(id::Rotate{"alice", next}))},
                     {access(Latest{account_key("alice")})});
  std::get<AccountSender>(rotate.sender.is).permission = "owner";
  auto old = pay("alice", 1), young = pay("alice", 2);
  misfit({c.sign(rotate), c.sign(young, "alice-2")}, 1, Errc::bad_witness);
  const auto receipts = c.run({c.sign(rotate), c.sign(old)});
  expect_ok(receipts[0]);
  expect(receipts[1], TxStatus::failed, Errc::denied);  // it pays, and may take nothing from the purse any more
  unfit(c.sign(pay("alice", 3)), Errc::bad_witness);
  expect_ok(c.one(c.sign(pay("alice", 4), "alice-2")));
}

TEST_F(EntryTest, nobody_reserves_in_anothers_purse) {
  std::vector<SignedTransaction> txs;
  for (const char* purse : {"alice", kSponsorPurse, kFeePurse}) {
    auto t = pay("bob");
    t.access = {access(Debit{purse_key(purse), Credits{1'000'000}})};
    txs.push_back(c.sign(t));
  }
  auto t = pay("bob");
  t.access = {access(Debit{purse_key(kFaucetPurse), Credits{1'000'001 * kMicroPerCredit}})};
  txs.push_back(c.sign(t));
  auto own = pay("alice");
  own.limits.rent = Credits{9'990'000'000};  // nearly all she has: nothing of it may be held by others
  txs.push_back(c.sign(own));
  const auto receipts = c.run(txs);
  for (int i = 0; i < 4; ++i) {
    expect(receipts[i], TxStatus::failed, i < 3 ? Errc::denied : Errc::limit);
    EXPECT_EQ(receipts[i].fee.value, 2'000'000u / kDeclaredShare + receipts[i].bytes);
  }
  expect_ok(receipts[4]);
}

TEST_F(EntryTest, a_block_declares_no_more_gas_than_it_may) {
  std::vector<SignedTransaction> txs;
  for (int i = 0; i < 5; ++i) {
    auto t = pay("carol");
    t.valid_until.value += i;
    t.limits.gas = Gas{64'000'000};
    txs.push_back(c.sign(t));
  }
  misfit(txs, 4, Errc::limit);
  EXPECT_EQ(c.chosen(txs).size(), 4u);
  txs.pop_back();
  for (const auto& r : c.run(txs)) expect_ok(r);
}

TEST_F(EntryTest, the_sponsor_has_a_quota_in_each_block) {
  std::vector<SignedTransaction> txs;
  for (int i = 0; i < 3; ++i) {
    auto t = account_for("new" + std::to_string(i));
    t.limits.rent = Credits{40'000'000};
    txs.push_back(c.sign_bare(t, "new" + std::to_string(i)));
  }
  misfit(txs, 2, Errc::funds);  // 42 each, of 100
  EXPECT_EQ(c.chosen(txs).size(), 2u);
  // Each block of a busy chain may take one that asks for what an account needs, and more only as time passes.
  const auto after = [&](std::uint64_t ms) { c.block.parent_time.value = c.block.time.value + 1 - ms; };
  const auto cost = 2 * (2'000'000 + 10'000 + 40'000'000ull), need = (cost * kSponsorQuotaMs + 99'999'999) / 100'000'000;
  after(need - 1);
  EXPECT_EQ(c.chosen(txs).size(), 1u);
  misfit({txs[0], txs[1]}, 1, Errc::funds);
  after(need);
  EXPECT_EQ(c.chosen(txs).size(), 2u);
  after(0);
  misfit({txs[0]}, 0, Errc::funds);
  {
    auto next = c.block;
    ++next.height.value;
    Selection selection(c.state, next, c.genesis.params, c.window, *c.cache);
    EXPECT_EQ(selection.take(txs[0], ids_of(txs[0]))->fit, Selection::Fit::later);  // its time comes
  }
  after(kSponsorQuotaMs);
  expect_ok(c.one(txs[0]));
  after(kSponsorQuotaMs);
  for (const auto& r : c.run({txs[1], txs[2]})) expect_ok(r);
  auto dear = account_for("dear");
  dear.limits.rent = Credits{100'000'000};
  unfit(c.sign_bare(dear, "dear"), Errc::funds);
  c.block.network = NetworkKind::institutional;
  unfit(c.sign_bare(account_for("none"), "none"), Errc::denied);
}

TEST_F(EntryTest, a_newcomer_finds_room_in_every_block_and_no_more_than_an_account_needs) {
  c.block.parent_time.value = c.block.time.value + 1;
  const auto needs = newcomer_needs(c.genesis.params);
  EXPECT_EQ(needs, 4'000'000u + kMaxTransactionBytes);
  auto t = account_for("dave");
  t.limits.gas = Gas{1'000'000};
  t.limits.rent = Credits{needs - 1'000'000 - t.limits.bytes + 1};
  const auto over = c.sign_bare(t, "dave");
  misfit({over}, 0, Errc::funds);
  EXPECT_TRUE(c.chosen({over}).empty());
  --t.limits.rent.value;
  const auto dave = c.sign_bare(t, "dave"), erin = c.sign_bare(account_for("erin"), "erin");
  misfit({dave, erin}, 1, Errc::funds);
  EXPECT_EQ(c.chosen({over, dave, erin}).size(), 1u);
  expect_ok(c.one(dave));
}

// What a bare key says that it takes from the sponsor's purse it cannot take: it keeps nobody out.
TEST_F(EntryTest, a_bare_key_that_declares_the_sponsors_purse_leaves_room_for_others) {
  auto t = account_for("greedy");
  t.access.push_back(access(Debit{purse_key(kSponsorPurse), Credits{UINT64_MAX}}));
  EXPECT_EQ(c.chosen({c.sign_bare(t, "greedy"), c.sign_bare(account_for("dave"), "dave")}).size(), 2u);
}

TEST_F(EntryTest, bare_keys_have_a_small_share_of_a_block) {
  const auto gas = c.genesis.params.block_gas / kBareKeyShare;
  std::vector<SignedTransaction> txs;
  for (int i = 0; i < 3; ++i) {
    auto t = account_for("new" + std::to_string(i));
    t.limits.gas = Gas{i == 2 ? 1'000'000 : gas / 2};
    txs.push_back(c.sign_bare(t, "new" + std::to_string(i)));
  }
  misfit(txs, 2, Errc::limit);
  EXPECT_EQ(c.chosen(txs).size(), 2u);
  for (const auto& r : c.run({txs[0], txs[1]})) expect_ok(r);
  auto heavy = account_for("heavy");
  heavy.limits.gas = Gas{gas + 1};
  unfit(c.sign_bare(heavy, "heavy"), Errc::limit);
}

TEST_F(EntryTest, a_bare_key_shows_work_for_its_transaction) {
  auto good = c.sign_bare(account_for("dave"), "dave");
  const auto id = txid(good.tx);
  EXPECT_TRUE(shows_enough(kPuzzleBelow - 1));
  EXPECT_FALSE(shows_enough(kPuzzleBelow));
  EXPECT_TRUE(shows_enough(shown_work(id, good.witnesses)));
  auto none = good;
  none.witnesses.pop_back();
  EXPECT_EQ(shown_work(id, none.witnesses), UINT64_MAX);
  unfit(none, Errc::bad_witness);
  auto other = account_for("erin");  // the work of one transaction is none for another
  auto taken = c.sign_bare(other, "erin");
  taken.witnesses[1] = good.witnesses[1];
  unfit(taken, Errc::bad_witness);
  auto longer = good;
  std::get<PreimageWitness>(longer.witnesses[1].is).bytes.push_back(0);
  unfit(longer, Errc::bad_witness);
  expect_ok(c.one(good));
  // Who is paid for by an account owes none.
  auto paid = account_for("frank");
  paid.sender = {KeySender{key_of("frank").public_key()}};
  paid.payer = "carol";
  paid.limits.bytes = 20'000;
  SignedTransaction s = c.sign(paid, "frank");
  s.witnesses.push_back({c.signature(paid, "carol", "carol")});
  expect_ok(c.one(s));
}

}  // namespace
}  // namespace dos::kernel
