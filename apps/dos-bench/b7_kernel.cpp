// B7: the whole cost of a system module call in CPU time, against the same kernel with the module's logic compiled natively
// behind the same host functions. The native module lives here only: a validator runs WebAssembly and nothing else.
#include <cstring>
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

// ---- the module `credit`, natively, over the host functions that the WebAssembly one imports
class FlatMemory final : public vm::Memory {
 public:
  Result<BytesView> read(std::uint32_t ptr, std::uint32_t len) override {
    if (std::size_t(ptr) + len > bytes.size()) return fail(Errc::trap);
    return BytesView(bytes).subspan(ptr, len);
  }
  Status write(std::uint32_t ptr, BytesView data) override {
    if (std::size_t(ptr) + data.size() > bytes.size()) return fail(Errc::trap);
    std::memcpy(bytes.data() + ptr, data.data(), data.size());
    return {};
  }
  std::uint32_t keep(BytesView data) {
    const std::uint32_t at = top;
    std::memcpy(bytes.data() + at, data.data(), data.size());
    top += std::uint32_t(data.size());
    return at;
  }
  Bytes bytes = Bytes(32 * 1024);
  std::uint32_t top = 0;
};

struct NativeCode final : vm::Code {
  Hash id;
  Hash hash() const override { return id; }
};

class NativeRuntime final : public vm::Runtime {
 public:
  explicit NativeRuntime(std::span<const vm::HostFunction> host) {
    for (const auto& f : host) host_[f.name] = f.body;
  }
  Result<std::shared_ptr<vm::Code>> compile(BytesView code, const vm::CodeLimits&) override {
    auto c = std::make_shared<NativeCode>();
    c->id = crypto::plain_hash(code);
    return std::shared_ptr<vm::Code>(std::move(c));
  }
  Result<Bytes> read_export(const vm::Code&, const char*, std::uint64_t) override {
    return codec::encode(ledger::call_rows(credit::kCalls));
  }
  vm::CallOutcome call(const vm::Code&, std::uint32_t, std::uint64_t gas, void* context) override {
    FlatMemory memory;
    vm::GasMeter meter{gas};
    vm::CallOutcome out;
    out.status = pay(memory, meter, context);
    out.gas_used = gas - meter.left;
    return out;
  }

 private:
  template <class... P>
  Result<std::uint64_t> host(const char* name, FlatMemory& memory, vm::GasMeter& meter, void* context, P... params) {
    const std::uint64_t list[] = {std::uint64_t(params)..., 0};
    vm::HostCall call{memory, context, std::span(list, sizeof...(params)), meter};
    return host_.find(name)->second(call);
  }
  Status pay(FlatMemory& m, vm::GasMeter& g, void* c) {
    DOS_ASSIGN(const auto len, host("args_len", m, g, c));
    const std::uint32_t at = m.top;
    m.top += std::uint32_t(len);
    DOS_ASSIGN([[maybe_unused]] const auto copied, host("args", m, g, c, at));
    DOS_ASSIGN(const auto a, codec::decode<credit::Pay>(BytesView(m.bytes).subspan(at, len)));
    if (!ledger::valid_account_name(a.to) || a.amount.value == 0 || a.from == a.to) return fail(Errc::usage);
    const Bytes account = ledger::account_key(a.to), from = ledger::purse_key(a.from), to = ledger::purse_key(a.to);
    const std::uint32_t out = m.top + 4096;
    DOS_ASSIGN(const auto there, host("get", m, g, c, m.keep(account), account.size(), out, 16 * 1024));
    if (std::uint32_t(there) == UINT32_MAX) return fail(Errc::not_found);
    const Bytes lock = codec::encode(ledger::account_lock(a.from));
    DOS_ASSIGN(const auto may, host("authorized", m, g, c, m.keep(lock), lock.size()));
    if (may == 0) return fail(Errc::denied);
    DOS_ASSIGN([[maybe_unused]] const auto took, host("debit", m, g, c, m.keep(from), from.size(), a.amount.value));
    DOS_ASSIGN([[maybe_unused]] const auto gave, host("deposit", m, g, c, m.keep(to), to.size(), a.amount.value));
    return {};
  }
  std::map<std::string, Result<std::uint64_t> (*)(vm::HostCall&)> host_;
};

struct Chain {
  MapView view;
  ledger::Genesis genesis;
  ledger::SystemRules rules = syscalls::system_rules();
  kernel::BlockContext block;
  kernel::ReplayWindow window;
  std::unique_ptr<kernel::SignatureCache> cache = kernel::make_signature_cache(1 << 16);
  kernel::Kernel kernel;

  Chain(vm::Runtime& runtime, const Bytes& wasm, const std::vector<crypto::SigningKey>& keys) : kernel(runtime) {
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
    auto first = kernel::Kernel::genesis(genesis);
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
  auto runtime = vm::make_wasm_runtime(kernel::host_functions(), nullptr);
  DOS_CHECK(runtime.has_value());
  NativeRuntime native(kernel::host_functions());
  Chain ours(**runtime, wasm, keys), peer(native, wasm, keys);
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
