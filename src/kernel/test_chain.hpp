// For tests: a chain without consensus around the kernel, with an in-memory state, real signatures and real modules.
#pragma once
#include <fstream>

#include "abi/host_table.hpp"
#include "kernel/selection.hpp"
#include "ledger/blob.hpp"
#include "ledger/call_table.hpp"
#include "ledger/puzzle.hpp"
#include "modules/system.hpp"
#include "syscalls/rules.hpp"
#include "vm/assembler.hpp"

namespace dos::kernel::testchain {

class MemoryView final : public store::StateView {
 public:
  Result<std::optional<store::Record>> get(BytesView key) const override {
    if (broken) return fail(Errc::disk, "the disk is gone");
    auto it = state.find(key);
    return it == state.end() ? std::nullopt : it->second;
  }
  Result<std::optional<Version>> version(BytesView key) const override {
    DOS_ASSIGN(const auto record, get(key));
    return record ? std::optional(record->version) : std::nullopt;
  }
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override {
    auto it = compare(after, prefix) < 0 ? state.lower_bound(prefix) : state.upper_bound(after);
    if (it == state.end() || !starts_with(it->first, prefix)) return std::nullopt;
    return std::optional<Bytes>(it->first);
  }
  void apply(const store::Delta& delta) {
    for (const auto& [key, record] : delta) {
      if (record) state.insert_or_assign(key, record);
      else state.erase(key);
    }
  }
  store::Delta state;
  bool broken = false;
};

struct Counter final : Entropy {
  std::uint8_t n = 0;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) b = ++n;
  }
};

inline crypto::SigningKey key_of(std::string_view name, crypto::KeyType type = crypto::KeyType::ml_dsa_44) {
  const auto seed = crypto::plain_hash(as_bytes(name));
  return std::move(*crypto::SigningKey::from_seed(type, seed.view()));
}

inline ledger::Account account_of(std::string_view name) {
  ledger::Account a;
  for (const char* p : {"owner", "active"}) a.permissions.push_back({p, 1, {{key_of(name).public_key(), 1}}, {}});
  a.encryption.push_back({1, {crypto::BoxType::x_wing, Bytes(crypto::box_key_bytes(crypto::BoxType::x_wing))}});
  return a;
}

struct MapCache final : vm::CodeCache {  // compiled once for all tests of a process
  std::map<Hash, Bytes> entries;
  Result<std::optional<Bytes>> load(const Hash& key) override {
    auto it = entries.find(key);
    return it == entries.end() ? std::nullopt : std::optional(it->second);
  }
  Status save(const Hash& key, BytesView compiled) override {
    entries[key] = to_bytes(compiled);
    return {};
  }
  static MapCache& shared() {
    static MapCache cache;
    return cache;
  }
};

inline Bytes read_module(const std::string& name) {
  std::ifstream f(std::string(DOS_TEST_MODULES) + "/" + name + ".wasm", std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(f), {});
}

inline constexpr std::uint16_t kTestModule = 9;

struct Chain {
  // `guest`: code of module 9, for tests that need calls of their own.
  explicit Chain(const Bytes& guest = {}, std::span<const vm::RuntimeRow> rows = vm::runtime_rows(),
                 const BlockSteps& steps = block_steps())
      : runtimes(*vm::Runtimes::make(&MapCache::shared(), rows)), kernel(*runtimes, steps) {
    genesis.name = "test";
    genesis.time = TimeMs{1'700'000'000'000};
    genesis.faucet = Credits{1'000'000 * kMicroPerCredit};
    genesis.sponsor = Credits{1'000 * kMicroPerCredit};
    genesis.validators.members.push_back({"v1", 1, key_of("v1").public_key(), key_of("n1").public_key()});
    for (const char* name : {"alice", "bob", "carol"})
      genesis.accounts.push_back({name, account_of(name), Credits{10'000 * kMicroPerCredit}});
    std::map<std::uint16_t, Bytes> code;
    for (const auto& [number, name] : modules::kSystemModules) code[number] = read_module(name);
    if (!guest.empty()) code[kTestModule] = guest;
    for (const auto& [number, wasm] : code) {
      auto compiled = runtimes->compile(wasm, {});
      if (!compiled) throw std::runtime_error(compiled.error().detail);
      const auto table = *(*compiled)->table(50'000'000);
      const std::string name = number == kTestModule ? "test" : modules::kSystemModules[number - 1].name;
      genesis.modules.push_back({number, {name, ledger::blob_root_of(wasm), wasm.size(), abi::kHostAbi, table}});
      if (auto ok = kernel.load(number, genesis.modules.back().record, wasm); !ok) throw std::runtime_error(ok.error().detail);
    }
    reset();
  }
  void reset() {
    block.chain = ledger::genesis_hash(genesis);
    block.height = Height{0};
    block.time = genesis.time;
    block.epoch = Epoch{0};
    block.validators = &genesis.validators;
    block.modules = rules;
    state.state.clear();
    state.apply(*Kernel::genesis(genesis, rules));
  }

  ledger::Transaction tx(std::string sender, std::vector<ledger::Call> calls, std::vector<ledger::Access> access = {}) const {
    ledger::Transaction t;
    t.chain = block.chain;
    t.sender = {ledger::AccountSender{std::move(sender), "active"}};
    t.valid_until = TimeMs{block.time.value + 60'000};
    t.limits = {Gas{2'000'000 * calls.size()}, 10'000, Credits{50'000}};
    t.calls = std::move(calls);
    t.access = std::move(access);
    return t;
  }
  static ledger::Call call(std::uint16_t module, std::uint16_t number, Bytes args = {}) {
    ledger::Call c{module, number, {}};
    if (!args.empty()) c.args.push_back(ledger::Literal{std::move(args)});
    return c;
  }
  ledger::SigWitness signature(const ledger::Transaction& t, std::string_view by, std::string account = "") {
    const auto key = key_of(by);
    return {std::move(account), crypto::key_id(key.public_key()),
            *crypto::sign(key, crypto::domain::kSignTx, block.chain, ledger::TxToSign{ledger::txid(t)}, entropy)};
  }
  ledger::SignedTransaction sign(ledger::Transaction t, std::string_view by = "") {
    const std::string signer = by.empty() ? std::get<ledger::AccountSender>(t.sender.is).account : std::string(by);
    auto w = signature(t, signer);
    return {std::move(t), {{std::move(w)}}};
  }
  // As a bare key, with the work that it shows.
  ledger::SignedTransaction sign_bare(ledger::Transaction t, std::string_view by) {
    t.sender = {ledger::KeySender{key_of(by).public_key()}};
    auto s = sign(std::move(t), by);
    s.witnesses.push_back({ledger::solve_puzzle(ledger::txid(s.tx))});
    return s;
  }
  // Which of these the leader of the next block takes into it.
  std::vector<ledger::SignedTransaction> chosen(const std::vector<ledger::SignedTransaction>& txs) {
    auto next = block;
    ++next.height.value, ++next.time.value;
    Selection selection(state, next, genesis.params, window, *cache);
    std::vector<ledger::SignedTransaction> out;
    for (const auto& tx : txs) {
      const auto verdict = selection.take(tx, ids_of(tx));
      if (!verdict) throw std::runtime_error("take: " + verdict.error().detail);
      if (verdict->fit == Selection::Fit::taken) out.push_back(tx);
    }
    return out;
  }
  // The next block. A block that is not valid leaves nothing behind.
  BlockResult apply(const std::vector<ledger::SignedTransaction>& txs) {
    ++block.height.value;
    ++block.time.value;
    ReplayWindow above(&window);
    auto result = kernel.apply(state, block, with_ids(txs), above, *cache);
    if (!result) throw std::runtime_error("apply: " + result.error().detail);
    if (result->misfit) return std::move(*result);
    state.apply(result->delta);
    window.absorb(std::move(above));
    window.forget_before(block.time);
    return std::move(*result);
  }
  std::vector<ledger::Receipt> run(const std::vector<ledger::SignedTransaction>& txs) {
    auto result = apply(txs);
    if (result.misfit) throw std::runtime_error("the block is not valid: " + result.misfit->why.detail);
    return std::move(result.receipts);
  }
  ledger::Receipt one(const ledger::SignedTransaction& t) { return run({t}).front(); }
  std::uint64_t balance(std::string_view owner) const {
    const auto r = *state.get(ledger::purse_key(owner));
    return r ? codec::decode<ledger::Purse>(r->data)->balance.value : 0;
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto& [key, record] : state.state)
      if (starts_with(key, ledger::purse_key(""))) sum += codec::decode<ledger::Purse>(record->data)->balance.value;
    return sum;
  }

  std::unique_ptr<vm::Runtimes> runtimes;
  Kernel kernel;
  ledger::Genesis genesis;
  ledger::SystemRules rules = syscalls::system_rules();
  MemoryView state;
  BlockContext block;
  ReplayWindow window;
  std::unique_ptr<SignatureCache> cache = make_signature_cache(4096);
  Counter entropy;
};

inline ledger::Access access(auto a) { return {std::move(a)}; }

}  // namespace dos::kernel::testchain
