// One block, transaction by transaction, in block order (docs/spec/execution.md).
#pragma once
#include <map>
#include <set>

#include "kernel/accounts.hpp"
#include "kernel/execution.hpp"
#include "kernel/purses.hpp"
#include "kernel/witnesses.hpp"

namespace dos::kernel {

// The state below a block, which does not change. Keeps what was read, for accounts are asked for again and again; remembers the
// first failure, so that none can pass for "absent" or "not permitted".
class WatchedView final : public store::StateView {
 public:
  explicit WatchedView(const store::StateView& below) : below_(below) {}
  Result<std::optional<store::Record>> get(BytesView key) const override;
  Result<std::optional<Version>> version(BytesView key) const override;
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override { return watch(below_.next(prefix, after)); }
  const std::optional<Error>& failure() const { return failure_; }
  std::optional<Error> take_failure() { return std::exchange(failure_, std::nullopt); }

 private:
  template <class T>
  Result<T> watch(Result<T> r) const {
    if (!r && !failure_) failure_ = r.error();
    return r;
  }
  static constexpr std::size_t kKeptBytes = 4 << 20;  // then it begins anew
  const store::StateView& below_;
  mutable std::optional<Error> failure_;
  mutable std::map<Bytes, std::optional<store::Record>, store::KeyLess> kept_;
  mutable std::size_t kept_bytes_ = 0;
};

Result<ledger::Params> read_params(const store::StateView& view);  // corrupt, or other_format for another metering version

// What a transaction may cost at most: gas, bytes, rent. limit if a limit is not allowed, funds if it is no amount.
Result<std::uint64_t> reservation(const ledger::Transaction& tx, const ledger::Params& params);
Bytes payer_purse(const ledger::Transaction& tx);

// Shape, chain, window, seen, witnesses, authority. `cache` null: a dry run, for which nothing was signed yet.
Result<Proven> check_entry(const ledger::SignedTransaction& tx, const TxIds& ids, const store::StateView& view, Accounts& accounts,
                           const BlockContext& block, const ReplayWindow& window, SignatureCache* cache);

class BlockRun {
 public:
  BlockRun(const store::StateView& view, const BlockContext& block, const ledger::Params& params, vm::Runtime& runtime, ModuleCode& modules,
           ReplayWindow& window, SignatureCache* cache)
      : view_(view),
        block_(block),
        params_(params),
        runtime_(runtime),
        modules_(modules),
        window_(window),
        cache_(cache),
        accounts_(view_),
        purses_(view_),
        state_(view_) {}

  // An error is the node's, never the transaction's.
  Result<ledger::Receipt> process(const ledger::SignedTransaction& tx, const TxIds& ids);
  Result<store::Delta> finish();

 private:
  Status enter(const ledger::SignedTransaction& tx, const TxIds& ids, Proven& proven);
  Status reserve_fee(const ledger::Transaction& tx);
  Status reserve_debits(const ledger::Transaction& tx, const Proven& proven, vm::GasMeter& gas);
  Status may_debit(const ledger::Debit& debit, const Proven& proven, vm::GasMeter& gas);
  // Versions, debits, calls. `receipt` has its gas afterwards, however it ends.
  Status settle(const ledger::Transaction& tx, const Proven& proven, Version version, ledger::Receipt& receipt);
  Status execute(const ledger::Transaction& tx, const Proven& proven, Version version, std::uint64_t gas_used, ledger::Receipt& receipt);
  void charge(const ledger::Transaction& tx, ledger::Receipt& receipt);

  WatchedView view_;
  const BlockContext& block_;
  const ledger::Params& params_;
  vm::Runtime& runtime_;
  ModuleCode& modules_;
  ReplayWindow& window_;
  SignatureCache* cache_;
  Accounts accounts_;
  Purses purses_;
  Overlay state_;
  std::uint32_t index_ = 0;
  std::uint64_t gas_declared_ = 0, sponsored_ = 0;
};

}  // namespace dos::kernel
