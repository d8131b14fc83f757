#include <gtest/gtest.h>

#include "ledger/account.hpp"
#include "ledger/blob_manifest.hpp"
#include "ledger/genesis.hpp"
#include "ledger/wire.hpp"

namespace dos::ledger {
namespace {

struct Counter final : Entropy {
  std::uint8_t n = 0;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) b = ++n;
  }
};
crypto::SigningKey key_of(std::string_view name) {
  return std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, crypto::plain_hash(as_bytes(name)).view()));
}
crypto::Signature blank() { return {crypto::KeyType::ed25519, Bytes(64)}; }

SignedTransaction good() {
  SignedTransaction s;
  s.tx.sender = {AccountSender{"alice", "active"}};
  s.tx.limits.bytes = kMaxTransactionBytes;
  s.tx.calls.push_back({3, 1, {Literal{{1, 2, 3}}}});
  s.witnesses.push_back({SigWitness{"", Hash{{1}}, blank()}});
  return s;
}
Status shape(const SignedTransaction& s) { return check_shape(s, codec::encode(s).size()); }
Errc code(const Status& s) { return s ? Errc{} : s.error().code; }

TEST(Names, accounts) {
  for (const char* name : {"a", "alice", "a-b.c9", "abcdefghijklmnopqrstuvwxyzabcdef"}) EXPECT_TRUE(valid_account_name(name)) << name;
  for (const char* name : {"", "A", "1a", "-a", "a-", "a.", "home.", "fees..", "a b", "abcdefghijklmnopqrstuvwxyzabcdefg", "\xc3\xa4"})
    EXPECT_FALSE(valid_account_name(name)) << name;
}

TEST(Shape, counts_at_their_edges) {
  EXPECT_TRUE(shape(good()));
  auto s = good();
  s.tx.calls.clear();
  EXPECT_EQ(code(shape(s)), Errc::malformed);
  s = good();
  s.tx.calls.resize(kMaxCalls, s.tx.calls[0]);
  EXPECT_TRUE(shape(s));
  s.tx.calls.push_back(s.tx.calls[0]);
  EXPECT_EQ(code(shape(s)), Errc::limit);
  s = good();
  s.tx.calls[0].args.resize(kMaxCallPieces, Literal{});
  EXPECT_TRUE(shape(s));
  s.tx.calls[0].args.push_back(Literal{});
  EXPECT_EQ(code(shape(s)), Errc::limit);
  s = good();
  s.tx.access.resize(kMaxAccesses, {Read{{0, 3, 1}, {}}});
  EXPECT_TRUE(shape(s));
  s.tx.access.push_back(s.tx.access[0]);
  EXPECT_EQ(code(shape(s)), Errc::limit);
  s = good();
  s.witnesses.resize(kMaxWitnesses, s.witnesses[0]);
  EXPECT_TRUE(shape(s));
  s.witnesses.push_back(s.witnesses[0]);
  EXPECT_EQ(code(shape(s)), Errc::limit);
  EXPECT_EQ(code(check_shape(good(), kMaxTransactionBytes + 1)), Errc::limit);
}

TEST(Shape, so_many_transactions_stand_under_one_list_signature) {
  auto s = good();
  const auto list = [&](std::uint64_t count) {
    s.witnesses[0].is = ListWitness{"", Hash{{1}}, {0, count, {}}, blank()};
    return code(shape(s));
  };
  EXPECT_EQ(list(kMaxListTransactions), Errc{});
  EXPECT_EQ(list(kMaxListTransactions + 1), Errc::limit);
}

TEST(Shape, keys_prefixes_and_results) {
  const auto with = [](auto a) {
    auto s = good();
    s.tx.access = {{a}};
    return code(shape(s));
  };
  Bytes longest(kMaxKeyBytes, 1);
  EXPECT_EQ(with(Absent{longest}), Errc{});
  longest.push_back(1);
  EXPECT_EQ(with(Absent{longest}), Errc::malformed);
  EXPECT_EQ(with(Exact{{0, 3}, {}}), Errc::malformed);
  EXPECT_EQ(with(Append{Bytes(kMaxKeyBytes - 10, 1)}), Errc{});
  EXPECT_EQ(with(Append{Bytes(kMaxKeyBytes - 9, 1)}), Errc::malformed);
  EXPECT_EQ(with(Debit{purse_key("alice"), {}}), Errc{});
  EXPECT_EQ(with(Debit{account_key("alice"), {}}), Errc::malformed);
  EXPECT_EQ(with(Deposit{purse_key("")}), Errc::malformed);
  auto s = good();
  s.tx.calls[0].args = {ResultOf{0}};
  EXPECT_EQ(code(shape(s)), Errc::malformed);
  s = good();
  s.witnesses.push_back({StoredWitness{}});
  EXPECT_EQ(code(shape(s)), Errc::malformed);
  s = good();
  std::get<SigWitness>(s.witnesses[0].is).signature.bytes.pop_back();
  EXPECT_EQ(code(shape(s)), Errc::bad_key);
  s = good();
  s.witnesses.push_back({PreimageWitness{Bytes(257)}});
  EXPECT_EQ(code(shape(s)), Errc::limit);
}

TEST(Locks, depth_members_and_bytes) {
  EXPECT_TRUE(check_lock(nobody()));
  EXPECT_FALSE(check_lock(Lock{ThresholdLock{0, {nobody()}}}));
  EXPECT_FALSE(check_lock(Lock{ThresholdLock{2, {nobody()}}}));
  EXPECT_FALSE(check_lock(Lock{AfterLock{TimeMs{1}, {}}}));
  EXPECT_FALSE(check_lock(Lock{PreimageLock{{}, {nobody(), nobody()}}}));
  EXPECT_FALSE(check_lock(account_lock("Alice")));
  const auto wide = [](std::size_t n) { return Lock{ThresholdLock{1, std::vector<Lock>(n, nobody())}}; };
  const std::size_t head = codec::encode(wide(200)).size() - 200;
  EXPECT_TRUE(check_lock(wide(kMaxLockBytes - head)));
  EXPECT_EQ(code(check_lock(wide(kMaxLockBytes - head + 1))), Errc::limit);
}

TEST(Accounts, permissions_members_and_encryption_keys_at_their_edges) {
  const auto key = [](std::uint32_t n) { return key_of("k" + std::to_string(n)).public_key(); };
  Account a;
  for (const char* name : {"owner", "active"}) a.permissions.push_back({name, 1, {{key(0), 1}}, {}});
  const auto judged = [&] { return code(check_account(a, crypto::Suite::pq)); };
  EXPECT_EQ(judged(), Errc{});
  while (a.permissions.size() < kMaxPermissions)
    a.permissions.push_back({"p" + std::to_string(a.permissions.size()), 1, {{key(0), 1}}, {}});
  EXPECT_EQ(judged(), Errc{});
  a.permissions.push_back({"more", 1, {{key(0), 1}}, {}});
  EXPECT_EQ(judged(), Errc::limit);
  a.permissions.pop_back();

  auto& p = a.permissions[1];
  for (std::uint32_t n = 1; p.keys.size() + p.accounts.size() < kMaxPermissionMembers; ++n) {
    if (n % 2 == 0) p.keys.push_back({key(n), 1});
    else p.accounts.push_back({"a" + std::to_string(n), "active", 1});
  }
  EXPECT_EQ(judged(), Errc{});
  p.keys.push_back({key(99), 1});
  EXPECT_EQ(judged(), Errc::limit);
  p.keys.pop_back();

  while (a.encryption.size() < kMaxEncryptionKeys)
    a.encryption.push_back(
        {std::uint32_t(a.encryption.size() + 1), {crypto::BoxType::x_wing, Bytes(crypto::box_key_bytes(crypto::BoxType::x_wing))}});
  EXPECT_EQ(judged(), Errc{});
  a.encryption.push_back(a.encryption.back());
  ++a.encryption.back().epoch;
  EXPECT_EQ(judged(), Errc::limit);
}

TEST(Names, accounts_have_at_most_so_many_letters) {
  EXPECT_TRUE(valid_account_name(std::string(kMaxAccountName, 'a')));
  EXPECT_FALSE(valid_account_name(std::string(kMaxAccountName + 1, 'a')));
}

TEST(Accounts, a_classical_key_never_suffices_in_suite_pq) {
  const auto pq = key_of("a").public_key();
  const crypto::PublicKey classical{crypto::KeyType::ed25519, Bytes(32)};
  const auto account = [&](std::uint32_t threshold, std::uint16_t classical_weight) {
    Account a;
    a.permissions.push_back({"owner", 1, {{pq, 1}}, {}});
    a.permissions.push_back({"active", threshold, {{pq, 1}, {classical, classical_weight}}, {}});
    return a;
  };
  EXPECT_TRUE(check_account(account(2, 1), crypto::Suite::pq));
  EXPECT_EQ(code(check_account(account(1, 1), crypto::Suite::pq)), Errc::bad_key);
  EXPECT_EQ(code(check_account(account(2, 2), crypto::Suite::pq)), Errc::bad_key);
  EXPECT_TRUE(check_account(account(1, 1), crypto::Suite::classic));
  EXPECT_EQ(code(check_account(account(4, 2), crypto::Suite::classic)), Errc::malformed);
  Account no_active;
  no_active.permissions.push_back({"owner", 1, {{pq, 1}}, {}});
  EXPECT_FALSE(check_account(no_active, crypto::Suite::pq));
}

struct CertificateTest : ::testing::Test {
  Counter entropy;
  Hash chain{{3}};
  ValidatorSet set;
  Certificate c;
  CertificateTest() {
    for (const char* name : {"v1", "v2", "v3", "v4"})
      set.members.push_back({name, 1, key_of(name).public_key(), key_of(name).public_key()});
    c.epoch = Epoch{2};
    c.item = {VoteKind::final, View{9}, Hash{{1}}, Hash{{2}}};
  }
  void vote(std::uint16_t voter, std::vector<VoteItem> others = {}) {
    Ballot b{c.epoch, voter, others};
    b.items.push_back(c.item);
    std::sort(b.items.begin(), b.items.end());
    c.entries.push_back({voter, others, *crypto::sign(key_of("v" + std::to_string(voter + 1)), crypto::domain::kVote, chain, b, entropy)});
  }
};

TEST_F(CertificateTest, three_of_four_are_strong_and_two_are_not) {
  vote(0), vote(2);
  EXPECT_EQ(verify_certificate(chain, set, c).error().code, Errc::proof_invalid);
  vote(3, {{VoteKind::notar, View{10}, Hash{{5}}, {}}});
  const auto ok = verify_certificate(chain, set, c);
  ASSERT_TRUE(ok) << ok.error().detail;
  EXPECT_EQ(ok->have, 3u);
  EXPECT_EQ(ok->of, 4u);
}

TEST_F(CertificateTest, every_change_is_refused) {
  vote(0), vote(1), vote(2);
  ASSERT_TRUE(verify_certificate(chain, set, c));
  EXPECT_FALSE(verify_certificate(Hash{{4}}, set, c));
  auto bytes = codec::encode(c);
  for (std::size_t i = 0; i < bytes.size(); i += 37) {
    bytes[i] ^= 1;
    if (const auto forged = codec::decode<Certificate>(bytes)) { EXPECT_FALSE(verify_certificate(chain, set, *forged)) << i; }
    bytes[i] ^= 1;
  }
  auto twice = c;
  twice.entries[2] = twice.entries[1];
  EXPECT_EQ(verify_certificate(chain, set, twice).error().code, Errc::proof_invalid);
  auto unknown = c;
  unknown.entries[2].voter = 9;
  EXPECT_EQ(verify_certificate(chain, set, unknown).error().code, Errc::proof_invalid);
}

// A block that became final through others above it is shown with their headers.
TEST_F(CertificateTest, so_many_headers_may_lie_between_a_block_and_its_certificate) {
  const auto shown = [&](std::size_t headers) {
    Anchor a;
    a.header.chain = chain;
    a.header.epoch = c.epoch;
    a.header.height = a.parts.height = Height{7};
    auto last = a.header;
    for (std::size_t i = 0; i < headers; ++i) {
      auto next = last;
      next.parent = block_id(last);
      next.height = Height{last.height.value + 1};
      next.view = View{last.view.value + 1};
      next.parent_result = i == 0 ? result_of(a.parts) : Hash{};
      a.path.push_back(next);
      last = next;
    }
    c.entries.clear();
    c.item = {VoteKind::final, last.view, block_id(last), Hash{{2}}};
    vote(0), vote(1), vote(2);
    a.certificate = c;
    return verify_anchor(chain, set, a);
  };
  const auto most = shown(kMaxFinalPath);
  EXPECT_TRUE(most) << most.error().detail;
  EXPECT_EQ(shown(kMaxFinalPath + 1).error().code, Errc::proof_invalid);
}

TEST_F(CertificateTest, one_validator_is_a_quorum_of_one) {
  set.members.resize(1);
  EXPECT_FALSE(verify_certificate(chain, set, c));
  vote(0);
  EXPECT_TRUE(verify_certificate(chain, set, c));
}

TEST(Payloads, list_signatures_stand_once_and_there_is_one_encoding) {
  std::vector<SignedTransaction> txs;
  for (std::uint8_t i = 0; i < 4; ++i) {
    auto s = good();
    s.tx.valid_until = TimeMs{i};
    auto signature = blank();
    signature.bytes[0] = i / 2;
    if (i != 3) s.witnesses = {{ListWitness{"", Hash{{1}}, {0, 1, {}}, signature}}};
    txs.push_back(s);
  }
  const auto p = pack(txs);
  EXPECT_EQ(p.lists.size(), 2u);
  EXPECT_EQ(p.list_of, (std::vector<std::uint16_t>{0, 0, 1}));
  EXPECT_EQ(codec::encode(*unpack(p)), codec::encode(txs));
  auto bad = p;
  bad.list_of = {1, 1, 0};
  EXPECT_FALSE(unpack(bad));
  bad = p;
  bad.list_of.push_back(0);
  EXPECT_FALSE(unpack(bad));
  bad = p;
  bad.lists.push_back({crypto::KeyType::ed25519, Bytes(64, 9)});
  EXPECT_FALSE(unpack(bad));
  bad = p;
  bad.lists[1] = bad.lists[0];
  EXPECT_FALSE(unpack(bad));
  bad = p;
  bad.transactions[0] = codec::encode(txs[0]);  // the signature inside as well
  EXPECT_FALSE(unpack(bad));
}

TEST(Blobs, counts_fit_and_the_root_commits_to_the_length) {
  EXPECT_TRUE(blob_root({0, {}}));
  EXPECT_TRUE(blob_root({kChunkBytes, {Hash{{1}}}}));
  EXPECT_EQ(blob_root({kChunkBytes + 1, {Hash{{1}}}}).error().code, Errc::malformed);
  EXPECT_EQ(blob_root({kMaxBlobBytes + 1, {}}).error().code, Errc::limit);
  EXPECT_NE(*blob_root({1, {Hash{{1}}}}), *blob_root({2, {Hash{{1}}}}));
  const Bytes content(kChunkBytes + 5, 7);
  const BlobManifest whole{
      content.size(),
      {crypto::plain_hash(BytesView(content).first(kChunkBytes)), crypto::plain_hash(BytesView(content).subspan(kChunkBytes))}};
  EXPECT_EQ(codec::encode(manifest_of(content)), codec::encode(whole));
  EXPECT_EQ(blob_root_of(content), *blob_root(whole));
  EXPECT_EQ(manifest_of({}).chunks.size(), 0u);
}

TEST(GenesisFiles, round_trip_order_and_format) {
  Genesis g;
  g.name = "dos-local";
  g.validators.members.push_back({"v1", 1, key_of("v1").public_key(), key_of("n1").public_key()});
  g.modules.push_back({1, {"id", Hash{{1}}, 5, 1, {0}}});
  Account a;
  for (const char* p : {"owner", "active"}) a.permissions.push_back({p, 1, {{key_of("a").public_key(), 1}}, {}});
  g.accounts = {{"alice", a, Credits{5}}, {"bob", a, Credits{5}}};
  const auto back = decode_genesis(codec::encode(g));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(genesis_hash(*back), genesis_hash(g));
  auto bad = g;
  bad.format = "dos-1";
  EXPECT_EQ(decode_genesis(codec::encode(bad)).error().code, Errc::other_format);
  bad = g;
  std::swap(bad.accounts[0], bad.accounts[1]);
  EXPECT_EQ(decode_genesis(codec::encode(bad)).error().code, Errc::malformed);
  bad = g;
  bad.faucet = Credits{UINT64_MAX - 9};
  EXPECT_EQ(decode_genesis(codec::encode(bad)).error().code, Errc::limit);
  bad = g;
  bad.kind = NetworkKind::institutional;
  bad.accounts[0].account.development = true;
  EXPECT_EQ(decode_genesis(codec::encode(bad)).error().code, Errc::dev_identity);
  bad = g;
  bad.params.block_bytes = kMaxPayloadBytes - kMaxTransactionBytes;  // a block may be over by its last transaction
  EXPECT_TRUE(decode_genesis(codec::encode(bad)));
  ++bad.params.block_bytes;
  EXPECT_EQ(decode_genesis(codec::encode(bad)).error().code, Errc::limit);
  auto bytes = codec::encode(g);
  bytes.push_back(0);
  EXPECT_EQ(decode_genesis(bytes).error().code, Errc::malformed);
}

TEST(Receipts, the_root_commits_to_receipts_and_recorded_ids) {
  std::vector<Receipt> receipts(3);
  for (std::uint8_t i = 0; i < 3; ++i) receipts[i].txid = receipts[i].wtxid = Hash{{std::uint8_t(9 - i)}};
  const auto root = receipts_root(receipts);
  receipts[1].status = TxStatus::skipped;
  EXPECT_NE(receipts_root(receipts), root);
  EXPECT_EQ(recorded_txids(receipts), (std::vector<Hash>{Hash{{7}}, Hash{{9}}}));
  EXPECT_NE(receipts_root({}), Hash{});
}

}  // namespace
}  // namespace dos::ledger
