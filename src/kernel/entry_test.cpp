// What is judged of a whole block before anything of it runs: window, seen, witnesses, permissions, limits, fees.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "kernel/accounts.hpp"
#include "kernel/test_entry.hpp"
#include "ledger/native_gas.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;

TEST(ReplayWindow, of_an_unfinal_block_stands_on_its_parents_and_joins_the_final_one) {
  const Hash a = crypto::plain_hash(as_bytes("a")), b = crypto::plain_hash(as_bytes("b")), c = crypto::plain_hash(as_bytes("c"));
  ReplayWindow final;
  final.record(a, TimeMs{10});
  ReplayWindow left(&final), right(&final), on_left(&left);
  left.record(b, TimeMs{20});
  on_left.record(c, TimeMs{30});
  EXPECT_TRUE(on_left.seen(a) && on_left.seen(b) && on_left.seen(c));
  EXPECT_TRUE(right.seen(a));
  EXPECT_FALSE(right.seen(b) || left.seen(c) || final.seen(b));
  final.absorb(std::move(left));
  on_left.stand_on(&final);
  EXPECT_TRUE(on_left.seen(b));
  EXPECT_EQ(final.size(), 2u);
  final.forget_before(TimeMs{15});
  EXPECT_FALSE(on_left.seen(a));
}

TEST_F(EntryTest, valid_until_from_block_time_to_the_window) {
  for (const auto& [ahead, ok] : {std::pair(0u, true), {119'999u, true}, {120'000u, true}, {120'001u, false}}) {
    auto t = pay("alice");
    t.valid_until.value = c.block.time.value + 1 + ahead;  // the next block's time is one later
    if (ok) expect_ok(c.one(c.sign(t)));
    else unfit(c.sign(t), Errc::expired);
  }
  auto late = pay("alice");
  late.valid_until.value = c.block.time.value;
  unfit(c.sign(late), Errc::expired);
}

TEST_F(EntryTest, a_recorded_id_is_refused_until_its_time_has_passed) {
  auto t = c.sign(pay("alice"));
  expect_ok(c.one(t));
  unfit(t, Errc::duplicate);
  c.block.time.value = t.tx.valid_until.value - 1;
  unfit(t, Errc::duplicate);
  EXPECT_EQ(c.window.size(), 1u);
  unfit(t, Errc::expired);
  c.run({});
  EXPECT_EQ(c.window.size(), 0u);
}

TEST_F(EntryTest, a_bad_copy_does_not_block_the_good_one) {
  const auto good = c.sign(pay("alice"));
  auto bad = good;
  std::get<SigWitness>(bad.witnesses[0].is).signature.bytes[7] ^= 1;
  EXPECT_EQ(txid(bad.tx), txid(good.tx));
  EXPECT_NE(wtxid(txid(bad.tx), bad.witnesses), wtxid(txid(good.tx), good.witnesses));
  misfit({bad, good}, 0, Errc::bad_witness);
  misfit({good, good}, 1, Errc::duplicate);
  const auto taken = c.chosen({bad, good, good});
  ASSERT_EQ(taken.size(), 1u);
  const auto receipt = c.run(taken).front();
  expect_ok(receipt);
  EXPECT_EQ(receipt.wtxid, wtxid(receipt.txid, good.witnesses));
  EXPECT_EQ(receipt.bytes, codec::encode(good).size());
}

TEST_F(EntryTest, other_chains_and_other_keys_are_refused) {
  auto t = pay("alice");
  t.chain = Hash{{1}};
  unfit(c.sign(t), Errc::wrong_chain);
  unfit(c.sign(pay("alice"), "bob"), Errc::bad_witness);     // alice has no such key
  unfit({pay("alice"), {}}, Errc::bad_witness);
  auto extra = c.sign(pay("alice"));                            // an unused, failing signature spoils the whole
  extra.witnesses.push_back({c.signature(extra.tx, "mallory", "bob")});
  unfit(extra, Errc::bad_witness);
  unfit(c.sign(pay("nobody")), Errc::bad_witness);
}

TEST_F(EntryTest, limits_at_their_edges) {
  auto t = pay("alice");
  t.limits.gas = Gas{999'999};
  unfit(c.sign(t), Errc::limit);
  t.limits.gas = Gas{64'000'001};
  unfit(c.sign(t), Errc::limit);
  t.limits.gas = Gas{1'000'000};
  const auto bytes = std::uint32_t(codec::encode(c.sign(t)).size());
  t.limits.bytes = bytes - 1;
  unfit(c.sign(t), Errc::limit);
  t.limits.bytes = bytes;
  expect_ok(c.one(c.sign(t)));
}

TEST_F(EntryTest, the_fee_is_reserved_and_a_short_one_stands_in_no_block) {
  auto t = pay("alice");
  t.limits = {Gas{1'000'000}, 10'000, Credits{10'000'000'000 - 1'000'000 - 10'000}};
  t.access = {};
  expect(c.one(c.sign(t)), TxStatus::failed, Errc::access);  // exactly all she has
  t.valid_until.value += 1;
  unfit(c.sign(t), Errc::funds);
}

TEST_F(EntryTest, a_short_debit_fails_and_pays_for_its_checks) {
  const auto r = c.one(c.sign(pay("alice", 10'000'000'000)));
  expect(r, TxStatus::failed, Errc::funds);
  EXPECT_EQ(r.gas.value, 2'000'000u / kDeclaredShare);
  EXPECT_EQ(r.fee.value, r.gas.value + r.bytes);
}

TEST_F(EntryTest, list_signatures_are_checked_once) {
  std::vector<Transaction> txs;
  std::vector<Hash> leaves;
  for (int i = 0; i < 3; ++i) {
    txs.push_back(pay("alice"));
    txs.back().valid_until.value += i;
    leaves.push_back(list_leaf(txid(txs.back())));
  }
  const auto key = key_of("alice");
  const ListToSign list{3, crypto::merkle_root(crypto::kListTree, leaves)};
  const auto signature = *crypto::sign(key, crypto::domain::kSignList, c.block.chain, list, c.entropy);
  std::vector<SignedTransaction> all;
  for (std::size_t i = 0; i < 3; ++i)
    all.push_back(
        {txs[i], {{ListWitness{"", crypto::key_id(key.public_key()), crypto::merkle_path(crypto::kListTree, leaves, i), signature}}}});
  for (const auto& r : c.run(all)) expect_ok(r);
  const auto packed = pack(all);
  EXPECT_EQ(packed.lists.size(), 1u);
  const auto unpacked = *unpack(packed);
  EXPECT_EQ(codec::encode(unpacked), codec::encode(all));
  auto moved = all[1];
  std::get<ListWitness>(moved.witnesses[0].is).path.index = 0;
  moved.tx.valid_until.value += 10;
  unfit(moved, Errc::bad_witness);
}

TEST_F(EntryTest, storage_receipts_need_a_strong_set_for_each_blob) {
  const BlobRef blob{Hash{{9}}, 5000};
  const std::vector<Hash> leaves{stored_leaf(blob)};
  StoredClaim claim{crypto::merkle_root(crypto::kStoredTree, leaves),
                    5000,
                    TimeMs{c.block.time.value + 1000},
                    c.block.epoch,
                    {{blob, crypto::merkle_path(crypto::kStoredTree, leaves, 0)}}};
  const auto with = [&](const StoredClaim& stored, const char* signer) {
    auto t = pay("alice");
    t.stored = stored;
    auto s = c.sign(t);
    const StoredPromise promise{stored.epoch, stored.list_root, stored.bytes, stored.until};
    StoredWitness w;
    if (signer) w.signatures.push_back({0, *crypto::sign(key_of(signer), crypto::domain::kStored, c.block.chain, promise, c.entropy)});
    s.witnesses.push_back({w});
    return s;
  };
  expect_ok(c.one(with(claim, "v1")));
  unfit(with(claim, nullptr), Errc::not_stored);
  unfit(with(claim, "n1"), Errc::bad_witness);
  auto other = claim;
  other.blobs[0].blob.bytes = 5001;
  unfit(with(other, "v1"), Errc::not_stored);
  other = claim;
  other.epoch = Epoch{7};
  unfit(with(other, "v1"), Errc::not_stored);
  c.block.time.value += 1000;
  unfit(with(claim, "v1"), Errc::not_stored);
  auto bare = pay("alice");
  bare.stored = claim;
  unfit(c.sign(bare), Errc::malformed);
}

TEST_F(EntryTest, thresholds_and_nested_accounts) {
  Account team;
  team.permissions.push_back({"owner", 1, {{key_of("root").public_key(), 1}}, {}});
  team.permissions.push_back({"active", 3, {{key_of("x").public_key(), 1}}, {{"alice", "active", 1}, {"bob", "active", 1}}});
  c.state.state.insert_or_assign(account_key("team"),
                                 store::Record{Version{1}, codec::encode(nobody()), kPermanent, {}, codec::encode(team)});
  c.state.state.insert_or_assign(purse_key("team"), **c.state.get(purse_key("alice")));
  auto t = pay("team");
  SignedTransaction s{t, {{c.signature(t, "x")}, {c.signature(t, "alice", "alice")}}};
  unfit(s, Errc::bad_witness);
  s.witnesses.push_back({c.signature(t, "bob", "bob")});
  expect_ok(c.one(s));
  t.valid_until.value += 1;
  expect_ok(c.one(c.sign(t, "root")));  // owner satisfies every permission
}

TEST_F(EntryTest, another_payer_must_agree) {
  auto t = pay("alice");
  t.payer = "carol";
  unfit(c.sign(t), Errc::bad_witness);
  auto s = c.sign(t);
  s.witnesses.push_back({c.signature(t, "carol", "carol")});
  const auto r = c.one(s);
  expect_ok(r);
  EXPECT_EQ(c.balance("carol"), 10'000'000'000u - r.fee.value);
  EXPECT_EQ(c.balance("alice"), 10'000'000'000u - 1);
}

TEST_F(EntryTest, locks) {
  Proven p;
  p.time = TimeMs{100};
  p.keys.emplace_back("", crypto::key_id(key_of("alice").public_key()));
  p.preimages.push_back(crypto::plain_hash(as_bytes("secret")));
  p.module = 3;
  Accounts accounts(c.state);
  const auto ok = [&](const Lock& l) {
    vm::GasMeter gas{1'000'000};
    return *satisfied(l, c.state, accounts, p, gas);
  };
  EXPECT_TRUE(ok(account_lock("alice")));
  EXPECT_TRUE(ok(account_lock("alice", "owner")));
  EXPECT_FALSE(ok(account_lock("bob")));
  EXPECT_FALSE(ok(nobody()));
  EXPECT_TRUE(ok(Lock{Anyone{}}));
  EXPECT_TRUE(ok(Lock{KeyLock{key_of("alice").public_key()}}));
  EXPECT_TRUE(ok(program_lock(3)));
  EXPECT_FALSE(ok(program_lock(4)));
  EXPECT_TRUE(ok(Lock{AfterLock{TimeMs{100}, {Lock{Anyone{}}}}}));
  EXPECT_FALSE(ok(Lock{AfterLock{TimeMs{101}, {Lock{Anyone{}}}}}));
  EXPECT_TRUE(ok(Lock{PreimageLock{crypto::plain_hash(as_bytes("secret")), {account_lock("alice")}}}));
  EXPECT_FALSE(ok(Lock{PreimageLock{crypto::plain_hash(as_bytes("other")), {account_lock("alice")}}}));
  EXPECT_TRUE(ok(Lock{ThresholdLock{2, {account_lock("bob"), account_lock("alice"), Lock{Anyone{}}}}}));
  EXPECT_FALSE(ok(Lock{ThresholdLock{3, {account_lock("bob"), account_lock("alice"), Lock{Anyone{}}}}}));
  Lock deep = Lock{Anyone{}};
  for (std::uint32_t i = 1; i < kMaxLockDepth; ++i) deep = Lock{ThresholdLock{1, {deep}}};
  EXPECT_TRUE(ok(deep));
  EXPECT_FALSE(ok(Lock{ThresholdLock{1, {deep}}}));
}

TEST_F(EntryTest, admission_and_dry_runs_agree_with_execution) {
  const auto t = c.sign(pay("alice"));
  auto next = c.block;
  ++next.height.value, ++next.time.value;
  EXPECT_TRUE(Admissions(c.state).check(next, t, ids_of(t), c.window, *c.cache));
  const auto dry = c.kernel.dry_run(c.state, next, {t.tx, {}});
  ASSERT_TRUE(dry) << dry.error().detail;
  auto r = c.one(t);
  EXPECT_EQ(dry->receipt.status, r.status);
  EXPECT_EQ(codec::encode(dry->receipt.writes), codec::encode(r.writes));
  EXPECT_EQ(code_of(Admissions(c.state).check(next, t, ids_of(t), c.window, *c.cache)), Errc::duplicate);
  auto poor = pay("alice");
  poor.limits.rent = Credits{1ull << 62};
  const auto short_of = c.sign(poor);
  EXPECT_EQ(code_of(Admissions(c.state).check(next, short_of, ids_of(short_of), c.window, *c.cache)), Errc::funds);
  const auto said = c.kernel.dry_run(c.state, next, short_of);
  ASSERT_TRUE(said) << said.error().detail;
  expect(said->receipt, TxStatus::skipped, Errc::funds);
}

TEST_F(EntryTest, a_node_without_a_modules_code_is_not_ready) {
  Kernel bare(*c.runtimes);
  EXPECT_EQ(code_of(bare.apply(c.state, c.block, {}, c.window, *c.cache)), Errc::not_ready);
  auto record = c.genesis.modules[0].record;
  auto wasm = read_module("id");
  wasm.back() ^= 1;
  EXPECT_EQ(code_of(bare.load(1, record, wasm)), Errc::content_mismatch);
  wasm.back() ^= 1;
  record.table.push_back(0);
  EXPECT_EQ(code_of(bare.load(1, record, wasm)), Errc::content_mismatch);
  EXPECT_TRUE(bare.load(1, c.genesis.modules[0].record, wasm));
}

TEST_F(EntryTest, development_identities_sign_on_local_networks_only) {
  c.genesis.accounts[0].account.development = true;
  c.reset();
  expect_ok(c.one(c.sign(pay("alice"))));
  c.block.network = NetworkKind::institutional;
  unfit(c.sign(pay("alice", 2)), Errc::bad_witness);
}

TEST(SignatureCacheTest, it_is_bounded_and_keeps_the_youngest) {
  auto cache = make_signature_cache(8);
  for (std::uint8_t i = 0; i < 100; ++i) cache->add(Hash{{i}});
  EXPECT_TRUE(cache->known(Hash{{99}}));
  EXPECT_FALSE(cache->known(Hash{{1}}));
  EXPECT_FALSE(cache->known(Hash{{200}}));
}

TEST(SignatureCacheTest, the_id_of_a_key_is_that_of_the_key_however_many_were_asked_for) {
  auto cache = make_signature_cache(8);
  const auto key = key_of("alice").public_key();
  EXPECT_EQ(cache->key_id(key), crypto::key_id(key));
  for (std::uint32_t i = 0; i < 5000; ++i) {
    auto other = key;
    std::memcpy(other.bytes.data(), &i, sizeof i);
    EXPECT_EQ(cache->key_id(other), crypto::key_id(other));
  }
  EXPECT_EQ(cache->key_id(key), crypto::key_id(key));
  auto typed = key;
  typed.type = crypto::KeyType::ml_dsa_65;
  EXPECT_EQ(cache->key_id(typed), crypto::key_id(typed));
}

}  // namespace
}  // namespace dos::kernel
