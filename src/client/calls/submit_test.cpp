// From drafts to their ends: what is STALE is looked at and drafted again, a few times; a plan goes on from what is proved.
#include "client/calls/submit.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "base/test_code.hpp"
#include "client/test_chain.hpp"

namespace dos::client {
namespace {

// A node that takes each transaction into a block of its own, with the status that is next; then with the last one again and again.
struct Submitting : testing::Test {
  TestChain chain;
  TestPlaces home;
  TestNode node;
  Identity me = Identity::from_master("me", crypto::Suite::classic, Bytes(kMasterBytes, 3)).value();
  TestChain::State state;
  std::vector<ledger::TxStatus> ends;
  std::size_t handed_in = 0;
  Height height{8};
  std::optional<Session> session;

  Submitting() {
    put(ledger::account_key("me"), codec::encode(account_of(me)));
    put(ledger::purse_key("me"), codec::encode(ledger::Purse{Credits{1000 * kMicroPerCredit}}));
    node.be_local(home.places, chain);
    node.set([this](std::string_view target, BytesView body) {
      if (target == "/v1/state") return codec::encode(chain.state(height, state));
      if (target == "/v1/anchor") return codec::encode(chain.block(height).anchor);
      const auto request = codec::decode<ledger::SubmitRequest>(body);
      if (!target.starts_with("/v1/transactions") || !request) return Bytes();
      const auto tx = codec::decode<ledger::SignedTransaction>(request->transactions.at(0));
      ledger::Receipt receipt;
      receipt.txid = ledger::txid(tx->tx);
      receipt.wtxid = ledger::wtxid(receipt.txid, tx->witnesses);
      receipt.status = ends[std::min(handed_in++, ends.size() - 1)];
      return codec::encode(chain.final(Height(++height.value), receipt));
    });
    SessionOptions options;
    options.stale_ok = true;
    session.emplace(std::move(*Session::open(home.places, options)));
    ledger::StateQuery query;  // from then on a block is known, as it is to whoever drafts from what is there
    query.items.push_back(ledger::KeyItem{ledger::purse_key("me"), false});
    EXPECT_TRUE(session->state(std::move(query)));
  }
  void put(Bytes key, Bytes data) { state[key] = {key, {}, std::move(data), Version(Height(1), 1)}; }
  static Draft draft() {
    Draft d;
    d.call_bytes(1, 2, Bytes(3));
    return d;
  }
};

constexpr auto kOk = ledger::TxStatus::ok, kStale = ledger::TxStatus::stale;

TEST_F(Submitting, what_is_stale_is_drafted_again_until_it_is_not) {
  ends = {kStale, kStale, kOk};
  std::size_t made = 0;
  const auto done = submit(*session, me, [&]() -> Result<Draft> {
    EXPECT_EQ(handed_in, made++) << "each try looks first";
    return draft();
  });
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(made, 3u);
  EXPECT_EQ(done->block.header.height, Height(11));
}

TEST_F(Submitting, eight_times_at_most) {
  ends = {kStale};
  int made = 0;
  const auto done = submit(*session, me, [&]() -> Result<Draft> {
    ++made;
    return draft();
  });
  EXPECT_EQ(code_of(done), Errc::stale);
  EXPECT_EQ(made, kStaleTries);
  EXPECT_EQ(handed_in, std::size_t(kStaleTries));
}

TEST_F(Submitting, a_draft_as_it_stands_goes_once_and_one_that_cannot_be_made_does_not_go) {
  ends = {kStale};
  EXPECT_EQ(code_of(submit(*session, me, draft())), Errc::stale);
  EXPECT_EQ(handed_in, 1u);
  EXPECT_EQ(submit(*session, me, []() -> Result<Draft> { return fail(Errc::stale, "before it went"); }).error().detail, "before it went");
  EXPECT_EQ(handed_in, 1u);
}

// Two steps, of which the first may be tried again.
struct TwoSteps final : PlanOf<std::vector<Done>> {
  Result<Step> next() override {
    ++asked;
    if (done.size() == 2) return Step{};
    return one_step(Submitting::draft(), done.empty() ? ++attempt : 0);
  }
  Status proved(std::vector<Done> one) override {
    done.push_back(one.at(0));
    return {};
  }
  std::vector<Done> outcome() override { return done; }
  int asked = 0, attempt = 0;
  std::vector<Done> done;
};

TEST_F(Submitting, a_plan_gives_each_step_from_what_is_proved_of_the_last) {
  ends = {kStale, kOk, kOk};
  TwoSteps plan;
  const auto done = submit(*session, me, plan);
  ASSERT_TRUE(done) << done.error().detail;
  ASSERT_EQ(done->size(), 2u);
  EXPECT_LT((*done)[0].block.header.height, (*done)[1].block.header.height);
  EXPECT_EQ(plan.attempt, 2);
  EXPECT_EQ(plan.asked, 4) << "the last time it has nothing left";
}

TEST_F(Submitting, a_step_that_is_not_to_be_tried_again_ends_its_plan_for_good) {
  ends = {kOk, kStale, kOk};
  TwoSteps plan;
  EXPECT_EQ(code_of(submit(*session, me, plan)), Errc::stale);
  EXPECT_EQ(handed_in, 2u);
  EXPECT_EQ(code_of(submit(*session, me, plan)), Errc::internal);
  EXPECT_EQ(handed_in, 2u);
}

// What a plan's next step uploads for nothing lies at the nodes.
TEST_F(Submitting, a_plan_that_may_not_be_handed_in_is_not_begun) {
  SessionOptions options;
  options.stale_ok = true;
  options.at = Height{5};
  auto past = Session::open(home.places, options);
  ASSERT_TRUE(past) << past.error().detail;
  TwoSteps plan;
  EXPECT_EQ(code_of(submit(*past, me, plan)), Errc::usage);
  EXPECT_EQ(plan.asked, 0);
}

TEST_F(Submitting, a_bare_draft_goes_alone_or_not_at_all) {
  std::vector<Draft> two;
  two.push_back(draft());
  two.push_back(draft());
  two[1].bare = true;
  EXPECT_EQ(code_of(submit(*session, me, std::move(two))), Errc::internal);
  EXPECT_EQ(handed_in, 0u);
}

}  // namespace
}  // namespace dos::client
