// What a proved state says of a transaction that a node refused: nothing, if that state is older than what was known before signing.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "base/test_code.hpp"
#include "client/calls/hand_in.hpp"
#include "client/test_chain.hpp"

namespace dos::client {
namespace {

constexpr Height kSigned{8};  // final before the transaction was signed

struct Judging : testing::Test {
  TestChain chain;
  TestPlaces home;
  TestNode node;
  Identity me = Identity::from_master("me", crypto::Suite::pq, Bytes(kMasterBytes, 3)).value();
  const Bytes key = to_bytes(as_bytes("an object"));
  ledger::Transaction tx;
  HandedIn one;

  Judging() {
    show(kSigned);
    node.be_local(home.places, chain);
    tx.sender.is = ledger::AccountSender{"me", "active"};
    tx.valid_until = TimeMs{60'000};
  }
  // The newest block from now on, and what the state has there.
  // `submitted`: what it answers to whatever is handed in.
  void show(Height height, std::optional<std::pair<Bytes, Version>> object = {}, Bytes submitted = {}) {
    TestChain::State state;
    if (object) state[object->first] = {object->first, {}, {}, object->second};
    node.set([this, height, state, submitted](std::string_view target, BytesView) {
      if (target.starts_with("/v1/transactions")) return submitted;
      if (target == "/v1/state") return codec::encode(chain.state(height, state));
      if (target == "/v1/anchor") return codec::encode(chain.block(height).anchor);
      constexpr std::string_view kBlocks = "/v1/blocks/";
      if (!target.starts_with(kBlocks)) return Bytes();
      return codec::encode(chain.block(Height(std::stoul(std::string(target.substr(kBlocks.size()))))));
    });
  }
  Session open() {
    SessionOptions options;
    options.stale_ok = true;  // the node has no acknowledgements to give
    auto session = Session::open(home.places, options);
    EXPECT_TRUE(session) << session.error().detail;
    return std::move(*session);
  }
  // What is known after a node refused it with that code.
  Status judged(Errc says) {
    one = {};
    one.tx = &tx;
    one.refused.push_back({"v1", {says, "no"}});
    auto session = open();
    Evidence evidence(session, me, std::span(&one, 1), kSigned);
    return evidence.judge();
  }
};

TEST_F(Judging, a_state_at_what_was_known_before_signing_or_above_is_evidence) {
  for (const auto height : {kSigned, Height(kSigned.value + 2)}) {
    show(height);
    tx.limits.rent = Credits{1};
    const auto looked = judged(Errc::funds);
    ASSERT_TRUE(looked) << looked.error().detail;
    ASSERT_TRUE(one.against);
    EXPECT_EQ(one.against->code, Errc::funds);
    EXPECT_FALSE(one.never);
    ASSERT_TRUE(judged(Errc::denied));
    ASSERT_TRUE(one.against);
    EXPECT_EQ(one.against->code, Errc::denied);
  }
}

TEST_F(Judging, an_older_state_proves_neither_an_empty_purse_nor_that_a_key_does_not_sign) {
  show(Height(kSigned.value - 1));
  tx.limits.rent = Credits{1};
  for (const auto says : {Errc::funds, Errc::denied, Errc::bad_witness}) {
    EXPECT_EQ(code_of(judged(says)), Errc::behind);
    EXPECT_FALSE(one.against) << one.against->detail;
  }
}

// The purse and the account of this chain are absent: with a refusal that is about neither, only versions are judged.
TEST_F(Judging, an_older_state_proves_no_version_gone) {
  tx.access.push_back({ledger::Exact{key, Version(Height(7), 1)}});
  show(Height(kSigned.value - 1));
  const auto looked = judged(Errc::stale);
  ASSERT_FALSE(looked) << (one.never ? "it is called impossible: " + one.against->detail : "");
  EXPECT_EQ(code_of(looked), Errc::behind);
  EXPECT_TRUE(one.open());
  show(kSigned);
  ASSERT_TRUE(judged(Errc::stale));
  EXPECT_TRUE(one.never) << "at that height it is proved to be gone";
}

TEST_F(Judging, a_version_is_gone_when_a_newer_one_is_there_and_not_when_an_older_one_is) {
  const Version named(Height(7), 5);
  tx.access.push_back({ledger::Exact{key, named}});
  for (const auto& [there, gone] : {std::pair(Version(Height(7), 4), false), std::pair(named, false),
                                    std::pair(Version(Height(7), 6), true), std::pair(Version(Height(8), 0), true)}) {
    show(kSigned, std::pair(key, there));
    ASSERT_TRUE(judged(Errc::stale));
    EXPECT_EQ(one.never, gone) << there.value;
    EXPECT_EQ(one.open(), !gone) << there.value;
  }
}

TEST_F(Judging, what_is_named_as_absent_and_is_there_ends_it) {
  tx.access.push_back({ledger::Absent{key}});
  ASSERT_TRUE(judged(Errc::stale));
  EXPECT_TRUE(one.open());
  show(kSigned, std::pair(key, Version(Height(8), 0)));
  ASSERT_TRUE(judged(Errc::stale));
  EXPECT_TRUE(one.never);
}

TEST_F(Judging, what_its_purse_or_its_key_bars_is_not_handed_in) {
  tx.limits.rent = Credits{5};
  one.tx = &tx;
  const auto looked = [&](std::uint64_t holds, const crypto::PublicKey& key) {
    ledger::Account account;
    account.permissions.push_back({"active", 1, {{key, 1}}, {}});
    TestChain::State state;
    for (const auto& [k, data] : {std::pair(ledger::purse_key("me"), codec::encode(ledger::Purse{Credits{holds}})),
                                  std::pair(ledger::account_key("me"), codec::encode(account))})
      state[k] = {k, {}, data, Version(Height(1), 0)};
    node.set([&, state](std::string_view, BytesView) { return codec::encode(chain.state(kSigned, state)); });
    auto session = open();
    return can_be_taken(session, me, std::span(&one, 1), kSigned);
  };
  const auto mine = me.signing().public_key(), others = chain.key.public_key();
  EXPECT_TRUE(looked(5, mine));
  EXPECT_EQ(code_of(looked(4, mine)), Errc::funds);
  EXPECT_EQ(code_of(looked(5, others)), Errc::bad_witness);
}

TEST_F(Judging, a_search_asks_for_no_block_when_its_time_is_over) {
  const Height newest(kSigned.value + 3);
  show(newest);
  one.tx = &tx;
  auto session = open();
  Evidence evidence(session, me, std::span(&one, 1), kSigned);
  {
    const Session::Until over(session, Session::Clock::now());
    for (const auto& looked : {evidence.search(), evidence.search(newest)}) EXPECT_EQ(code_of(looked), Errc::timed_out);
    EXPECT_EQ(evidence.searched(), kSigned);
    EXPECT_TRUE(one.open());
  }
  EXPECT_TRUE(evidence.search());
  EXPECT_EQ(evidence.searched(), newest);
}

TEST_F(Judging, the_time_of_a_bounded_command_is_of_all_its_questions) {
  std::atomic<int> asked = 0;
  node.set([&](std::string_view, BytesView) {
    ++asked;
    return Bytes();
  });
  SessionOptions options;
  options.stale_ok = true;
  options.timeout = std::chrono::milliseconds(1);
  for (const bool bounds_all : {false, true}) {
    options.bounds_all = bounds_all;
    auto session = Session::open(home.places, options);
    ASSERT_TRUE(session);
    const auto first = session->give_up();
    while (Session::Clock::now() < first) {}
    EXPECT_EQ(session->give_up() == first, bounds_all) << "else the next step has its own time";
    if (!bounds_all) continue;
    one.tx = &tx;
    EXPECT_EQ(code_of(session->shown({})), Errc::timed_out);
    EXPECT_EQ(code_of(hand_in(*session, me, std::span(&one, 1), kSigned)), Errc::timed_out);
    EXPECT_TRUE(session->writes().empty()) << "it was handed in to nobody";
    EXPECT_EQ(asked.load(), 0);
  }
}

// What a signal would find to be said, each time that it changed.
TEST_F(Judging, a_signal_is_told_of_a_transaction_from_when_it_leaves_until_its_end_is_proved) {
  tx.access.push_back({ledger::Exact{key, Version(Height(7), 1)}});
  one.tx = &tx;
  one.txid.bytes.fill(9);
  ::signal(SIGTERM, SIG_DFL);  // whatever started the tests
  std::vector<Writes> armed;
  std::atomic<std::size_t> arms = 0, when_asked = 0;
  SessionOptions options;
  options.stale_ok = true;
  options.timeout = std::chrono::milliseconds(1);
  options.last_words = [&](const Writes& writes) {
    armed.push_back(writes);
    ++arms;
    return LastWords{"", "open\n", 7};
  };
  const auto none_caught = [] {
    struct sigaction now{};
    return ::sigaction(SIGTERM, nullptr, &now) == 0 && now.sa_handler == SIG_DFL;
  };
  const auto hand = [&](Session& session) { return hand_in(session, me, std::span(&one, 1), kSigned); };
  {  // a node that is not there: nothing leaves
    Listener nobody;
    options.via = "http://127.0.0.1:" + std::to_string(nobody.port());
    nobody.shut();
    auto silent = Session::open(home.places, options);
    ASSERT_TRUE(silent);
    EXPECT_FALSE(hand(*silent));
    EXPECT_TRUE(armed.empty() && none_caught());
    options.via.clear();
  }
  auto session = Session::open(home.places, options);
  ASSERT_TRUE(session);
  node.set([&](std::string_view target, BytesView) {
    if (target.starts_with("/v1/transactions")) when_asked = arms.load();
    return Bytes();  // and says nothing of it
  });
  EXPECT_FALSE(hand(*session));
  EXPECT_GT(when_asked, 0u) << "before it reached the node";
  for (const auto& writes : armed) {
    ASSERT_EQ(writes.open.size(), 1u);
    EXPECT_EQ(writes.open[0].txid, one.txid);
    EXPECT_EQ(writes.open[0].valid_until, tx.valid_until);
    EXPECT_TRUE(writes.final.empty());
  }
  EXPECT_EQ(session->writes().open.size(), 1u);
  EXPECT_FALSE(none_caught()) << "until the command has said so itself";
  disarm_last_words();
  EXPECT_TRUE(none_caught());

  // Refused, and proved to be impossible.
  options.timeout = std::chrono::seconds(30);
  auto other = Session::open(home.places, options);
  ASSERT_TRUE(other);
  armed.clear();
  one.refused.clear();
  ledger::SubmitAnswer refused;
  refused.outcomes.push_back({one.txid, {ledger::Refused{std::uint16_t(Errc::stale), "no"}}});
  show(kSigned, std::pair(key, Version(Height(8), 0)), codec::encode(refused));
  const auto ended = hand(*other);
  EXPECT_TRUE(ended) << ended.error().detail;
  EXPECT_TRUE(one.never);
  EXPECT_FALSE(armed.empty());
  EXPECT_TRUE(none_caught()) << "nothing is open any more";
}

TEST_F(Judging, a_node_that_refuses_it_as_done_already_proves_nothing) {
  one.tx = &tx;
  one.txid.bytes.fill(9);
  const std::string words = "done and final";
  ledger::SubmitAnswer refused;
  refused.outcomes.push_back({one.txid, {ledger::Refused{std::uint16_t(Errc::unreported), words}}});
  show(kSigned, {}, codec::encode(refused));
  SessionOptions options;
  options.stale_ok = true;
  options.timeout = std::chrono::milliseconds(1);
  auto session = Session::open(home.places, options);
  ASSERT_TRUE(session);
  const auto ended = hand_in(*session, me, std::span(&one, 1), kSigned);
  ASSERT_FALSE(ended);
  EXPECT_EQ(code_of(ended), Errc::unsettled);
  EXPECT_NE(ended.error().detail.find("v1 refused it, saying: \"" + words + "\""), std::string::npos) << ended.error().detail;
  EXPECT_TRUE(one.open());
  EXPECT_EQ(session->writes().open.size(), 1u);
  EXPECT_TRUE(session->writes().final.empty());
  EXPECT_EQ(ending_of(one).code, Errc::unsettled);
  disarm_last_words();
}

TEST_F(Judging, one_command_reads_no_state_backwards) {
  auto session = open();
  const auto read = [&](std::optional<Height> at = {}) {
    ledger::StateQuery query;
    query.at = at;
    query.items.push_back(ledger::KeyItem{key, true});
    return session.state(std::move(query));
  };
  ASSERT_TRUE(read());
  show(Height(kSigned.value - 1));
  const auto older = read();
  ASSERT_FALSE(older);
  EXPECT_EQ(code_of(older), Errc::behind);
  show(kSigned);
  EXPECT_TRUE(read());
}

}  // namespace
}  // namespace dos::client
