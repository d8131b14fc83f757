// Requests that wait for the same transaction: bounded, answered together, forgotten once it is over.
#include "node/waiters.hpp"

#include <gtest/gtest.h>

#include <future>

#include "base/test_code.hpp"
#include "node/test_network.hpp"

namespace dos::node {
namespace {

using namespace testnet;

Waiting waiting(std::uint32_t index = 0) {
  return {std::make_shared<Ticket>(1, 0, [](Result<ledger::SubmitAnswer>) {}), index};
}

TEST(Waiters, of_one_transaction_are_bounded_and_leave_together_in_their_order) {
  Waiters waiters;
  const auto one = crypto::plain_hash(as_bytes("one")), other = crypto::plain_hash(as_bytes("other"));
  for (std::uint32_t i = 0; i < kMaxWaitersOfTransaction; ++i) ASSERT_TRUE(waiters.join(one, waiting(i))) << i;
  EXPECT_EQ(code_of(waiters.join(one, waiting())), Errc::busy);
  EXPECT_TRUE(waiters.join(other, waiting()));
  const auto all = waiters.take(one);
  ASSERT_EQ(all.size(), kMaxWaitersOfTransaction);
  for (std::uint32_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].index, i);
  EXPECT_TRUE(waiters.take(one).empty());
  EXPECT_TRUE(waiters.join(one, waiting()));
  EXPECT_EQ(waiters.transactions(), 2u);
}

TEST(Waiters, a_request_whose_time_is_over_takes_no_place) {
  Waiters waiters;
  const auto txid = crypto::plain_hash(as_bytes("one"));
  std::vector<Waiting> all;
  for (std::uint32_t i = 0; i < kMaxWaitersOfTransaction; ++i) ASSERT_TRUE(waiters.join(txid, all.emplace_back(waiting(i)))) << i;
  for (const std::size_t i : {5u, 6u}) all[i].ticket->expire();
  EXPECT_TRUE(waiters.join(txid, waiting(100)));
  EXPECT_TRUE(waiters.join(txid, waiting(101)));
  EXPECT_EQ(code_of(waiters.join(txid, waiting(102))), Errc::busy);
  const auto left = waiters.take(txid);
  ASSERT_EQ(left.size(), kMaxWaitersOfTransaction);
  EXPECT_EQ(left[5].index, 7u);
  EXPECT_EQ(left.back().index, 101u);
}

TEST(Waiters, each_request_with_a_transaction_gets_its_receipt_up_to_the_bound) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto tx = codec::encode(net.pay(5));
  std::vector<std::promise<ledger::SubmitAnswer>> answers(kMaxWaitersOfTransaction + 1);
  std::promise<void> busy, go_on;  // the loop tells of another one: so these are handed over together
  (*node)->submit({{codec::encode(net.pay(1))}}, true, 20'000, [&](Result<ledger::SubmitAnswer>) {
    busy.set_value();
    go_on.get_future().wait();
  });
  busy.get_future().wait();
  for (auto& answer : answers)
    (*node)->submit({{tx}}, true, 20'000, [&answer](Result<ledger::SubmitAnswer> a) { answer.set_value(std::move(*a)); });
  go_on.set_value();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto outcome = answers[i].get_future().get().outcomes.at(0);
    const auto* refused = std::get_if<ledger::Refused>(&outcome.is);
    if (i < kMaxWaitersOfTransaction)
      EXPECT_TRUE(std::holds_alternative<ledger::Final>(outcome.is)) << i << (refused ? refused->detail : "");
    else EXPECT_TRUE(refused != nullptr && Errc(refused->code) == Errc::busy);
  }
}

}  // namespace
}  // namespace dos::node
