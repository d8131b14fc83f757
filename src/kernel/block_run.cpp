#include "kernel/block_run.hpp"

#include "base/check.hpp"
#include "kernel/block/scope.hpp"
#include "kernel/native_gas.hpp"
#include "ledger/puzzle.hpp"
#include "proof/leaf.hpp"

namespace dos::kernel {
namespace {

// For a dry run: as if everybody whom the transaction names had signed.
Result<Proven> assume_signed(const ledger::Transaction& tx, const store::StateView& view, TimeMs time) {
  Proven proven;
  proven.time = time;
  std::vector<std::string> names;
  if (!tx.payer.empty()) names.push_back(tx.payer);
  if (auto* bare = std::get_if<ledger::KeySender>(&tx.sender.is)) proven.keys.emplace_back("", crypto::key_id(bare->key));
  else names.push_back(std::get<ledger::AccountSender>(tx.sender.is).account);
  for (const auto& name : names) {
    DOS_ASSIGN(const auto account, read_object<ledger::Account>(view, ledger::account_key(name), "account"));
    if (!account) return fail(Errc::bad_witness, "there is no account " + name);
    for (const auto& p : account->permissions)
      for (const auto& k : p.keys) proven.keys.emplace_back(name, crypto::key_id(k.key));
  }
  return proven;
}

std::string receipt_text(std::string s) {
  if (s.size() > 256) s.resize(256);
  while (!codec::is_utf8(as_bytes(s))) s.pop_back();
  return s;
}

}  // namespace

Result<std::optional<store::Record>> WatchedView::get(BytesView key) const {
  if (const auto it = kept_.find(key); it != kept_.end()) return it->second;
  auto record = watch(below_.get(key));
  if (!record) return record;
  kept_bytes_ +=
      key.size() + (*record ? (*record)->data.size() + (*record)->lock.size() + (*record)->meta.size() : 0) + sizeof(store::Record);
  if (kept_bytes_ > kKeptBytes) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  kept_.emplace(to_bytes(key), *record);
  return record;
}

Result<std::optional<Version>> WatchedView::version(BytesView key) const {
  if (const auto it = kept_.find(key); it != kept_.end()) return it->second ? std::optional(it->second->version) : std::nullopt;
  return watch(below_.version(key));
}

Result<ledger::Params> read_params(const store::StateView& view) {
  DOS_ASSIGN(auto params, read_object<ledger::Params>(view, ledger::params_key(), "parameters"));
  if (!params) return fail(Errc::corrupt, "the state has no parameters");
  if (params->vm != 1) return fail(Errc::other_format, "the network asks for metering version " + std::to_string(params->vm));
  return std::move(*params);
}

Result<Proven> check_entry(const ledger::SignedTransaction& tx, const TxIds& ids, const store::StateView& view, Accounts& accounts,
                           const BlockContext& block, const ReplayWindow& window, SignatureCache* cache) {
  const bool unsigned_claim = !cache && tx.tx.stored && tx.witnesses.empty();
  if (unsigned_claim) {
    auto shaped = tx;
    shaped.witnesses.push_back({ledger::StoredWitness{}});
    DOS_TRY(ledger::check_shape(shaped, ids.bytes));
  } else {
    DOS_TRY(ledger::check_shape(tx, ids.bytes));
  }
  if (tx.tx.chain != block.chain) return fail(Errc::wrong_chain);
  if (tx.tx.valid_until < block.time) return fail(Errc::expired, "its time had passed when the block was made");
  if (tx.tx.valid_until.value - block.time.value > kReplayWindowMs)
    return fail(Errc::expired, "valid_until is more than " + std::to_string(kReplayWindowMs) + " ms after block time");
  if (window.seen(ids.txid)) return fail(Errc::duplicate);
  if (cache && is_sponsored(tx.tx) && !ledger::shows_enough(ledger::shown_work(ids.txid, tx.witnesses)))
    return fail(Errc::bad_witness, "the sponsor pays for a bare key that shows work: a preimage witness of " +
                                       std::to_string(ledger::kPuzzleBytes) + " bytes that solves the transaction's puzzle");
  Proven proven;
  DOS_ASSIGN(auto gas, meter_of(tx));
  if (cache) {
    DOS_ASSIGN(proven, named(check_witnesses(tx, ids, view, accounts, block, *cache, gas), tx.tx));
  } else {
    DOS_ASSIGN(proven, assume_signed(tx.tx, view, block.time));
  }
  DOS_TRY(named(check_authority(tx.tx, proven, view, accounts, block, gas), tx.tx));
  proven.gas = tx.tx.limits.gas.value - gas.left;
  return proven;
}

ledger::Receipt skipped(const TxIds& ids, const Error& why) {
  return {.wtxid = ids.wtxid,
          .txid = ids.txid,
          .status = ledger::TxStatus::skipped,
          .code = std::uint16_t(why.code),
          .bytes = ids.bytes,
          .detail = receipt_text(why.detail)};
}

// Judged against the state below the block, not what the block wrote: only so does the leader know what stands before any of it runs.
Result<Proven> BlockRun::enter(const ledger::SignedTransaction& tx, const TxIds& ids, std::optional<Error>& misfit) {
  auto proven = check_entry(tx, ids, view_, accounts_, block_, window_, cache_);
  auto status = proven ? room_.take(tx.tx, ids.bytes) : Status(std::unexpected(proven.error()));
  if (view_.failure()) return std::unexpected(*view_.failure());
  if (status) {
    window_.record(ids.txid, tx.tx.valid_until);
    return proven;
  }
  if (is_fatal(status.error().code)) return std::unexpected(status.error());
  misfit = std::move(status.error());
  return Proven{};
}

// A reservation holds until the block ends, even if the call fails: whoever could make one for another's purse could keep its
// owner from paying anything. The module `credit` judges the payment itself.
Status BlockRun::may_debit(const ledger::Debit& debit, const Proven& proven, vm::GasMeter& gas) {
  if (equal(debit.purse, ledger::purse_key(ledger::kFaucetPurse))) {
    if (block_.network != ledger::NetworkKind::local) return fail(Errc::denied, "only local networks have a faucet");
    if (debit.max.value > params_.faucet_per_block)
      return fail(Errc::limit, "the faucet gives at most " + std::to_string(params_.faucet_per_block / kMicroPerCredit) + " credits");
    return {};
  }
  const std::string owner(as_text(BytesView(debit.purse).subspan(ledger::purse_key("").size())));
  if (!ledger::valid_account_name(owner)) return fail(Errc::denied, "that purse belongs to no account");
  DOS_ASSIGN(const auto may, satisfied(ledger::account_lock(owner), state_, accounts_, proven, gas));
  if (!may) return fail(Errc::denied, "only " + owner + " may pay from its purse");
  return {};
}

Status BlockRun::reserve_debits(const ledger::Transaction& tx, const Proven& proven, vm::GasMeter& gas) {
  for (const auto& a : tx.access)
    if (auto* d = std::get_if<ledger::Debit>(&a.is)) {
      DOS_TRY(may_debit(*d, proven, gas));
      DOS_TRY(purses_.reserve(d->purse, d->max.value));
    }
  return {};
}

Status BlockRun::settle(const ledger::Transaction& tx, const Proven& proven, Version version, ledger::Receipt& receipt) {
  vm::GasMeter gas{tx.limits.gas.value - proven.gas};
  auto status = AccessSet(tx.access).check_versions(state_, gas);
  if (status) status = reserve_debits(tx, proven, gas);
  const auto used = tx.limits.gas.value - gas.left;
  receipt.gas = charged_gas(tx, used, 0);
  if (!status && status.error().code == Errc::stale) receipt.status = ledger::TxStatus::stale;
  return status ? execute(tx, proven, version, used, receipt) : named(std::move(status), tx);
}

Status BlockRun::execute(const ledger::Transaction& tx, const Proven& proven, Version version, std::uint64_t gas_used,
                         ledger::Receipt& receipt) {
  Execution run({modules_, params_, block_, state_, view_, accounts_, tx, proven, version, gas_used});
  auto status = run.run();
  receipt.gas = charged_gas(tx, run.gas_used, params_.min_call_gas);
  if (!status) {
    receipt.failed_call = run.current_call;
    if (status.error().code == Errc::out_of_gas && status.error().detail.empty()) {
      const auto& call = tx.calls[run.current_call];
      return fail(Errc::out_of_gas, "call " + std::to_string(run.current_call + 1) + " of " + std::to_string(tx.calls.size()) +
                                        " (module " + std::to_string(call.module) + ", number " + std::to_string(call.number) +
                                        ") used up the " + std::to_string(tx.limits.gas.value) + " gas of its transaction");
    }
    return status;
  }
  receipt.rent = Credits{run.rent};
  receipt.returns = std::move(run.returns);
  for (auto& [key, record] : run.overlay.take()) {
    DOS_ASSIGN(const auto before, state_.version(key));
    if (!record && !before) continue;  // made and removed within the transaction
    receipt.writes.push_back({key, record ? version : Version{0}, record ? proof::data_hash(record->data) : Hash{}});
    if (record) state_.put(key, *record);
    else state_.del(key);
  }
  for (const auto& [purse, amount] : run.debits) purses_.take(purse, amount);
  for (const auto& [purse, amount] : run.deposits) purses_.give(purse, amount);
  return {};
}

void BlockRun::charge(const ledger::Transaction& tx, ledger::Receipt& receipt) {
  const std::uint64_t fee = receipt.gas.value * params_.gas_price + receipt.bytes * params_.byte_price;
  receipt.fee = Credits{fee};
  purses_.take(payer_purse(tx), fee + receipt.rent.value);
  purses_.give(ledger::purse_key(ledger::kFeePurse), fee + receipt.rent.value);
}

Result<ledger::Receipt> BlockRun::process(const ledger::SignedTransaction& tx, const TxIds& ids, const Proven& proven) {
  const Version version(block_.height, index_++);
  DOS_CHECK(index_ < Version::kBlockIndex);
  ledger::Receipt receipt{.wtxid = ids.wtxid, .txid = ids.txid, .bytes = ids.bytes};
  const auto end = [&](ledger::TxStatus status, const Error& error) {
    receipt.status = status;
    receipt.code = std::uint16_t(error.code);
    receipt.detail = receipt_text(error.detail);
  };
  auto status = settle(tx.tx, proven, version, receipt);
  if (!status) end(receipt.status == ledger::TxStatus::stale ? ledger::TxStatus::stale : ledger::TxStatus::failed, status.error());
  if (view_.failure()) return std::unexpected(*view_.failure());
  if (!status && is_fatal(status.error().code)) return std::unexpected(status.error());
  charge(tx.tx, receipt);
  return receipt;
}

Status BlockRun::take_steps(std::span<const BlockStep> steps) {
  for (const auto& step : steps) {
    BlockScope scope(step, block_, state_, purses_);
    DOS_TRY(step.run(scope));
    if (view_.failure()) return std::unexpected(*view_.failure());
  }
  return {};
}

Result<store::Delta> BlockRun::finish() {
  store::Delta delta;
  for (auto& [key, record] : state_.take()) {
    if (!record) {  // a key that the block made and removed is no change
      DOS_ASSIGN(const auto before, view_.version(key));
      if (!before) continue;
    }
    delta.emplace(key, std::move(record));
  }
  if (view_.failure()) return std::unexpected(*view_.failure());
  return delta;
}

}  // namespace dos::kernel
