#include "modules/credit/calls.hpp"

#include "modules/tests/expect.hpp"
#include "modules/tests/machine.hpp"

namespace dos::modules {
namespace {

using ledger::account_key;
using ledger::purse_key;

AccessList payment(const std::string& from, const std::string& to, std::uint64_t most) {
  return {{ledger::Debit{purse_key(from), Credits{most}}}, {ledger::Deposit{purse_key(to)}}, Machine::reads(account_key(to))};
}
ledger::Receipt pay(Machine& m, const std::string& who, const std::string& from, const std::string& to, std::uint64_t amount) {
  return m.call(who, payment(from, to, amount), ledger::kCreditModule, credit::kPay, credit::Pay{from, to, Credits{amount}});
}
ledger::Receipt faucet(Machine& m, const std::string& who, std::uint64_t amount) {
  return m.call(who, AccessList{Machine::latest(credit::faucet_key())} + payment(ledger::kFaucetPurse, who, amount), ledger::kCreditModule,
                credit::kFaucet, credit::Faucet{who, Credits{amount}});
}

TEST(Credit, payments_move_credits) {
  Machine m;
  const auto alice = m.credits("alice"), bob = m.credits("bob");
  const auto r = pay(m, "alice", "alice", "bob", 5 * kMicroPerCredit);
  ASSERT_TRUE(done(r));
  EXPECT_EQ(m.credits("bob"), bob + 5 * kMicroPerCredit);
  EXPECT_EQ(m.credits("alice"), alice - 5 * kMicroPerCredit - r.fee.value - r.rent.value);
}

TEST(Credit, payments_that_may_not_be_are_refused) {
  Machine m;
  EXPECT_TRUE(refused(pay(m, "bob", "alice", "bob", 5), Errc::denied, "alice"));
  EXPECT_TRUE(refused(pay(m, "alice", "alice", "alice", 5), Errc::usage));
  EXPECT_TRUE(refused(pay(m, "alice", "alice", "bob", 0), Errc::usage));
  EXPECT_TRUE(refused(pay(m, "alice", "alice", "nobody", 5), Errc::not_found, "nobody"));
  EXPECT_TRUE(refused(pay(m, "alice", "alice", "Bob", 5), Errc::bad_name));
  EXPECT_TRUE(refused(pay(m, "alice", ledger::kFaucetPurse, "alice", 5), Errc::denied));
  EXPECT_TRUE(refused(pay(m, "alice", ledger::kFeePurse, "alice", 5), Errc::denied));
}

TEST(Credit, a_payment_over_its_declared_maximum_is_refused) {
  Machine m;
  EXPECT_TRUE(
      refused(m.call("alice", payment("alice", "bob", 4), ledger::kCreditModule, credit::kPay, credit::Pay{"alice", "bob", Credits{5}}),
              Errc::funds));
}

TEST(Credit, the_faucet_gives_once_a_block_and_at_most_so_much) {
  Machine m;
  const auto bob = m.credits("bob");
  const auto r = faucet(m, "bob", 1000 * kMicroPerCredit);
  ASSERT_TRUE(done(r));
  EXPECT_EQ(m.credits("bob"), bob + 1000 * kMicroPerCredit - r.fee.value - r.rent.value);
  m.in_one_block = true;
  EXPECT_TRUE(refused(faucet(m, "carol", 5), Errc::already_today));
  m.in_one_block = false;
  EXPECT_TRUE(done(faucet(m, "carol", 5)));
  EXPECT_TRUE(refused(faucet(m, "carol", 1001 * kMicroPerCredit), Errc::limit, "1000"));
}

TEST(Credit, only_local_networks_have_a_faucet) {
  Machine m(ledger::NetworkKind::public_);
  EXPECT_TRUE(refused(faucet(m, "bob", 5), Errc::denied, "local"));
}

}  // namespace
}  // namespace dos::modules
