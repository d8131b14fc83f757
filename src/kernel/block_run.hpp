// One block, transaction by transaction, in block order (docs/spec/execution.md).
#pragma once
#include <map>
#include <set>

#include "kernel/accounts.hpp"
#include "kernel/block/steps.hpp"
#include "kernel/block_room.hpp"
#include "kernel/execution.hpp"
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

// Shape, chain, window, seen, the puzzle of a bare key, witnesses, authority. `cache` null: a dry run, for which nothing was signed
// or solved yet.
Result<Proven> check_entry(const ledger::SignedTransaction& tx, const TxIds& ids, const store::StateView& view, Accounts& accounts,
                           const BlockContext& block, const ReplayWindow& window, SignatureCache* cache);

ledger::Receipt skipped(const TxIds& ids, const Error& why);  // a dry run's answer for one that no block may hold

class BlockRun {
 public:
  BlockRun(const store::StateView& view, const BlockContext& block, const ledger::Params& params, ModuleCode& modules, ReplayWindow& window,
           SignatureCache* cache)
      : view_(view),
        block_(block),
        params_(params),
        modules_(modules),
        window_(window),
        cache_(cache),
        accounts_(view_),
        purses_(view_),
        room_(block_, params_, purses_),
        state_(view_) {}

  // All transactions of a block enter, in its order, before the first runs: each is judged against the state below the block,
  // and its fee is reserved. What is wrong with one of them is in `misfit`; an error is the node's.
  Result<Proven> enter(const ledger::SignedTransaction& tx, const TxIds& ids, std::optional<Error>& misfit);
  Status take_steps(std::span<const BlockStep> steps);
  // Of one that entered. An error is the node's, never the transaction's.
  Result<ledger::Receipt> process(const ledger::SignedTransaction& tx, const TxIds& ids, const Proven& proven);
  Result<store::Delta> finish();

 private:
  Status reserve_debits(const ledger::Transaction& tx, const Proven& proven, vm::GasMeter& gas);
  Status may_debit(const ledger::Debit& debit, const Proven& proven, vm::GasMeter& gas);
  // Versions, debits, calls. `receipt` has its gas afterwards, however it ends.
  Status settle(const ledger::Transaction& tx, const Proven& proven, Version version, ledger::Receipt& receipt);
  Status execute(const ledger::Transaction& tx, const Proven& proven, Version version, std::uint64_t gas_used, ledger::Receipt& receipt);
  void charge(const ledger::Transaction& tx, ledger::Receipt& receipt);

  WatchedView view_;
  const BlockContext& block_;
  const ledger::Params& params_;
  ModuleCode& modules_;
  ReplayWindow& window_;
  SignatureCache* cache_;
  Accounts accounts_;
  Purses purses_;
  BlockRoom room_;
  Overlay state_;
  std::uint32_t index_ = 0;
};

}  // namespace dos::kernel
