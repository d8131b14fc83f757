#include "kernel/selection.hpp"

#include "kernel/block_run.hpp"

namespace dos::kernel {
namespace {

// What the calls of a transaction may take from the purse that pays for it.
std::uint64_t own_debits(const ledger::Transaction& tx, BytesView purse) {
  if (is_sponsored(tx)) return 0;  // which takes nothing from the sponsor's purse, whatever it declares
  std::uint64_t sum = 0;
  for (const auto& a : tx.access)
    if (const auto* debit = std::get_if<ledger::Debit>(&a.is); debit && equal(debit->purse, purse))
      sum = debit->max.value > UINT64_MAX - sum ? UINT64_MAX : sum + debit->max.value;
  return sum;
}

}  // namespace

struct Selection::Impl {
  Impl(const store::StateView& state, const BlockContext& b, const ledger::Params& p, const ReplayWindow& w, SignatureCache& c)
      : view(state), accounts(view), block(b), params(p), window(w), cache(c), purses(view), room(block, params, purses) {}

  Result<Verdict> take(const ledger::SignedTransaction& tx, const TxIds& ids);
  Verdict judge(const ledger::SignedTransaction& tx, const TxIds& ids);
  bool alone(const ledger::SignedTransaction& tx, const TxIds& ids) const;

  WatchedView view;
  Accounts accounts;
  const BlockContext block;
  const ledger::Params params;
  const ReplayWindow& window;
  SignatureCache& cache;
  Purses purses;
  BlockRoom room;
  HashSet ids_taken;
  std::uint64_t bytes = 0;
};

// Whether an empty block would have room, once time has filled the sponsor's quota.
bool Selection::Impl::alone(const ledger::SignedTransaction& tx, const TxIds& ids) const {
  Purses untouched(view);
  auto late = block;
  late.parent_time.value = late.time.value - std::min(late.time.value, kSponsorQuotaMs);
  return BlockRoom(late, params, untouched).take(tx.tx, ids.bytes).has_value();
}

Selection::Verdict Selection::Impl::judge(const ledger::SignedTransaction& tx, const TxIds& ids) {
  // Cheapest first: most of what a full block turns away is turned away here.
  const bool first = bytes == 0;
  if (!first && (tx.tx.limits.gas.value > room.gas_left() || bytes + ids.bytes > params.block_bytes))
    return {Fit::later, {Errc::limit, "the block is full"}};
  if (ids_taken.contains(ids.txid)) return {Fit::never, {Errc::duplicate, {}}};
  const auto proven = check_entry(tx, ids, view, accounts, block, window, &cache);
  if (!proven) return {proven.error().code == Errc::expired ? Fit::later : Fit::never, proven.error()};
  // A payment behind others of its purse waits for what they leave, where it would fail beside them.
  const auto purse = payer_purse(tx.tx);
  const auto debits = own_debits(tx.tx, purse);
  const auto fee = reservation(tx.tx, params);
  const auto state = purses.look(purse);
  if (fee && state && state->reserved > 0 && (*fee > state->free || debits > state->free - *fee))
    return {Fit::later, {Errc::funds, "its payer's other transactions go first"}};
  if (auto taken = room.take(tx.tx, ids.bytes); !taken) return {alone(tx, ids) ? Fit::later : Fit::never, taken.error()};
  if (fee && state) (void)purses.reserve(purse, std::min(debits, state->free - *fee));
  bytes += ids.bytes;
  ids_taken.insert(ids.txid);
  return {Fit::taken, {}};
}

Result<Selection::Verdict> Selection::Impl::take(const ledger::SignedTransaction& tx, const TxIds& ids) {
  auto verdict = judge(tx, ids);
  if (auto failed = view.take_failure()) return std::unexpected(std::move(*failed));
  if (verdict.fit != Fit::taken && is_fatal(verdict.why.code)) return std::unexpected(std::move(verdict.why));
  return verdict;
}

Selection::Selection(const store::StateView& view, const BlockContext& block, const ledger::Params& params, const ReplayWindow& window,
                     SignatureCache& cache)
    : impl_(new Impl(view, block, params, window, cache)) {}
Selection::Selection(Selection&&) noexcept = default;
Selection::~Selection() = default;

Result<Selection::Verdict> Selection::take(const ledger::SignedTransaction& tx, const TxIds& ids) { return impl_->take(tx, ids); }

bool Selection::full() const {
  return impl_->bytes > 0 && (impl_->room.gas_left() < impl_->params.min_call_gas || impl_->bytes >= impl_->params.block_bytes);
}

}  // namespace dos::kernel
