// How far a client looks for what became of its transactions, at the edges.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/calls/hand_in.hpp"
#include "client/test_chain.hpp"

namespace dos::client {
namespace {

constexpr Height kSigned{8};

// Transactions that take exactly so many bytes as a payload.
std::vector<ledger::SignedTransaction> filling(std::size_t bytes) {
  std::vector<ledger::SignedTransaction> txs;
  const auto add = [&](std::size_t size) {
    ledger::SignedTransaction one;
    one.tx.sender.is = ledger::AccountSender{"me", "active"};
    one.tx.valid_until = TimeMs{1'000 + txs.size()};
    one.tx.calls.push_back({1, 2, {ledger::Literal{Bytes(size, 7)}}});
    txs.push_back(std::move(one));
  };
  const auto size = [&] { return codec::encode(ledger::pack(txs)).size(); };
  constexpr std::size_t kEach = 100'000;
  while (size() + 2 * kEach < bytes) add(kEach);
  add(kEach / 2);
  auto& last = std::get<ledger::Literal>(txs.back().tx.calls[0].args[0]).bytes;
  last.resize(last.size() + bytes - size(), 7);
  EXPECT_EQ(size(), bytes);
  return txs;
}

struct Searching : testing::Test {
  TestChain chain;
  TestPlaces home;
  TestNode node;
  Identity me = Identity::from_master("me", crypto::Suite::pq, Bytes(kMasterBytes, 3)).value();
  ledger::Transaction tx;
  std::vector<HandedIn> all;
  TestChain::State state;
  Bytes payload = TestChain::kEmptyPayload;  // of each block
  Hash txs = ledger::tx_root({});
  std::size_t blocks_asked = 0, states_asked = 0;

  Searching() {
    node.set([this](std::string_view target, BytesView) {
      if (target == "/v1/state") {
        ++states_asked;
        return codec::encode(chain.state(kSigned, state));
      }
      if (target == "/v1/anchor") return codec::encode(chain.block(kSigned).anchor);
      constexpr std::string_view kBlocks = "/v1/blocks/";
      if (!target.starts_with(kBlocks)) return Bytes();
      ++blocks_asked;
      const Height height(std::stoul(std::string(target.substr(kBlocks.size()))));
      return codec::encode(ledger::BlockAnswer{chain.anchor(height, Hash{}, {}, payload, txs), payload, {}});
    });
    node.be_local(home.places, chain);
    tx.sender.is = ledger::AccountSender{"me", "active"};
    tx.valid_until = TimeMs{60'000};
    all.resize(1);
    all[0].tx = &tx;
  }
  Session open() {
    SessionOptions options;
    options.stale_ok = true;
    auto session = Session::open(home.places, options);
    EXPECT_TRUE(session) << session.error().detail;
    return std::move(*session);
  }
};

TEST_F(Searching, ends_after_so_many_blocks) {
  auto session = open();
  Evidence evidence(session, me, all, kSigned);
  const Height last(kSigned.value + kMaxBlocksSearched);
  const auto searched = evidence.search(last);
  ASSERT_TRUE(searched) << searched.error().detail;
  EXPECT_EQ(evidence.searched(), last);
  EXPECT_EQ(code_of(evidence.search(Height(last.value + 1))), Errc::limit);
  EXPECT_EQ(blocks_asked, kMaxBlocksSearched);
  EXPECT_EQ(evidence.searched(), last);
}

TEST_F(Searching, ends_after_so_many_bytes) {
  const auto full = filling(kMaxPayloadBytes);
  std::vector<Hash> ids;
  for (const auto& one : full) ids.push_back(ledger::wtxid(ledger::txid(one.tx), one.witnesses));
  payload = codec::encode(ledger::pack(full));
  txs = ledger::tx_root(ids);
  auto session = open();
  Evidence evidence(session, me, all, kSigned);
  constexpr std::size_t kFull = kMaxBytesSearched / kMaxPayloadBytes;
  const auto searched = evidence.search(Height(kSigned.value + kFull + 1));  // up to the limit one more is looked at
  ASSERT_TRUE(searched) << searched.error().detail;
  EXPECT_EQ(code_of(evidence.search(Height(kSigned.value + kFull + 2))), Errc::limit);
  EXPECT_EQ(blocks_asked, kFull + 1);
}

TEST_F(Searching, of_one_hand_in_so_many_are_looked_up_and_the_others_stay_open) {
  const auto key = to_bytes(as_bytes("an object"));
  state[key] = {key, {}, {}, Version(Height(8), 0)};  // not the version that they name
  tx.access.push_back({ledger::Exact{key, Version(Height(7), 1)}});
  all.resize(kMaxJudged + 1);
  for (auto& one : all) {
    one.tx = &tx;
    one.refused.push_back({"v1", {Errc::stale, "no"}});
  }
  auto session = open();
  Evidence evidence(session, me, all, kSigned);
  ASSERT_TRUE(evidence.judge());
  for (std::size_t i = 0; i < kMaxJudged; ++i) EXPECT_TRUE(all[i].never) << i;
  EXPECT_TRUE(all.back().open());
  EXPECT_EQ(states_asked, 1 + kMaxJudged);
}

}  // namespace
}  // namespace dos::client
