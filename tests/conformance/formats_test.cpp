// The formats that must not change by accident: one value of each, encoded and hashed, pinned in formats.txt. A difference
// is a changed format; `./dev bless` (DOS_BLESS=1) writes the file anew, and CHANGES.md says why.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "ledger/blob.hpp"
#include "ledger/wire.hpp"
#include "modules/fs/formats.hpp"
#include "modules/msg/calls.hpp"

namespace dos {
namespace {

Hash hash_named(std::string_view name) { return crypto::plain_hash(as_bytes(name)); }

crypto::PublicKey key(crypto::KeyType type, std::uint8_t fill) { return {type, Bytes(crypto::public_key_bytes(type), fill)}; }
crypto::Signature signature(crypto::KeyType type, std::uint8_t fill) { return {type, Bytes(crypto::signature_bytes(type), fill)}; }

ledger::Transaction transaction() {
  ledger::Transaction tx;
  tx.chain = hash_named("chain");
  tx.sender.is = ledger::AccountSender{"alice", "active"};
  tx.valid_until = TimeMs{1'700'000'060'000};
  tx.limits = {Gas{2'000'000}, 9000, Credits{5}};
  tx.access = {{ledger::Exact{Bytes{0, 3, 'e', 1}, Version{Height{7}, 2}}},
               {ledger::Latest{Bytes{0, 3, 'k', 1}}},
               {ledger::LatestRange{Bytes{0, 3, 'k'}}},
               {ledger::Read{Bytes{0, 1, 'a'}, Version{}}},
               {ledger::RangeRead{Bytes{0, 3, 'e'}, hash_named("digest")}},
               {ledger::Append{Bytes{0, 4, 'm'}}},
               {ledger::Absent{Bytes{0, 3, 'i', 9}}},
               {ledger::Debit{ledger::purse_key("alice"), Credits{3}}},
               {ledger::Deposit{ledger::purse_key("bob")}}};
  tx.calls = {{3, 0x39, {ledger::Literal{Bytes{1, 2, 3}}}}, {3, 0x3C, {ledger::Literal{Bytes{4}}, ledger::ResultOf{0}}}};
  const ledger::BlobRef blob{hash_named("blob"), 300'000};
  tx.stored = ledger::StoredClaim{hash_named("list"), 300'000, TimeMs{1'700'000'900'000}, Epoch{0}, {{blob, {0, 1, {}}}}};
  return tx;
}

ledger::Receipt receipt() {
  ledger::Receipt r;
  r.wtxid = hash_named("wtxid");
  r.txid = hash_named("txid");
  r.status = ledger::TxStatus::failed;
  r.code = 400;
  r.failed_call = 1;
  r.gas = Gas{2'000'000};
  r.bytes = 4000;
  r.fee = Credits{2'004'000};
  r.writes = {{Bytes{0, 3, 'e', 1}, Version{Height{8}, 0}, hash_named("data")}};
  r.returns = {Bytes{1, 2}};
  r.detail = "bob may not delete plan.txt";
  return r;
}

ledger::Header header() {
  ledger::Header h;
  h.chain = hash_named("chain");
  h.height = Height{12};
  h.parent = hash_named("parent");
  h.time = TimeMs{1'700'000'000'000};
  h.payload = {1234, hash_named("payload"), Hash{}};
  h.tx_root = hash_named("tx root");
  h.parent_result = hash_named("parent result");
  h.valset = h.next_valset = hash_named("valset");
  h.params = hash_named("params");
  h.view = View{12};
  h.parent_view = View{11};
  return h;
}

proof::Leaf leaf() {
  proof::Leaf l;
  l.key = Bytes{0, 3, 'e', 1};
  l.next_key = Bytes{0, 3, 'e', 2};
  l.version = Version{Height{8}, 3};
  l.at = Height{9};
  l.lock = codec::encode(ledger::account_lock("alice"));
  l.paid_until = TimeMs{1'800'000'000'000};
  l.meta = Bytes{1, 2, 3};
  l.data = proof::data_hash(as_bytes("data"));
  return l;
}

ledger::Genesis genesis() {
  ledger::Genesis g;
  g.name = "dos-local-7f3a";
  g.time = TimeMs{1'700'000'000'000};
  g.salt = hash_named("salt");
  g.validators.members = {{"v1", 1, key(crypto::KeyType::ml_dsa_44, 1), key(crypto::KeyType::ml_dsa_65, 2)}};
  return g;
}

std::map<std::string, std::string> values() {
  std::map<std::string, std::string> out;
  const auto put = [&](const std::string& name, BytesView bytes) {
    out[name] = hex(crypto::plain_hash(bytes).view()) + " " + std::to_string(bytes.size());
  };
  const auto put_hash = [&](const std::string& name, const Hash& h) { out[name] = hex(h.view()); };
  const auto tx = transaction();
  put("transaction", codec::encode(tx));
  put_hash("txid", ledger::txid(tx));
  const std::vector<ledger::Witness> witnesses = {
      {ledger::SigWitness{"", hash_named("key"), signature(crypto::KeyType::ml_dsa_44, 3)}},
      {ledger::ListWitness{"bob", hash_named("key"), {1, 3, {hash_named("a"), hash_named("b")}}, signature(crypto::KeyType::ed25519, 4)}},
      {ledger::StoredWitness{{{0, signature(crypto::KeyType::ml_dsa_44, 5)}}}}};
  put("witnesses", codec::encode(witnesses));
  put_hash("wtxid", ledger::wtxid(ledger::txid(tx), witnesses));
  put("payload", codec::encode(ledger::pack({{tx, witnesses}, {tx, witnesses}})));
  const auto r = receipt();
  put("receipt", codec::encode(r));
  put_hash("receipts root", ledger::receipts_root(std::vector{r, r}));
  put("header", codec::encode(header()));
  put_hash("block id", ledger::block_id(header()));
  put_hash("result", ledger::result_of({Height{12}, hash_named("state"), hash_named("receipts")}));
  ledger::Certificate certificate{Epoch{0},
                                  {ledger::VoteKind::final, View{12}, hash_named("id"), hash_named("result")},
                                  {{0, {}, signature(crypto::KeyType::ml_dsa_44, 6)}}};
  put("certificate", codec::encode(certificate));
  put("vote, signed bytes",
      crypto::signed_bytes(crypto::domain::kVote, hash_named("chain"), ledger::Ballot{Epoch{0}, 0, {certificate.item}}));
  put("genesis", codec::encode(genesis()));
  put_hash("genesis hash", ledger::genesis_hash(genesis()));
  put("leaf", codec::encode(leaf()));
  put_hash("leaf hash", proof::leaf_hash(leaf()));
  put_hash("ends root", proof::ends_root(std::vector{Position{3}, Position{8}, Position{2050}}));
  put_hash("state root", proof::state_root({5000, hash_named("mmr"), hash_named("bits"), 0}));
  put_hash("blob root", *ledger::blob_root({600'000, {hash_named("1"), hash_named("2"), hash_named("3")}}));
  put_hash("blob root, empty", *ledger::blob_root({0, {}}));
  fs::EntryMeta entry;
  entry.owner = "alice";
  entry.grants = {{"bob", fs::kRead}};
  put("fs entry meta", codec::encode(entry));
  put("fs content", codec::encode(fs::Content{}));
  put("msg meta", codec::encode(msg::MessageMeta{"alice", {}, TimeMs{5}, 1, 256}));
  for (const auto& t : {crypto::kTxTree, crypto::kListTree, crypto::kReceiptTree, crypto::kTxidTree, crypto::kEndsTree, crypto::kStoredTree,
                        crypto::kNonceTree}) {
    std::vector<Hash> leaves;
    for (int i = 0; i < 5; ++i) leaves.push_back(crypto::merkle_leaf(t, Bytes{std::uint8_t(i)}));
    put_hash(std::string("tree of five, ") + t.root.text, crypto::merkle_root(t, leaves));
  }
  return out;
}

TEST(Formats, are_those_that_are_pinned) {
  const std::string path = std::string(DOS_SOURCE_DIR) + "/tests/conformance/formats.txt";
  const auto now = values();
  if (std::getenv("DOS_BLESS") != nullptr) {
    std::ofstream out(path);
    for (const auto& [name, value] : now) out << name << ": " << value << "\n";
  }
  std::map<std::string, std::string> pinned;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto at = line.rfind(": ");
    ASSERT_NE(at, std::string::npos) << line;
    pinned[line.substr(0, at)] = line.substr(at + 2);
  }
  EXPECT_EQ(pinned.size(), now.size());
  for (const auto& [name, value] : now)
    EXPECT_EQ(pinned[name], value) << name << " has changed; if on purpose: ./dev bless, and CHANGES.md";
}

}  // namespace
}  // namespace dos
