// Everything that a transaction makes the kernel do has its price, is stopped by the gas limit, and is paid however it ends.
#include <gtest/gtest.h>

#include "abi/host_table.hpp"
#include "base/test_code.hpp"
#include "kernel/native_gas.hpp"
#include "kernel/test_chain.hpp"
#include "ledger/native_gas.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;

constexpr std::uint16_t kNothing = 1, kAsk = 2, kTooSmall = 3, kRemoveAll = 4, kOverwrite = 5;
constexpr int kRemoved = 40;

Bytes key(std::string_view local) { return module_key(kTestModule, as_bytes("t" + std::string(local))); }
Bytes numbered(int i) { return key("r" + std::to_string(1000 + i)); }
Bytes object(std::size_t bytes) { return codec::encode(Object{Version{0}, nobody(), kPermanent, {}, Bytes(bytes, 7)}); }

Bytes guest() {
  vm::assembly::Assembler a;
  const int out = int(a.scratch());
  a.on(kNothing);
  a.host(a.on(kAsk), "authorized", codec::encode(account_lock("team"))).drop();
  a.host(a.on(kTooSmall), "get", key("large"), out, 1).drop();
  for (int i = 0; i < kRemoved; ++i) a.host(a.on(kRemoveAll), "del", numbered(i));
  a.host(a.on(kRemoveAll), "next", key("r"), Bytes{}, out, 400).drop();
  a.host(a.on(kOverwrite), "put", key("large"), object(1));
  return a.build();
}

struct NativeGasTest : ::testing::Test {
  static const Bytes& code() {
    static const Bytes wasm = guest();
    return wasm;
  }
  Chain c{code()};
  void unfit(const SignedTransaction& t, Errc code) {
    EXPECT_TRUE(c.chosen({t}).empty());
    const auto misfit = c.apply({t}).misfit;
    ASSERT_TRUE(misfit);
    EXPECT_EQ(misfit->why.code, code) << misfit->why.detail;
  }
  void put(Bytes k, std::size_t bytes = 3) {
    c.state.state.insert_or_assign(std::move(k), store::Record{Version{1}, codec::encode(nobody()), kPermanent, {}, Bytes(bytes, 7)});
  }
  Transaction call(std::uint16_t number, std::vector<Access> a, std::uint64_t gas = 4'000'000) {
    auto t = c.tx("alice", {Chain::call(kTestModule, number)}, std::move(a));
    t.limits.gas = Gas{gas};
    t.limits.bytes = kMaxTransactionBytes;
    t.valid_until.value += ++tried;
    return t;
  }
  // With a gas price that no minimum hides.
  void cheap_calls() {
    params([](Params& p) { p.min_call_gas = 1; });
  }
  void params(const std::function<void(Params&)>& change) {
    auto record = *c.state.state[params_key()];
    auto p = *codec::decode<Params>(record.data);
    change(p);
    record.data = codec::encode(p);
    c.state.state.insert_or_assign(params_key(), record);
  }
  // An account in which `n` others count, each with its own list of keys.
  void web(int n) {
    Account team = account_of("team");
    team.permissions[1].threshold = 100;
    for (int i = 0; i < n; ++i) {
      const auto name = "member" + std::to_string(i);
      team.permissions[1].accounts.push_back({name, "active", 1});
      c.state.state.insert_or_assign(account_key(name),
                                     store::Record{Version{1}, codec::encode(nobody()), kPermanent, {}, codec::encode(account_of(name))});
    }
    c.state.state.insert_or_assign(account_key("team"),
                                   store::Record{Version{1}, codec::encode(nobody()), kPermanent, {}, codec::encode(team)});
  }
  int tried = 0;
};

TEST_F(NativeGasTest, what_a_transaction_shows_must_be_within_its_gas_before_anything_is_looked_at) {
  std::vector<Access> a;
  for (int i = 0; i < 1000; ++i) a.push_back(access(Absent{numbered(i)}));
  auto t = call(kNothing, a);
  const auto needed = native_gas(c.sign(t));
  EXPECT_EQ(needed, 1000 * (kGasAccess + kGasLookUp + numbered(0).size()) + kGasSignature);
  t.limits.gas = Gas{needed - 1};
  unfit(c.sign(t), Errc::limit);
  t.limits.gas = Gas{needed + 100'000};
  const auto r = c.one(c.sign(t));
  EXPECT_EQ(r.status, TxStatus::ok) << r.detail;
  EXPECT_GE(r.gas.value, needed);
  auto next = c.block;
  ++next.height.value, ++next.time.value;
  t.limits.gas = Gas{needed - 1};
  const auto again = c.sign(t);
  EXPECT_EQ(code_of(Admissions(c.state).check(next, again, ids_of(again), c.window, *c.cache)), Errc::limit);
}

TEST_F(NativeGasTest, every_signature_and_every_hash_of_a_path_has_its_price) {
  SignedTransaction t;
  EXPECT_EQ(native_gas(t), 0u);
  t.witnesses.push_back({SigWitness{}});
  t.witnesses.push_back({ListWitness{"", {}, {0, 8, std::vector<Hash>(3)}, {}}});
  t.witnesses.push_back({StoredWitness{std::vector<StoredSignature>(4)}});
  t.witnesses.push_back({PreimageWitness{}});
  t.tx.stored = StoredClaim{};
  t.tx.stored->blobs.push_back({{}, {0, 4, std::vector<Hash>(2)}});
  EXPECT_EQ(native_gas(t), 6 * kGasSignature + 5 * kGasPathStep + kGasPreimage + kGasClaimedBlob);
}

TEST_F(NativeGasTest, a_stale_digest_pays_for_each_object_that_it_covers) {
  for (int i = 0; i < 1000; ++i) put(numbered(i));
  const auto r = c.one(c.sign(call(kNothing, {access(RangeRead{key("r"), Hash{{1}}})}, 10'000'000)));
  EXPECT_EQ(r.status, TxStatus::stale) << r.detail;
  EXPECT_GE(r.gas.value, 1000 * kGasRangeItem);
  EXPECT_EQ(r.fee.value, r.gas.value + r.bytes);
}

TEST_F(NativeGasTest, a_digest_stops_where_the_gas_ends_and_pays_all_of_it) {
  for (int i = 0; i < 1000; ++i) put(numbered(i));
  const auto r = c.one(c.sign(call(kNothing, {access(RangeRead{key("r"), Hash{{1}}})}, 1'000'000)));
  EXPECT_EQ(r.status, TxStatus::failed);
  EXPECT_EQ(r.code, std::uint16_t(Errc::out_of_gas));
  EXPECT_EQ(r.gas.value, 1'000'000u);
  EXPECT_TRUE(r.detail.ends_with("used up the 1000000 gas of the transaction")) << r.detail;
}

TEST_F(NativeGasTest, a_block_takes_no_more_native_work_than_its_gas) {
  for (int i = 0; i < 1000; ++i) put(numbered(i));
  std::vector<SignedTransaction> txs;
  constexpr std::size_t kFit = 256'000'000 / 6'000'000;
  for (std::size_t i = 0; i < kFit + 1; ++i) txs.push_back(c.sign(call(kNothing, {access(RangeRead{key("r"), Hash{{1}}})}, 6'000'000)));
  const auto misfit = c.apply(txs).misfit;
  ASSERT_TRUE(misfit);
  EXPECT_EQ(misfit->index, kFit);
  EXPECT_EQ(c.chosen(txs).size(), kFit);
  txs.pop_back();
  const auto before = c.balance("alice");
  for (const auto& r : c.run(txs)) EXPECT_EQ(r.status, TxStatus::stale) << r.detail;
  EXPECT_GE(before - c.balance("alice"), kFit * 1000 * kGasRangeItem);
}

TEST_F(NativeGasTest, an_ordinary_stale_transaction_pays_a_part_of_a_call) {
  const auto t = call(kNothing, {access(Exact{key("a"), Version{5}})}, 1'000'000);
  const auto r = c.one(c.sign(t));
  EXPECT_EQ(r.status, TxStatus::stale);
  EXPECT_EQ(r.gas.value, 1'000'000u / kDeclaredShare);
}

TEST_F(NativeGasTest, who_declares_gas_pays_a_share_of_it) {
  for (const auto gas : {1'000'000u, 4'000'000u, 4'000'004u, 64'000'000u}) {
    const auto r = c.one(c.sign(call(kNothing, {}, gas)));
    EXPECT_EQ(r.status, TxStatus::ok) << r.detail;
    EXPECT_EQ(r.gas.value, std::max<std::uint64_t>(1'000'000, gas / kDeclaredShare));
  }
}

TEST_F(NativeGasTest, a_block_cannot_be_filled_for_less_than_a_share_of_its_price) {
  std::vector<SignedTransaction> txs;
  for (int i = 0; i < 4; ++i) txs.push_back(c.sign(call(kNothing, {access(Exact{key("a"), Version{5}})}, 64'000'000)));
  const auto before = c.balance("alice");
  for (const auto& r : c.run(txs)) EXPECT_EQ(r.status, TxStatus::stale);
  EXPECT_GE(before - c.balance("alice"), 256'000'000u / kDeclaredShare);
}

TEST_F(NativeGasTest, accounts_that_a_permission_leads_to_are_paid_for) {
  cheap_calls();
  web(20);
  const auto with = c.one(c.sign(call(kAsk, {}, 400'000)));
  EXPECT_EQ(with.status, TxStatus::ok) << with.detail;
  EXPECT_GE(with.gas.value, kGasSignature + 20 * look_up_gas(account_of("x")));
  const auto r = c.one(c.sign(call(kAsk, {}, 170'000)));
  EXPECT_EQ(r.status, TxStatus::failed);
  EXPECT_EQ(r.code, std::uint16_t(Errc::out_of_gas)) << r.detail;
}

TEST_F(NativeGasTest, a_senders_permission_is_paid_for_before_its_payer_is) {
  cheap_calls();
  web(20);
  auto t = call(kNothing, {}, 100'000);
  t.sender = {AccountSender{"team", "active"}};
  const SignedTransaction s{t, {{c.signature(t, "member0", "member0")}}};
  unfit(s, Errc::out_of_gas);
}

TEST_F(NativeGasTest, an_object_is_paid_for_when_it_is_read_not_when_it_is_copied) {
  cheap_calls();
  put(key("large"), 60'000);
  EXPECT_GE(c.one(c.sign(call(kTooSmall, {access(Read{key("large"), {}})}, 300'000))).gas.value, 60'000u + kGasSignature);
  EXPECT_GE(c.one(c.sign(call(kOverwrite, {access(Latest{key("large")})}, 300'000))).gas.value, 60'000u + kGasSignature);
}

TEST_F(NativeGasTest, removed_keys_that_a_scan_passes_over_are_paid_for) {
  cheap_calls();
  for (int i = 0; i < kRemoved; ++i) put(numbered(i));
  const auto r = c.one(c.sign(call(kRemoveAll, {access(LatestRange{key("r")})}, 600'000)));
  EXPECT_EQ(r.status, TxStatus::ok) << r.detail;
  EXPECT_GE(r.gas.value, kGasSignature + kRemoved * (3000 + abi::kGasPassed));
}

TEST_F(NativeGasTest, a_key_is_under_a_range_however_many_there_are) {
  std::vector<Access> a{access(RangeRead{key("la"), {}}), access(RangeRead{key("l"), {}}), access(RangeRead{key("lb"), {}})};
  for (int i = 0; i < 500; ++i) a.push_back(access(RangeRead{numbered(i), {}}));
  put(key("large"), 10);
  EXPECT_EQ(c.one(c.sign(call(kTooSmall, a))).status, TxStatus::ok);
  a.erase(a.begin(), a.begin() + 2);
  EXPECT_EQ(c.one(c.sign(call(kTooSmall, a))).code, std::uint16_t(Errc::access));
}

TEST_F(NativeGasTest, the_sponsor_pays_what_was_used_and_not_what_a_stranger_declares) {
  Transaction t;
  t.sender = {KeySender{key_of("x").public_key()}};
  t.calls.push_back(Chain::call(kIdModule, 1));
  t.limits.gas = Gas{64'000'000};
  EXPECT_EQ(charged_gas(t, 70'000, 1'000'000).value, 1'000'000u);
  t.payer = "alice";
  EXPECT_EQ(charged_gas(t, 70'000, 1'000'000).value, 16'000'000u);
}

}  // namespace
}  // namespace dos::kernel
