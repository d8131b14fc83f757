// B7: the whole cost of a system module call in CPU time, against the same kernel with the module's logic compiled natively
// behind the same host. The native module lives here only: a validator runs WebAssembly and nothing else.
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "abi/host_table.hpp"
#include "base/check.hpp"
#include "kernel/kernel.hpp"
#include "ledger/blob.hpp"
#include "ledger/call_table.hpp"
#include "modules/credit/calls.hpp"
#include "os/system.hpp"
#include "row.hpp"
#include "syscalls/rules.hpp"

namespace dos::bench {
namespace {

constexpr std::uint32_t kCallsABlock = 250;
const char* const kPayers[] = {"alice", "bob"};

class MapView final : public store::StateView {
 public:
  Result<std::optional<store::Record>> get(BytesView key) const override {
    auto it = state.find(key);
    return it == state.end() ? std::nullopt : it->second;
  }
  Result<std::optional<Version>> version(BytesView key) const override {
    auto it = state.find(key);
    return it == state.end() ? std::nullopt : std::optional(it->second->version);
  }
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override {
    auto it = compare(after, prefix) < 0 ? state.lower_bound(prefix) : state.upper_bound(after);
    if (it == state.end() || !starts_with(it->first, prefix)) return std::nullopt;
    return std::optional<Bytes>(it->first);
  }
  store::Delta state;
};

// ---- the module `credit`, natively, over the operations that the WebAssembly one asks for
class NativeCode final : public vm::Code {
 public:
  explicit NativeCode(const Hash& id) : id_(id) {}
  Hash hash() const override { return id_; }
  Result<Bytes> table(std::uint64_t) const override { return codec::encode(ledger::call_rows(credit::kCalls)); }
  vm::CallOutcome call(std::uint32_t, std::uint64_t gas, vm::Host& host) const override {
    vm::GasMeter meter{gas};
    vm::CallOutcome out;
    out.status = pay(host, meter);
    out.gas_used = gas - meter.left;
    return out;
  }

 private:
  static Status pay(vm::Host& host, vm::GasMeter& gas) {
    DOS_ASSIGN(const auto a, codec::decode<credit::Pay>(host.args()));
    if (!ledger::valid_account_name(a.to) || a.amount.value == 0 || a.from == a.to) return fail(Errc::usage);
    DOS_ASSIGN(const auto there, host.get(ledger::account_key(a.to)));
    if (!there) return fail(Errc::not_found);
    DOS_ASSIGN(const auto may, host.authorized(codec::encode(ledger::account_lock(a.from)), gas));
    if (!may) return fail(Errc::denied);
    DOS_TRY(host.debit(ledger::purse_key(a.from), a.amount.value));
    return host.deposit(ledger::purse_key(a.to), a.amount.value);
  }
  Hash id_;
};

struct NativeRuntime final : vm::Runtime {
  Result<std::shared_ptr<const vm::Code>> compile(BytesView code, const vm::CodeLimits&) override {
    return std::make_shared<const NativeCode>(crypto::plain_hash(code));
  }
};

constexpr vm::RuntimeRow kNative[] = {
    {1, "native", [](BytesView) { return true; },
     [](vm::CodeCache*) -> Result<std::unique_ptr<vm::Runtime>> { return std::make_unique<NativeRuntime>(); }}};

struct Chain {
  MapView view;
  ledger::Genesis genesis;
  ledger::SystemRules rules = syscalls::system_rules();
  kernel::BlockContext block;
  kernel::ReplayWindow window;
  std::unique_ptr<kernel::SignatureCache> cache = kernel::make_signature_cache(1 << 16);
  kernel::Kernel kernel;

  Chain(vm::Runtimes& runtimes, const Bytes& wasm, const std::vector<crypto::SigningKey>& keys) : kernel(runtimes) {
    genesis.name = "bench";
    genesis.time = TimeMs{1'700'000'000'000};
    genesis.validators.members.push_back({"v1", 1, keys[0].public_key(), keys[0].public_key()});
    for (std::size_t i = 0; i < 2; ++i) {
      ledger::Account a;
      for (const char* p : {"owner", "active"}) a.permissions.push_back({p, 1, {{keys[i].public_key(), 1}}, {}});
      genesis.accounts.push_back({kPayers[i], a, Credits{1'000'000'000 * kMicroPerCredit}});
    }
    const ledger::ModuleRecord record{"credit", ledger::blob_root_of(wasm), wasm.size(), abi::kHostAbi,
                                      codec::encode(ledger::call_rows(credit::kCalls))};
    genesis.modules.push_back({ledger::kCreditModule, record});
    if (auto ok = kernel.load(ledger::kCreditModule, record, wasm); !ok) throw std::runtime_error(ok.error().detail);
    block.chain = ledger::genesis_hash(genesis);
    block.time = genesis.time;
    block.validators = &genesis.validators;
    block.modules = rules;
    auto first = kernel::Kernel::genesis(genesis, rules);
    DOS_CHECK(first.has_value());
    view.state = std::move(*first);
  }
  std::vector<ledger::SignedTransaction> work(std::uint64_t salt, const std::vector<crypto::SigningKey>& keys, Entropy& entropy) {
    std::vector<ledger::SignedTransaction> txs;
    for (std::uint32_t i = 0; i < kCallsABlock; ++i) {
      const std::string from = kPayers[i % 2], to = kPayers[1 - i % 2];
      ledger::Transaction t;
      t.chain = block.chain;
      t.sender.is = ledger::AccountSender{from, "active"};
      t.valid_until = TimeMs{block.time.value + 60'000};
      t.limits = {Gas{1'000'000}, 10'000, Credits{1000}};
      const Credits amount{salt * kCallsABlock + i + 1};
      t.access = {{ledger::Debit{ledger::purse_key(from), amount}},
                  {ledger::Deposit{ledger::purse_key(to)}},
                  {ledger::Read{ledger::account_key(to), {}}}};
      t.calls = {{ledger::kCreditModule, credit::kPay, {ledger::Literal{codec::encode(credit::Pay{from, to, amount})}}}};
      auto s = crypto::sign(keys[i % 2], crypto::domain::kSignTx, block.chain, ledger::TxToSign{ledger::txid(t)}, entropy);
      txs.push_back({t, {{ledger::SigWitness{"", crypto::key_id(keys[i % 2].public_key()), *s}}}});
    }
    return txs;
  }
  double micros(std::vector<ledger::SignedTransaction> txs) {  // CPU a call, signatures known as after gossip
    ++block.height.value;
    ++block.time.value;
    kernel::Admissions admissions(view);
    for (const auto& t : txs) DOS_CHECK(admissions.check(block, t, kernel::ids_of(t), window, *cache));
    const double start = cpu_seconds();
    auto result = kernel.apply(view, block, kernel::with_ids(txs), window, *cache);
    const double took = cpu_seconds() - start;
    DOS_CHECK(result.has_value());
    for (const auto& r : result->receipts)
      if (r.status != ledger::TxStatus::ok) throw std::runtime_error("a call failed: " + std::to_string(r.code) + " " + r.detail);
    for (auto& [key, value] : result->delta) view.state[key] = value;
    return took * 1e6 / kCallsABlock;
  }
};

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

}  // namespace

void b7_kernel(const Options& options) {
  std::ifstream file(options.modules + "/credit.wasm", std::ios::binary);
  const Bytes wasm{std::istreambuf_iterator<char>(file), {}};
  if (wasm.empty()) return unmeasured("B7", "credit.pay, whole cost a call", "native", "no credit.wasm in --modules");
  os::SystemEntropy entropy;
  std::vector<crypto::SigningKey> keys;
  for (int i = 0; i < 2; ++i) {
    Bytes seed(crypto::kSeedBytes);
    entropy.fill(seed);
    keys.push_back(std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, seed)));
  }
  const auto shipped = vm::Runtimes::make(nullptr), native = vm::Runtimes::make(nullptr, kNative);
  DOS_CHECK(shipped.has_value() && native.has_value());
  Chain ours(**shipped, wasm, keys), peer(**native, wasm, keys);
  std::uint64_t salt = 0;
  for (int pair = 0; pair < (options.quick ? 3 : 7); ++pair) {
    std::vector<double> a, b;
    for (int i = 0; i < (options.quick ? 10 : 30); ++i, ++salt) {
      a.push_back(ours.micros(ours.work(salt, keys, entropy)));
      b.push_back(peer.micros(peer.work(salt, keys, entropy)));
    }
    row("B7", "credit.pay, whole cost a call in a block of 250", "native", median(a), median(b), "us", true);
  }
}

}  // namespace dos::bench
