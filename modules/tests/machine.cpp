#include "modules/tests/machine.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/check.hpp"
#include "ledger/blob.hpp"
#include "ledger/puzzle.hpp"
#include "syscalls/rules.hpp"
#include "syscalls/syscalls.hpp"

namespace dos::modules {

Result<std::optional<store::Record>> MapView::get(BytesView key) const {
  const auto it = live_.find(key);
  if (it == live_.end()) return std::nullopt;
  return std::optional(it->second);
}
Result<std::optional<Version>> MapView::version(BytesView key) const {
  const auto it = live_.find(key);
  if (it == live_.end()) return std::nullopt;
  return std::optional(it->second.version);
}
Result<std::optional<Bytes>> MapView::next(BytesView prefix, BytesView after) const {
  const auto it = compare(after, prefix) < 0 ? live_.lower_bound(prefix) : live_.upper_bound(after);
  if (it == live_.end() || !starts_with(it->first, prefix)) return std::nullopt;
  return std::optional(it->first);
}
void MapView::apply(const store::Delta& delta) {
  for (const auto& [key, record] : delta) {
    if (record) live_.insert_or_assign(key, *record);
    else DOS_CHECK(live_.erase(key) == 1);
  }
}

Bytes wasm_of(const std::string& name) {
  std::ifstream in(std::string(DOS_TEST_MODULES) + "/" + name + ".wasm", std::ios::binary);
  DOS_CHECK(in.good());
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

namespace {

// Compiled once for all tests: calls share nothing else.
struct Shared {
  std::unique_ptr<vm::Runtimes> runtimes;
  std::unique_ptr<kernel::Kernel> kernel;
  std::vector<ledger::GenesisModule> modules;
  ledger::SystemRules rules = syscalls::system_rules();
  Shared() {
    auto made = vm::Runtimes::make(nullptr);
    DOS_CHECK(made.has_value());
    runtimes = std::move(*made);
    kernel = std::make_unique<kernel::Kernel>(*runtimes);
    for (const auto& table : syscalls::tables()) {
      const auto wasm = wasm_of(table.name);
      modules.push_back(syscalls::genesis_module(table, wasm));
      const auto loaded = kernel->load(table.number, modules.back().record, wasm);
      if (!loaded) std::fprintf(stderr, "%s: %s\n", table.name.c_str(), loaded.error().detail.c_str());
      DOS_CHECK(loaded.has_value());
    }
  }
};
const Shared& shared() {
  static const Shared s;
  return s;
}

}  // namespace

Bytes table_of(const std::string& name) {
  const auto runtimes = vm::Runtimes::make(nullptr);
  DOS_CHECK(runtimes.has_value());
  const auto code = (*runtimes)->compile(wasm_of(name), {});
  DOS_CHECK(code.has_value());
  const auto table = (*code)->table(10'000'000);
  DOS_CHECK(table.has_value());
  return *table;
}

AccessList operator+(AccessList a, const AccessList& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Machine::Machine(ledger::NetworkKind kind, const ledger::Params& set) : params(set), cache_(kernel::make_signature_cache(1024)) {
  genesis_.name = "dos-test";
  genesis_.kind = kind;
  genesis_.time = now;
  genesis_.params = params;
  genesis_.modules = shared().modules;
  genesis_.validators.members.push_back({"v1", 1, key("v1").public_key(), key("v1-node").public_key()});
  for (const char* name : {"alice", "bob", "carol"}) genesis_.accounts.push_back({name, account(name), Credits{10'000 * kMicroPerCredit}});
  genesis_.faucet = genesis_.sponsor = Credits{1'000'000 * kMicroPerCredit};
  chain_ = ledger::genesis_hash(genesis_);
  const auto delta = kernel::Kernel::genesis(genesis_, shared().rules);
  DOS_CHECK(delta.has_value());
  state.apply(*delta);
  deltas.push_back(*delta);
}

const crypto::SigningKey& Machine::key(const std::string& name) {
  auto it = keys_.find(name);
  if (it == keys_.end()) {
    const auto seed = crypto::plain_hash(as_bytes(name));
    auto made = crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, seed.view());
    DOS_CHECK(made.has_value());
    it = keys_.emplace(name, std::move(*made)).first;
  }
  return it->second;
}

ledger::Account Machine::account(const std::string& key_name) {
  ledger::Account a;
  const auto& k = key(key_name).public_key();
  a.permissions.push_back({"owner", 1, {{k, 1}}, {}});
  a.permissions.push_back({"active", 1, {{k, 1}}, {}});
  a.encryption.push_back({1, {crypto::BoxType::x_wing, Bytes(crypto::box_key_bytes(crypto::BoxType::x_wing), 7)}});
  return a;
}

ledger::SignedTransaction Machine::transaction(const ledger::Sender& sender, const AccessList& access) const {
  ledger::SignedTransaction s;
  s.tx.chain = chain_;
  s.tx.sender = sender;
  s.tx.valid_until = TimeMs{now.value + 60'000 + height.value % 1000};
  s.tx.limits = {declared, kMaxTransactionBytes, Credits{30 * kMicroPerCredit}};
  s.tx.access = access;
  return s;
}

ledger::Receipt Machine::call(const std::string& who, const AccessList& access, std::uint16_t module, std::uint16_t number, Bytes args) {
  ledger::Sender sender{ledger::AccountSender{who, "active"}};
  if (!bare_key.empty()) sender.is = ledger::KeySender{key(bare_key).public_key()};
  auto s = transaction(sender, access);
  s.tx.calls.push_back({module, number, {ledger::Literal{std::move(args)}}});
  auto receipt = run(std::move(s), also);
  for (const auto& t : syscalls::tables())
    for (const auto& row : t.rows)
      if (t.number == module && row.number == number && receipt.status == ledger::TxStatus::ok) {
        EXPECT_LE(receipt.gas.value, row.gas) << t.name << "." << row.name << ": over the bound of its row";
      }
  return receipt;
}

ledger::Receipt Machine::run(ledger::SignedTransaction s, const std::vector<std::string>& signers) {
  if (!in_one_block) {
    height = Height{height.value + 1};
    now = TimeMs{now.value + 1000};
  }
  s.tx.valid_until = TimeMs{now.value + 60'000};
  if (!stored.empty()) {
    std::vector<Hash> leaves;
    ledger::StoredClaim claim;
    for (const auto& b : stored) leaves.push_back(ledger::stored_leaf(b));
    claim.list_root = crypto::merkle_root(crypto::kStoredTree, leaves);
    claim.until = TimeMs{now.value + 3'600'000};
    for (std::size_t i = 0; i < stored.size(); ++i) {
      claim.bytes += stored[i].bytes;
      claim.blobs.push_back({stored[i], crypto::merkle_path(crypto::kStoredTree, leaves, i)});
    }
    s.tx.stored = claim;
    const ledger::StoredPromise promise{claim.epoch, claim.list_root, claim.bytes, claim.until};
    s.witnesses.push_back({ledger::StoredWitness{{{0, *crypto::sign(key("v1"), crypto::domain::kStored, chain_, promise, entropy_)}}}});
  }
  const auto id = ledger::txid(s.tx);
  const auto sign = [&](const std::string& key_name, const std::string& account) {
    const auto& k = key(key_name);
    s.witnesses.push_back({ledger::SigWitness{account, crypto::key_id(k.public_key()),
                                              *crypto::sign(k, crypto::domain::kSignTx, chain_, ledger::TxToSign{id}, entropy_)}});
  };
  if (const auto* a = std::get_if<ledger::AccountSender>(&s.tx.sender.is)) sign(a->account, "");
  else sign(bare_key, "");
  if (std::holds_alternative<ledger::KeySender>(s.tx.sender.is)) s.witnesses.push_back({ledger::solve_puzzle(id)});
  for (const auto& other : signers) sign(other, other);
  const kernel::BlockContext block{.chain = chain_,
                                   .height = height,
                                   .time = now,
                                   .epoch = {},
                                   .network = genesis_.kind,
                                   .suite = genesis_.suite,
                                   .validators = &genesis_.validators,
                                   .modules = shared().rules};
  auto done = shared().kernel->apply(state, block, kernel::with_ids({s}), window_, *cache_);
  if (!done) std::fprintf(stderr, "apply: %s\n", done.error().detail.c_str());
  DOS_CHECK(done.has_value());
  deltas.push_back(done->delta);
  if (const auto& misfit = done->misfit)  // no receipt: told as a dry run tells it
    return {.status = ledger::TxStatus::skipped, .code = std::uint16_t(misfit->why.code), .detail = misfit->why.detail};
  state.apply(done->delta);
  return done->receipts.at(0);
}

std::optional<store::Record> Machine::at(BytesView key) const { return *state.get(key); }

std::uint64_t Machine::credits(const std::string& purse) const {
  const auto r = at(ledger::purse_key(purse));
  return r ? codec::decode<ledger::Purse>(r->data)->balance.value : 0;
}

ledger::Access Machine::exact(BytesView key) const {
  const auto r = at(key);
  return {ledger::Exact{to_bytes(key), r ? r->version : Version{1}}};
}

AccessList Machine::upward(const fs::Id& dir) const {
  AccessList list;
  for (fs::Id id = dir;;) {
    const auto key = fs::directory_key(id);
    list.push_back(reads(key));
    const auto d = meta<fs::DirectoryMeta>(key);
    if (!d || id == fs::kRoot) return list;
    id = d->parent;
  }
}

}  // namespace dos::modules
