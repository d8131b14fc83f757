#include "client/calls/hand_in.hpp"

#include <gtest/gtest.h>

namespace dos::client {
namespace {

ledger::Transaction paying() {
  ledger::Transaction tx;
  tx.sender.is = ledger::AccountSender{"me", "active"};
  tx.limits = {Gas{10}, 20, Credits{30}};
  tx.valid_until = TimeMs{60'000};
  tx.access.push_back({ledger::Debit{ledger::purse_key("me"), Credits{1'000}}});
  tx.access.push_back({ledger::Debit{ledger::purse_key("bob"), Credits{5'000}}});
  return tx;
}

TEST(HandIn, what_a_transaction_takes_is_its_limits_and_its_payers_debits) {
  ledger::Params params;
  params.gas_price = 2, params.byte_price = 3;
  auto tx = paying();
  EXPECT_EQ(most_it_takes(tx, params).value, 10 * 2 + 20 * 3 + 30 + 1'000u);
  tx.payer = "bob";
  EXPECT_EQ(payer_purse(tx), ledger::purse_key("bob"));
  EXPECT_EQ(most_it_takes(tx, params).value, 10 * 2 + 20 * 3 + 30 + 5'000u);
  tx.limits.gas = Gas{~std::uint64_t{0}};
  EXPECT_EQ(most_it_takes(tx, params).value, ~std::uint64_t{0}) << "and never wraps";
}

TEST(HandIn, an_end_says_whether_it_can_still_become_final) {
  const auto tx = paying();
  HandedIn one;
  one.tx = &tx;
  one.refused.push_back({"v1", {Errc::funds, "no\n  help: pay again"}});
  one.against = Error{Errc::funds, "the purse is empty"};
  auto ending = ending_of(one);
  EXPECT_EQ(ending.code, Errc::unsettled) << "it may yet be taken: whoever repeats it may pay twice";
  EXPECT_EQ(ending.detail,
            "the purse is empty (v1 refused it, saying: \"no\\n  help: pay again\"); " + tx_name(one.txid) +
                " is not final, and may yet become so until 1970-01-01T00:01:00.000Z: look with dos tx before you repeat it");
  one.against = Error{Errc::stale, "gone"};
  one.never = true;
  EXPECT_EQ(ending_of(one).code, Errc::stale);
  EXPECT_TRUE(ending_of(one).detail.ends_with(tx_name(one.txid) + " can not become final any more"));
  one.done = Done{};
  one.done->receipt.status = ledger::TxStatus::failed;
  one.done->receipt.code = std::uint16_t(Errc::denied);
  one.done->receipt.detail = "the module says no";
  EXPECT_EQ(ending_of(one).code, Errc::denied) << "a proved receipt is the end";
  EXPECT_EQ(ending_of(one).detail, "the module says no");
}

TEST(HandIn, of_several_one_that_may_yet_become_final_says_how_the_command_ends) {
  const auto tx = paying();
  std::vector<HandedIn> all(4);
  for (auto& one : all) one.tx = &tx, one.done = Done{};
  EXPECT_FALSE(ending_of(all));
  all[1].done.reset();
  all[1].against = Error{Errc::stale, "gone"}, all[1].never = true;
  EXPECT_EQ(ending_of(all)->code, Errc::stale);
  all[0].done->receipt.status = ledger::TxStatus::failed, all[0].done->receipt.code = std::uint16_t(Errc::denied);
  EXPECT_EQ(ending_of(all)->code, Errc::denied);
  all[3].done.reset(), all[3].txid.bytes.fill(9);
  for (const auto& against : {std::optional<Error>(), std::optional(Error{Errc::funds, "the purse is empty"})}) {
    all[3].against = against;
    EXPECT_EQ(ending_of(all)->code, Errc::unsettled);
    EXPECT_NE(ending_of(all)->detail.find(tx_name(all[3].txid)), std::string::npos);
  }
}

TEST(HandIn, a_word_alone_ends_nothing) {
  const auto tx = paying();
  HandedIn one;
  one.tx = &tx;
  one.refused.push_back({"v1", {Errc::stale, "STALE"}});
  EXPECT_TRUE(one.open());
  EXPECT_EQ(ending_of(one).code, Errc::unsettled);
}

}  // namespace
}  // namespace dos::client
