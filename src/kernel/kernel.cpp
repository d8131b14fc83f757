#include "kernel/kernel.hpp"

#include "abi/host_table.hpp"
#include "kernel/block_run.hpp"
#include "ledger/blob.hpp"
#include "ledger/call_table.hpp"

namespace dos::kernel {
namespace {

constexpr std::uint64_t kTableGas = 50'000'000;  // for a module to describe itself

struct Loaded {
  Hash root;  // of the code's blob
  std::shared_ptr<const vm::Code> code;
};
using LoadedModules = std::map<std::uint16_t, Loaded>;

// Module records cannot change within a block: each is read once.
class BlockModules final : public ModuleCode {
 public:
  BlockModules(const store::StateView& view, const LoadedModules& loaded) : view_(view), loaded_(loaded) {}
  Result<const vm::Code*> find(std::uint16_t number) override {
    if (auto it = found_.find(number); it != found_.end()) return it->second;
    DOS_ASSIGN(const auto record, read_object<ledger::ModuleRecord>(view_, ledger::module_record_key(number), "module record"));
    const vm::Code* code = nullptr;
    if (record) {
      auto it = loaded_.find(number);
      if (it == loaded_.end() || it->second.root != record->code)
        return fail(Errc::not_ready, "the code of module " + record->name + " is not here");
      code = it->second.code.get();
    }
    found_.emplace(number, code);
    return code;
  }

 private:
  const store::StateView& view_;
  const LoadedModules& loaded_;
  std::map<std::uint16_t, const vm::Code*> found_;
};

}  // namespace

struct Kernel::Impl {
  vm::Runtimes& runtimes;
  BlockSteps steps;
  LoadedModules modules;

  // Every module that the state names must be here before a block is executed: a validator without one does not vote.
  Status all_loaded(const store::StateView& view) {
    Bytes prefix = ledger::module_key(ledger::kSystemModule);
    prefix.push_back('m');
    BlockModules named(view, modules);
    for (Bytes after;;) {
      DOS_ASSIGN(auto key, view.next(prefix, after));
      if (!key) break;
      if (key->size() != prefix.size() + 2) return fail(Errc::corrupt, "a module record has a key of the wrong length");
      DOS_TRY(named.find(read_be<std::uint16_t>(BytesView(*key).subspan(prefix.size()))));
      after = std::move(*key);
    }
    return {};
  }
};

Kernel::Kernel(vm::Runtimes& runtimes, const BlockSteps& steps) : impl_(new Impl{runtimes, steps, {}}) {}
Kernel::~Kernel() = default;

Status Kernel::load(std::uint16_t number, const ledger::ModuleRecord& record, BytesView code) {
  if (record.abi == 0 || record.abi > abi::kHostAbi)
    return fail(Errc::other_format, "module " + record.name + " needs host functions of version " + std::to_string(record.abi));
  if (code.size() != record.code_bytes || ledger::blob_root_of(code) != record.code)
    return fail(Errc::content_mismatch, "the code of module " + record.name + " is not what its record names");
  DOS_ASSIGN(auto compiled, impl_->runtimes.compile(code, {.abi = record.abi}));
  DOS_ASSIGN(const auto table, compiled->table(kTableGas));
  if (table != record.table) return fail(Errc::content_mismatch, "module " + record.name + " describes other calls than its record");
  DOS_ASSIGN([[maybe_unused]] const auto rows, codec::decode<std::vector<ledger::CallRow>>(table, "a call table"));
  impl_->modules.insert_or_assign(number, Loaded{record.code, std::move(compiled)});
  return {};
}

Result<BlockResult> Kernel::apply(const store::StateView& view, const BlockContext& block, std::span<const BlockTransaction> txs,
                                  ReplayWindow& window, SignatureCache& cache) const {
  DOS_TRY(impl_->all_loaded(view));
  DOS_ASSIGN(const auto params, read_params(view));
  window.forget_before(block.time);
  BlockModules modules(view, impl_->modules);
  BlockRun run(view, block, params, modules, window, &cache);
  BlockResult result;
  std::vector<Proven> entered;
  entered.reserve(txs.size());
  for (const auto& [tx, ids] : txs) {
    std::optional<Error> misfit;
    DOS_ASSIGN(auto proven, run.enter(*tx, ids, misfit));
    if (misfit) {
      result.misfit = Misfit{std::uint32_t(entered.size()), std::move(*misfit)};
      return result;
    }
    entered.push_back(std::move(proven));
  }
  DOS_TRY(run.take_steps(impl_->steps.begin));
  result.receipts.reserve(txs.size());
  for (std::size_t i = 0; i < txs.size(); ++i) {
    DOS_ASSIGN(auto receipt, run.process(*txs[i].tx, txs[i].ids, entered[i]));
    result.receipts.push_back(std::move(receipt));
  }
  DOS_TRY(run.take_steps(impl_->steps.end));
  DOS_ASSIGN(result.delta, run.finish());
  return result;
}

struct Admissions::Impl {
  explicit Impl(const store::StateView& state) : view(state), accounts(view) {}
  WatchedView view;
  Accounts accounts;
  std::optional<ledger::Params> params;
};

Admissions::Admissions(const store::StateView& view) : impl_(new Impl(view)) {}
Admissions::Admissions(Admissions&&) noexcept = default;
Admissions::~Admissions() = default;

Result<Admitted> Admissions::check(const BlockContext& next, const ledger::SignedTransaction& tx, const TxIds& ids,
                                   const ReplayWindow& window, SignatureCache& cache) {
  if (ids.bytes > kMaxTransactionBytes) return fail(Errc::limit, "bytes of a transaction: at most " + std::to_string(kMaxTransactionBytes));
  auto& [view, accounts, params] = *impl_;
  const auto entered = check_entry(tx, ids, view, accounts, next, window, &cache);
  if (auto failed = view.take_failure()) return std::unexpected(std::move(*failed));
  if (!entered) return std::unexpected(entered.error());
  if (!params) { DOS_ASSIGN(params, read_params(view)); }
  Purses purses(view);
  const auto purse = payer_purse(tx.tx);
  DOS_ASSIGN(const auto before, purses.look(purse));
  DOS_TRY(BlockRoom(next, *params, purses).take(tx.tx, ids.bytes));
  DOS_ASSIGN(const auto after, purses.look(purse));
  return Admitted{after.reserved, before.free};
}

Result<DryRun> Kernel::dry_run(const store::StateView& view, const BlockContext& next, const ledger::SignedTransaction& tx) const {
  DOS_ASSIGN(const auto params, read_params(view));
  ReplayWindow window;
  BlockModules modules(view, impl_->modules);
  auto cache = tx.witnesses.empty() ? nullptr : make_signature_cache(64);
  BlockRun run(view, next, params, modules, window, cache.get());
  const auto ids = ids_of(tx);
  std::optional<Error> misfit;
  DOS_ASSIGN(const auto proven, run.enter(tx, ids, misfit));
  if (misfit) return DryRun{skipped(ids, *misfit)};
  DOS_TRY(run.take_steps(impl_->steps.begin));
  DOS_ASSIGN(auto receipt, run.process(tx, ids, proven));
  return DryRun{std::move(receipt)};
}

}  // namespace dos::kernel
