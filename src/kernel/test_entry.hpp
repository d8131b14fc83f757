// For tests: what may stand in a block, and what makes it invalid.
#pragma once
#include <gtest/gtest.h>

#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"
#include "modules/id/calls.hpp"

namespace dos::kernel::testchain {

using namespace ledger;

struct EntryTest : ::testing::Test {
  Chain c;
  Transaction pay(const std::string& from, std::uint64_t amount = 1) {
    return c.tx(from, {Chain::call(kCreditModule, credit::kPay, codec::encode(credit::Pay{from, "bob", Credits{amount}}))},
                {access(Debit{purse_key(from), Credits{amount}}), access(Deposit{purse_key("bob")}),
                 access(Read{account_key("bob"), std::nullopt})});
  }
  void expect(const Receipt& r, TxStatus status, Errc code) {
    EXPECT_EQ(int(r.status), int(status)) << r.detail;
    EXPECT_EQ(r.code, std::uint16_t(code)) << r.detail;
  }
  void expect_ok(const Receipt& r) { EXPECT_EQ(int(r.status), int(TxStatus::ok)) << r.code << " " << r.detail; }
  // No block may hold it: neither alone nor behind good ones, and a leader leaves it out.
  void unfit(const SignedTransaction& t, Errc code) {
    EXPECT_TRUE(c.chosen({t}).empty());
    const auto before = c.state.state;
    misfit({t}, 0, code);
    EXPECT_EQ(c.state.state, before);
  }
  void misfit(const std::vector<SignedTransaction>& txs, std::uint32_t index, Errc code) {
    const auto result = c.apply(txs);
    ASSERT_TRUE(result.misfit);
    EXPECT_EQ(result.misfit->index, index);
    EXPECT_EQ(result.misfit->why.code, code) << result.misfit->why.detail;
    EXPECT_TRUE(result.delta.empty() && result.receipts.empty());
  }
  // Of an account by its own key, to be signed as a bare key.
  Transaction account_for(const std::string& name) {
    return c.tx("x", {Chain::call(kIdModule, id::kNew, codec::encode(id::New{name, account_of(name)}))},
                {access(Absent{account_key(name)})});
  }
};

}  // namespace dos::kernel::testchain
