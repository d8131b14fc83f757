// From the pool into blocks: what stands, what waits, what is given up, and that nobody's flood is another's delay.
#include <gtest/gtest.h>

#include <ranges>

#include "consensus/leader.hpp"
#include "ledger/puzzle.hpp"
#include "modules/id/calls.hpp"
#include "replica/test_cluster.hpp"

namespace dos::replica {
namespace {

using testnet::Cluster;

struct ReplicaPool : testing::Test {
  explicit ReplicaPool(std::size_t machines = 1) : c(machines) {}
  Cluster c;
  Cluster::Machine& m = c.machines[0];
  void SetUp() override {
    ASSERT_TRUE(c.run(1'000, [&] { return c.all_at(1); }));
  }

  ledger::SignedTransaction sign(ledger::Transaction t, const std::string& by) {
    const auto key = testnet::key_of(by);
    ledger::SigWitness w{"", crypto::key_id(key.public_key()),
                         *crypto::sign(key, crypto::domain::kSignTx, c.chain, ledger::TxToSign{ledger::txid(t)}, c.entropy)};
    return {std::move(t), {{std::move(w)}}};
  }
  Result<PoolEntry> admit(const ledger::SignedTransaction& tx) {
    return Admission(m.replica->chain(), c.clock).admit(codec::encode(tx), tx, ledger::txid(tx.tx));
  }
  ledger::Transaction pay(std::uint64_t micro, const std::string& from = "alice") {
    auto t = c.pay(micro, 0).tx.tx;
    if (from == "alice") return t;
    t.sender.is = ledger::AccountSender{from, "active"};
    t.calls[0].args = {ledger::Literal{codec::encode(credit::Pay{from, "bob", Credits{micro}})}};
    t.access[0] = {ledger::Debit{ledger::purse_key(from), Credits{micro}}};
    return t;
  }
  ledger::SignedTransaction new_account(const std::string& name) {
    ledger::Transaction t;
    t.chain = c.chain;
    t.sender.is = ledger::KeySender{testnet::key_of(name).public_key()};
    t.valid_until = TimeMs{c.clock.wall_ms() + 60'000};
    t.limits = {Gas{1'000'000}, 10'000, Credits{1'000'000}};
    t.calls.push_back({ledger::kIdModule, id::kNew, {ledger::Literal{codec::encode(id::New{name, kernel::testchain::account_of(name)})}}});
    t.access = {{ledger::Absent{ledger::account_key(name)}}};
    auto s = sign(std::move(t), name);
    s.witnesses.push_back({ledger::solve_puzzle(ledger::txid(s.tx))});
    return s;
  }
  std::vector<Status> submit(const std::vector<ledger::SignedTransaction>& txs) {
    std::vector<PoolEntry> entries;
    for (const auto& tx : txs) {
      auto entry = admit(tx);
      if (!entry) throw std::runtime_error(entry.error().detail);
      entries.push_back(std::move(*entry));
    }
    return m.replica->submit(std::move(entries));
  }
  // Which takes from `who` the key that it signed with until then.
  ledger::Transaction rotation(const std::string& who) {
    auto t = pay(1, who);
    auto next = *codec::decode<ledger::Account>((*m.replica->chain().finals().store().view().get(ledger::account_key(who)))->data);
    for (auto& p : next.permissions) p.keys[0].key = testnet::key_of(who + "-2").public_key();
    t.sender.is = ledger::AccountSender{who, "owner"};
    t.limits = {Gas{2'000'000}, 20'000, Credits{1'000'000}};
    t.calls = {{ledger::kIdModule, id::kRotate, {ledger::Literal{codec::encode(id::Rotate{who, next})}}}};
    t.access = {{ledger::Latest{ledger::account_key(who)}}};
    return t;
  }
  void expect_nothing_skipped() {
    for (const auto& made : m.made)
      for (const auto& r : made.receipts) EXPECT_EQ(r.status, ledger::TxStatus::ok) << r.detail;
  }
};

TEST_F(ReplicaPool, a_flood_of_bare_keys_delays_no_payment_and_takes_little_of_the_sponsors_purse_a_block) {
  std::vector<ledger::SignedTransaction> txs;
  for (int i = 0; i < 12; ++i) txs.push_back(new_account("new" + std::to_string(i)));
  for (std::uint64_t i = 0; i < 5; ++i) txs.push_back(sign(pay(1 + i), "alice"));
  for (const auto& s : submit(txs)) ASSERT_TRUE(s) << s.error().detail;
  EXPECT_EQ(c.balance(0, "bob"), 10'000 * kMicroPerCredit + 15);
  ASSERT_GT(m.made.size(), 1u);
  EXPECT_EQ(m.made[1].receipts.size(), 6u);  // all payments, and one for whom the sponsor pays
  EXPECT_EQ(m.made.size(), 1u + 12u);        // each of the others found its block
  EXPECT_EQ(m.replica->status().pool_count, 0u);
  expect_nothing_skipped();
}

struct Nowhere final : net::Outbox {
  bool send(std::uint16_t, const net::AnyMessage&) override { return true; }
  void send_all(const net::AnyMessage&) override {}
  std::vector<std::uint16_t> linked() const override { return {}; }
  bool room_for(std::uint16_t, std::size_t) const override { return true; }
};

// Up to its allowance a validator is heard, wrong as it was before; behind it not even what is right.
TEST_F(ReplicaPool, what_another_validator_passes_on_wrongly_costs_it_ten_times_its_price) {
  Nowhere out;
  TransactionDesk desk(m.replica->chain(), {}, c.clock, out, 0, [](const Hash&, const Error&) {});
  std::uint64_t paid = 0;
  const auto right = [&](std::uint16_t from) {
    const auto tx = sign(pay(++paid), "alice");
    const auto before = desk.added();
    EXPECT_TRUE(desk.received(from, {{codec::encode(tx)}}));
    return desk.added() > before;
  };
  const Bytes no_transaction(3, 0xff);
  const auto bytes = kGossipSignatures.burst / kGossipJunkFactor;
  for (std::uint64_t i = 0; i + 1 < bytes; ++i) ASSERT_EQ(desk.received(1, {{no_transaction}}).error().code, Errc::malformed);
  EXPECT_TRUE(right(1));
  EXPECT_EQ(desk.received(1, {{no_transaction}}).error().code, Errc::malformed);
  EXPECT_FALSE(right(1)) << "it has used up what it may";

  auto forged = sign(pay(1'000), "alice");
  std::get<ledger::SigWitness>(forged.witnesses[0].is).signature.bytes[5] ^= 1;
  const auto encoded = codec::encode(forged);
  constexpr std::uint64_t kPrice = 2;  // looking it up, and its signature
  const auto forgeries = kGossipSignatures.burst / (kPrice * kGossipJunkFactor);
  for (std::uint64_t i = 0; i + 1 < forgeries; ++i) ASSERT_EQ(desk.received(2, {{encoded}}).error().code, Errc::signature_invalid);
  EXPECT_TRUE(right(2));
  EXPECT_EQ(desk.received(2, {{encoded}}).error().code, Errc::signature_invalid);
  EXPECT_FALSE(right(2));
  EXPECT_TRUE(right(3)) << "another validator has its own";
}

TEST_F(ReplicaPool, without_work_a_bare_key_is_not_admitted) {
  auto tx = new_account("dave");
  tx.witnesses.pop_back();
  const auto refused = admit(tx);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::bad_witness);
  EXPECT_NE(refused.error().detail.find("work"), std::string::npos);
}

TEST_F(ReplicaPool, what_a_purse_does_not_cover_waits_outside_and_fills_no_block) {
  std::vector<ledger::SignedTransaction> txs;
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto t = pay(1 + i);
    t.limits.rent = Credits{4'000 * kMicroPerCredit};
    txs.push_back(sign(t, "alice"));
  }
  const auto said = submit(txs);
  EXPECT_TRUE(said[0] && said[1]);
  ASSERT_FALSE(said[2]);
  EXPECT_EQ(said[2].error().code, Errc::busy);
  EXPECT_TRUE(submit({txs[2]}).front());
  EXPECT_EQ(c.balance(0, "bob"), 10'000 * kMicroPerCredit + 6);
  expect_nothing_skipped();
}

TEST_F(ReplicaPool, payments_that_together_are_too_much_stand_in_blocks_behind_each_other) {
  auto dear = pay(1);
  dear.limits.rent = Credits{9'990 * kMicroPerCredit};
  const auto said = submit({sign(pay(100 * kMicroPerCredit), "alice"), sign(dear, "alice")});
  EXPECT_TRUE(said[0] && said[1]);
  EXPECT_EQ(m.made.size(), 2u);  // nor is there a block for the second, which the first left too little for
  EXPECT_EQ(m.made[1].receipts.size(), 1u);
  ASSERT_TRUE(m.last_refusal);
  EXPECT_EQ(m.last_refusal->code, Errc::funds);
  EXPECT_EQ(m.replica->status().pool_count, 0u);
  expect_nothing_skipped();
}

// Signed with a key that is no more, behind which others of the same account wait.
TEST_F(ReplicaPool, what_became_impossible_goes_and_holds_up_nothing) {
  std::vector<PoolEntry> dead;
  for (std::uint64_t i = 0; i < 20; ++i) dead.push_back(*admit(sign(pay(1 + i, "carol"), "carol")));
  ASSERT_TRUE(submit({sign(rotation("carol"), "carol")}).front());
  const auto blocks = m.made.size();
  dead.push_back(*admit(sign(pay(1'000, "carol"), "carol-2")));
  for (const auto& s : m.replica->submit(std::move(dead))) ASSERT_TRUE(s) << s.error().detail;
  ASSERT_EQ(m.made.size(), blocks + 1);  // the block of the one that stands
  EXPECT_EQ(m.made.back().receipts.size(), 1u);
  EXPECT_EQ(m.replica->status().pool_count, 0u);
  ASSERT_TRUE(m.last_refusal);
  EXPECT_EQ(m.last_refusal->code, Errc::bad_witness);
  expect_nothing_skipped();
}

TEST_F(ReplicaPool, a_stranger_that_names_anothers_version_keeps_nobody_out) {
  const auto key = ledger::account_key("alice");
  const auto version = **m.replica->chain().finals().store().view().version(key);
  auto mine = pay(1), others = pay(2, "carol"), again = pay(3);
  for (auto* t : {&mine, &others, &again}) t->access.push_back({ledger::Exact{key, version}});
  const auto said = submit({sign(others, "carol"), sign(mine, "alice"), sign(again, "alice")});
  EXPECT_TRUE(said[0] && said[1]);
  ASSERT_FALSE(said[2]);  // her own second is told at once
  EXPECT_EQ(said[2].error().code, Errc::stale);
  EXPECT_EQ(c.balance(0, "bob"), 10'000 * kMicroPerCredit + 3);
}

// A node that leads none of the next views: what can stand in no block any more goes, so many with each final block.
struct ReplicaPoolOfFour : ReplicaPool {
  ReplicaPoolOfFour() : ReplicaPool(4) {}
  bool leads(std::uint64_t view) { return consensus::leader_of(m.replica->chain().facts().validators, c.chain, View{view}) == 0; }
  void pay_elsewhere() {
    const auto height = m.replica->chain().tip().height.value;
    std::vector<PoolEntry> one;
    one.push_back(c.pay(1, 1));
    ASSERT_TRUE(c.machines[1].replica->submit(std::move(one)).front());
    ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(height + 1); }));
  }
};

TEST_F(ReplicaPoolOfFour, who_does_not_lead_judges_again_what_was_left_behind) {
  constexpr std::size_t kDead = 2 * kJudgedAgain + 5;
  std::vector<PoolEntry> dead;
  for (std::uint64_t i = 0; i < kDead; ++i) dead.push_back(*admit(sign(pay(1 + i, "carol"), "carol")));
  ASSERT_TRUE(submit({sign(rotation("carol"), "carol")}).front());
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(2); }));
  const auto free_of_it = [&] {
    const auto view = m.replica->status().engine.current.value;
    return std::ranges::none_of(std::views::iota(view, view + 8), [&](std::uint64_t v) { return leads(v); });
  };
  for (int k = 0; k < 200 && !free_of_it(); ++k) {
    pay_elsewhere();
    c.run(20, [] { return false; });  // its last votes too
  }
  ASSERT_TRUE(free_of_it());
  for (const auto& s : m.replica->submit(std::move(dead))) ASSERT_TRUE(s) << s.error().detail;
  std::vector<std::size_t> left;  // after each block
  while (m.replica->status().pool_count > 0) {
    const auto before = m.made.size();
    pay_elsewhere();
    ASSERT_EQ(m.made.size(), before + 1);
    ASSERT_NE(m.made.back().anchor.header.proposer, 0u);
    left.push_back(m.replica->status().pool_count);
  }
  EXPECT_EQ(left, (std::vector<std::size_t>{kDead, kDead - kJudgedAgain, kDead - 2 * kJudgedAgain, 0}));
  ASSERT_TRUE(m.last_refusal);
  EXPECT_EQ(m.last_refusal->code, Errc::bad_witness);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(m.made.size()); }));
  expect_nothing_skipped();
}

}  // namespace
}  // namespace dos::replica
