// The shipped modules under the real kernel.
#include <gtest/gtest.h>

#include <random>

#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/new_id.hpp"
#include "modules/id/calls.hpp"
#include "modules/msg/calls.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;

Transaction pay(Chain& c, const std::string& from, const std::string& to, std::uint64_t amount) {
  return c.tx(
      from, {Chain::call(kCreditModule, credit::kPay, codec::encode(credit::Pay{from, to, Credits{amount}}))},
      {access(Debit{purse_key(from), Credits{amount}}), access(Deposit{purse_key(to)}), access(Read{account_key(to), std::nullopt})});
}

TEST(Modules, a_payment_moves_credits_and_costs_a_credit) {
  Chain c;
  const auto r = c.one(c.sign(pay(c, "alice", "bob", 5'000'000)));
  ASSERT_EQ(r.status, TxStatus::ok) << r.code << " " << r.detail;
  EXPECT_EQ(r.gas.value, 1'000'000u);  // metered below the least
  EXPECT_EQ(c.balance("bob"), 10'005'000'000u);
  EXPECT_EQ(c.balance("alice"), 9'995'000'000u - r.fee.value - r.rent.value);
  EXPECT_EQ(c.balance(kFeePurse), r.fee.value + r.rent.value);
}

TEST(Modules, nobody_pays_with_another_purse) {
  Chain c;
  auto t = pay(c, "alice", "bob", 5);
  t.sender = {AccountSender{"bob", "active"}};
  const auto r = c.one(c.sign(t));
  EXPECT_EQ(r.status, TxStatus::failed);
  EXPECT_EQ(r.code, std::uint16_t(Errc::denied)) << r.detail;
  EXPECT_EQ(c.balance("alice"), 10'000'000'000u);
}

TEST(Modules, a_bare_key_makes_an_account_and_the_sponsor_pays) {
  Chain c;
  Transaction t = c.tx("x", {Chain::call(kIdModule, id::kNew, codec::encode(id::New{"dave", account_of("dave")}))},
                       {access(Absent{account_key("dave")}), access(Deposit{purse_key("dave")})});
  t.limits.rent = Credits{1'000'000};
  const auto r = c.one(c.sign_bare(t, "dave"));
  ASSERT_EQ(r.status, TxStatus::ok) << r.code << " " << r.detail;
  EXPECT_TRUE(*c.state.get(account_key("dave")));
  EXPECT_EQ(c.balance(kSponsorPurse), 1'000'000'000u - r.fee.value - r.rent.value);

  auto other = pay(c, "alice", "bob", 5);
  const auto refused = c.apply({c.sign_bare(other, "dave")}).misfit;
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why.code, Errc::denied);
}

TEST(Modules, a_classical_account_is_refused_in_suite_pq) {
  Chain c;
  auto account = account_of("dave");
  account.permissions[1].keys[0].key = key_of("dave", crypto::KeyType::ed25519).public_key();
  Transaction t = c.tx("alice", {Chain::call(kIdModule, id::kNew, codec::encode(id::New{"dave", account}))},
                       {access(Absent{account_key("dave")}), access(Deposit{purse_key("dave")})});
  const auto r = c.one(c.sign(t));
  EXPECT_EQ(r.status, TxStatus::failed);
  EXPECT_FALSE(*c.state.get(account_key("dave")));
}

TEST(Modules, a_directory_is_made_in_a_home) {
  Chain c;
  std::optional<fs::Id> home;
  for (const auto& [key, record] : c.state.state)
    if (starts_with(key, BytesView(fs::directory_key({})).first(3)))
      if (codec::decode<fs::DirectoryMeta>(record->meta)->owner == "alice") home.emplace(), std::copy_n(key.begin() + 3, 16, home->begin());
  ASSERT_TRUE(home);
  const Hash salt{{7}};
  const auto fresh = fs::new_id("alice", salt);
  auto t = c.tx("alice", {Chain::call(kFsModule, fs::kMkdir, codec::encode(fs::Mkdir{*home, "notes", salt, {}}))},
                {access(Absent{fs::entry_key(*home, "notes")}), access(Absent{fs::directory_key(fresh)}),
                 access(Absent{fs::ring_key(fresh, 1)}), access(Read{fs::directory_key(*home), std::nullopt})});
  const auto again = c.sign(t);
  const auto r = c.one(again);
  ASSERT_EQ(r.status, TxStatus::ok) << r.code << " " << r.detail;
  EXPECT_EQ(r.writes.size(), 2u);
  EXPECT_EQ(r.returns.at(0), Bytes(fresh.begin(), fresh.end()));
  const auto twice = c.apply({again}).misfit;
  EXPECT_TRUE(twice && twice->why.code == Errc::duplicate);
  t.valid_until.value += 1;
  const auto second = c.one(c.sign(t));
  EXPECT_EQ(second.status, TxStatus::stale);
  EXPECT_EQ(second.gas.value, 500'000u);  // a share of what it declared
  EXPECT_EQ(second.fee.value, second.gas.value + second.bytes);
}

// Any mix of good, failing, stale, short and forged transactions: what a leader takes of it is a valid block, and credits are neither
// made nor lost.
TEST(Modules, credits_are_conserved_whatever_happens) {
  Chain c;
  std::mt19937 random(7);
  const auto before = c.total();
  const char* names[] = {"alice", "bob", "carol"};
  std::map<int, int> statuses;
  std::size_t left_out = 0;
  for (int round = 0; round < 25; ++round) {
    std::vector<SignedTransaction> txs;
    for (int i = 0; i < 6; ++i) {
      const std::string from = names[random() % 3], to = names[random() % 3];
      auto t = pay(c, from, to, random() % 3 == 0 ? 9'000'000'000 : random() % 1'000'000);
      t.valid_until.value += random() % 1000;
      switch (random() % 6) {
        case 0: t.limits.gas.value = 1'000'000 + random() % 2000; break;
        case 1: t.access.push_back(access(Absent{account_key("bob")})); break;
        case 2: t.access.erase(t.access.begin() + std::ptrdiff_t(random() % 3)); break;
        default: break;
      }
      txs.push_back(c.sign(t, random() % 8 == 0 ? "mallory" : ""));
    }
    const auto taken = c.chosen(txs);
    left_out += txs.size() - taken.size();
    for (const auto& r : c.run(taken)) ++statuses[int(r.status)];
    ASSERT_EQ(c.total(), before) << "round " << round;
  }
  for (int s = 1; s <= 3; ++s) EXPECT_GT(statuses[s], 0) << "status " << s;
  EXPECT_EQ(statuses[int(TxStatus::skipped)], 0);
  EXPECT_GT(left_out, 0u);
}

}  // namespace
}  // namespace dos::kernel
