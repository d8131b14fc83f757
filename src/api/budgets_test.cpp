#include "api/budgets.hpp"

#include <gtest/gtest.h>

#include "api/exchange.hpp"
#include "api/test_backend.hpp"

namespace dos::api {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000, kStart = 50 * kSecond;

Source stranger(std::uint32_t n) {
  Source s;
  s.key = {0x20, 1, std::uint8_t(n >> 16), std::uint8_t(n >> 8), std::uint8_t(n)};
  return s;
}

TEST(Budgets, a_source_spends_its_burst_and_then_what_comes_back) {
  Budgets b;
  const auto one = stranger(1);
  EXPECT_EQ(b.take(one, kSourceWork.burst + 1, kStart), Budgets::kNeverMs);
  EXPECT_FALSE(b.take(one, kSourceWork.burst, kStart));
  EXPECT_EQ(b.take(one, kSourceWork.per_second, kStart), 1000u);
  EXPECT_EQ(b.take(one, 1, kStart), 1u);
  EXPECT_EQ(b.take(one, kSourceWork.per_second, kStart + kSecond), 1u);  // it did not wait as it was told
  EXPECT_FALSE(b.take(one, kSourceWork.per_second, kStart + kSecond + 1'000'000));
  EXPECT_TRUE(b.take(one, 200, kStart));  // time that goes back gives nothing
}

TEST(Budgets, strangers_have_a_budget_together_that_this_machine_does_not_touch) {
  Budgets b;
  EXPECT_FALSE(b.take({}, kLocalWork.burst, kStart));
  EXPECT_TRUE(b.take({}, 1, kStart));
  std::uint64_t spent = 0;
  for (std::uint32_t n = 1; spent < kStrangersWork.burst; ++n, spent += kStrangersWork.burst / 4)
    EXPECT_FALSE(b.take(stranger(n), kStrangersWork.burst / 4, kStart));
  EXPECT_TRUE(b.take(stranger(1), 1, kStart));
  EXPECT_FALSE(b.take(stranger(77), 1, kStart));  // had nothing of it yet
}

TEST(Budgets, a_few_that_ask_for_all_there_is_do_not_shut_the_others_out) {
  // Each tick of a millisecond all ask; the greedy ones for as much as passes, in small questions or in great ones.
  for (const std::uint64_t greed : {113u, 2'013u, 60'000u, 1'000'000u}) {
    Budgets b;
    constexpr std::uint64_t kModest = 1'000;  // ten times a second
    std::uint64_t spent = 0;
    for (std::uint64_t ms = 0; ms < 20'000; ++ms) {
      const auto now = kStart + ms * 1'000'000;
      for (std::uint32_t n = 1; n <= 3; ++n)
        for (int i = 0; i < 200 && !b.take(stranger(n), greed, now); ++i) spent += greed;
      if (ms % 100 == 50) { EXPECT_FALSE(b.take(stranger(9), kModest, now)) << greed << " at " << ms; }
    }
    EXPECT_LE(spent, 20 * kStrangersWork.per_second + 6 * kStrangersWork.burst) << greed;
    EXPECT_GE(spent, 14 * kStrangersWork.per_second) << greed;  // and nothing lies idle
  }
}

TEST(Budgets, shares_have_a_bound_together) {
  Budgets b;
  std::uint64_t spent = 0;
  for (std::uint64_t second = 0; second < 12; ++second)  // every third second thousands that nobody counted yet
    for (std::uint32_t n = 0; second % 3 == 0 && n < 4'000; ++n)
      for (int i = 0; i < 50 && !b.take(stranger(n), 10'000, kStart + second * kSecond); ++i) spent += 10'000;
  EXPECT_LE(spent, 12 * kStrangersWork.per_second + kStrangersWork.burst + kFairDebt + 10'000);
}

TEST(Budgets, who_is_told_to_wait_and_does_not_owes_for_it) {
  Budgets b;
  const auto one = stranger(1);
  EXPECT_FALSE(b.take(one, kSourceWork.burst, kStart));
  const auto wait = b.take(one, 1'000, kStart);
  ASSERT_EQ(wait, 5u);
  for (int i = 0; i < 100; ++i) b.take(one, 1'000, kStart);
  EXPECT_EQ(b.take(one, 1'000, kStart + *wait * 1'000'000), 100 * kRefusalWork / (kSourceWork.per_second / 1'000));
  const auto other = stranger(2);
  EXPECT_FALSE(b.take(other, kStrangersWork.per_second / 2, kStart + 10 * kSecond));
  EXPECT_TRUE(b.take({}, kLocalWork.burst + 1, kStart));  // more than there ever is: nothing to wait for
  EXPECT_FALSE(b.take({}, kLocalWork.burst, kStart));
}

TEST(Prices, a_signing_round_that_many_share_costs_about_one_signature) {
  EXPECT_LT(work_of(cost_of(Price::round)), 2 * kWorkPerSignature);
}

TEST(Prices, a_signing_round_that_nobody_shares_is_paid_for_by_who_asked) {
  // Measured: 0.6 ms of the node that was asked, one of four; and a fifth of a core buys more of them than it begins (kTipSpacingNs).
  const auto lone = work_of(cost_of(Price::round)) + work_of(cost_of_round(3, 1));
  EXPECT_GE(lone, 600u);
  EXPECT_GE(kSourceWork.per_second / lone, 250u);
  EXPECT_EQ(work_of(cost_of_round(3, 6)), 1 + kWorkPerSignature);
  EXPECT_EQ(work_of(cost_of_round(3, 7)), 1u);
  EXPECT_EQ(work_of(cost_of_round(0, 1)), 1u);
}

TEST(Budgets, this_machine_reads_as_fast_as_it_can) {
  Budgets b;
  const auto read = work_of(cost_of(Price::proof));
  for (int second = 0; second < 3; ++second)
    for (int i = 0; i < 50'000; ++i) ASSERT_FALSE(b.take({}, read, kStart + std::uint64_t(second) * kSecond)) << second << ' ' << i;
}

TEST(Budgets, a_debt_ends_at_one_burst) {
  Budgets b;
  const auto one = stranger(1);
  for (int i = 0; i < 5; ++i) b.owe(one, kSourceWork.burst, kStart);
  const auto wait = b.take(one, 1, kStart);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, 1000 * kSourceWork.burst / kSourceWork.per_second + 1);
  EXPECT_FALSE(b.take(one, 1, kStart + (*wait) * 1'000'000));
}

TEST(Budgets, of_more_sources_than_are_remembered_the_rest_shares_one) {
  Budgets b;
  std::uint64_t now = kStart;
  for (std::uint32_t n = 0; n < kMaxSources; ++n) ASSERT_FALSE(b.take(stranger(n), 1, now));
  EXPECT_EQ(b.figures().sources, kMaxSources);
  b.owe(stranger(1'000'000), 2 * kSourceWork.burst, now);
  EXPECT_TRUE(b.take(stranger(1'000'001), 1, now));   // another's debt
  EXPECT_FALSE(b.take(stranger(5), 1, now));          // has its own
  EXPECT_EQ(b.figures().sources, kMaxSources);
  now += kForgetSourceNs;
  EXPECT_FALSE(b.take(stranger(1'000'002), 1, now));
  EXPECT_EQ(b.figures().sources, 1u);
}

// It counts what it is asked to do, and lets nobody pass while there is something to wait for.
struct Counting final : EmptyBackend {
  std::uint64_t asked = 0;
  std::optional<std::uint64_t> wait;
  std::optional<std::uint64_t> charge(const Source& source, std::uint64_t work) const override {
    EmptyBackend::charge(source, work);
    return wait;
  }
  void submit(ledger::SubmitRequest request, bool, std::uint64_t, Answer<ledger::SubmitAnswer> done, const Source&) override {
    asked += request.transactions.size();
    done(absent<ledger::SubmitAnswer>());
  }
  void stored(ledger::StoredRequest request, Answer<ledger::StoredAnswer> done, const Source&) override {
    asked += request.blobs.size();
    done(absent<ledger::StoredAnswer>());
  }
};

Response ask(Counting& backend, std::string method, std::string target, Bytes body = {}) {
  Response answer;
  handle({std::move(method), std::move(target), {{"Content-Type", ledger::kWireType}}, std::move(body), {}}, backend,
         [&](Response r) { answer = std::move(r); });
  return answer;
}

TEST(Prices, every_route_has_one_and_who_cannot_pay_it_is_told_when_to_come_back) {
  for (const auto& route : routes()) {
    std::string target = route.pattern;
    for (auto at = target.find('{'); at != std::string::npos; at = target.find('{')) target.replace(at, target.find('}') - at + 1, "00");
    Counting backend;
    backend.wait = 2500;
    const auto refused = ask(backend, route.method, target);
    EXPECT_EQ(backend.charged, work_of(cost_of(route.price))) << target;
    EXPECT_GT(backend.charged, 1u) << target;
    EXPECT_EQ(refused.status, 429) << target;
    EXPECT_NE(refused.body.find("ask again in 3 s"), std::string::npos) << target << refused.body;
    std::string retry;
    for (const auto& h : refused.headers)
      if (h.name == "Retry-After") retry = h.value;
    EXPECT_EQ(retry, "3") << target;
    backend.wait = Budgets::kNeverMs;
    EXPECT_EQ(ask(backend, route.method, target).status, 413) << target;
  }
}

TEST(Prices, to_be_told_no_has_one_too) {
  const struct {
    const char* method;
    std::string target;
    int status;
    std::size_t body = 0;
  } cases[] = {{"GET", "/v2", 404},
               {"DELETE", "/v1/state", 405},
               {"OPTIONS", "/v1/state", 204},
               {"OPTIONS", "*", 204},
               {"GET", "/v1/files/%zz", 400},
               {"GET", "/" + std::string(kMaxTargetBytes, 'x'), 414},
               {"POST", "/v1/state", 413, 64u << 20}};
  for (const auto& c : cases) {
    Counting backend;
    EXPECT_EQ(ask(backend, c.method, c.target, Bytes(c.body)).status, c.status) << c.target.substr(0, 20);
    EXPECT_EQ(backend.charged, work_of(cost_of(Price::text))) << c.target.substr(0, 20);
    backend.wait = 1000;
    EXPECT_EQ(ask(backend, c.method, c.target, Bytes(c.body)).status, 429) << c.target.substr(0, 20);
  }
}

TEST(Prices, a_body_costs_its_bytes) {
  Counting small, large;
  ask(small, "POST", "/v1/transactions", Bytes(1));
  ask(large, "POST", "/v1/transactions", Bytes(1 << 20));
  EXPECT_EQ(large.charged, small.charged + (1 << 20) / kBytesPerWork);
}

TEST(Lists, a_transaction_stands_in_a_request_once) {
  Counting backend;
  const auto send = [&](std::vector<Bytes> txs) {
    return ask(backend, "POST", "/v1/transactions", codec::encode(ledger::SubmitRequest{std::move(txs)}));
  };
  const auto twice = send({Bytes{1}, Bytes{2}, Bytes{1}});
  EXPECT_EQ(twice.status, error_row(Errc::malformed).http_status);
  EXPECT_NE(twice.body.find("transaction 2 stands in the request twice"), std::string::npos) << twice.body;
  EXPECT_EQ(backend.asked, 0u);
  send({Bytes{1}, Bytes{2}});
  EXPECT_EQ(backend.asked, 2u);
}

TEST(Prices, what_was_charged_of_a_body_as_it_came_is_not_charged_again) {
  Counting backend;
  const auto charged = [&](std::size_t body, std::size_t paid) {
    backend.charged = 0;
    Request r{"POST", "/v1/state", {}, Bytes(body, 1), {}};
    r.body_paid = paid;
    handle(r, backend, [](Response) {});
    return backend.charged;
  };
  const auto all = charged(200'000, 0);
  EXPECT_EQ(all - charged(200'000, 131'072), 131'072 / kBytesPerWork);
  EXPECT_EQ(charged(200'000, 200'000), charged(0, 0));
  EXPECT_EQ(charged(200'000, 900'000), charged(0, 0)) << "the heads of its chunks were charged, too";
}

TEST(Lists, end_at_their_limits) {
  Counting backend;
  const auto send = [&](std::size_t n) {
    std::vector<Bytes> txs;
    for (std::size_t i = 0; i < n; ++i) txs.push_back(codec::encode(std::uint32_t(i)));
    return ask(backend, "POST", "/v1/transactions", codec::encode(ledger::SubmitRequest{std::move(txs)}));
  };
  EXPECT_EQ(send(kMaxBatchTransactions + 1).status, error_row(Errc::limit).http_status);
  EXPECT_EQ(backend.asked, 0u);
  send(kMaxBatchTransactions);
  EXPECT_EQ(backend.asked, kMaxBatchTransactions);
  codec::Encoder many;  // millions of empty ones: refused before they take memory
  many.uleb(8'000'000);
  many.out.resize(8'000'000);
  EXPECT_EQ(ask(backend, "POST", "/v1/transactions", std::move(many.out)).status, error_row(Errc::limit).http_status);
}

TEST(Lists, blobs_under_a_promise_stand_in_order_each_once) {
  Counting backend;
  const auto send = [&](std::vector<std::uint8_t> roots) {
    ledger::StoredRequest request;
    for (const auto r : roots) {
      request.blobs.push_back({{}, 1});
      request.blobs.back().root.bytes[0] = r;
    }
    return ask(backend, "POST", "/v1/stored", codec::encode(request)).status;
  };
  EXPECT_EQ(send({1, 1}), error_row(Errc::malformed).http_status);
  EXPECT_EQ(send({2, 1}), error_row(Errc::malformed).http_status);
  EXPECT_EQ(send({}), error_row(Errc::limit).http_status);
  EXPECT_EQ(backend.asked, 0u);
  send({1, 2});
  EXPECT_EQ(backend.asked, 2u);
}

}  // namespace
}  // namespace dos::api
