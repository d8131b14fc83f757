#include "node/transaction_desk.hpp"

namespace dos::node {

Result<PoolEntry> Admission::admit(Bytes encoded, ledger::SignedTransaction tx, const Hash& txid) {
  PoolEntry entry;
  const kernel::TxIds ids{txid, ledger::wtxid(txid, tx.witnesses), std::uint32_t(encoded.size())};
  {
    std::shared_lock hold(chain_.lock());
    const auto newest = chain_.anchor() ? chain_.anchor()->header.time.value + 1 : 0;
    const TimeMs now{std::max(clock_.wall_ms(), newest)};
    if (const auto height = chain_.store().height(); !state_ || height_ != height) {
      state_.emplace(chain_.store().view());
      height_ = height;
    }
    // What was recorded is looked up by the caller; the block's own check is against the real window.
    const kernel::ReplayWindow none;
    DOS_TRY(state_->check(chain_.next_context(now), tx, ids, none, chain_.signatures()));
  }
  entry.txid = txid;
  entry.wtxid = ids.wtxid;
  entry.account = quota_of(tx);
  entry.encoded = std::move(encoded);
  entry.tx = std::move(tx);
  return entry;
}

TransactionDesk::TransactionDesk(Chain& chain, PoolLimits limits, Clock& clock, net::Outbox& out, std::uint64_t gossip_wait_ns)
    : chain_(chain), admission_(chain, clock), pool_(limits), gossip_(out, clock, *this, gossip_wait_ns) {}

Status TransactionDesk::submit(PoolEntry entry) {
  if (chain_.final_id(entry.txid)) return fail(Errc::duplicate, "the transaction is in a final block");
  if (pool_.knows(entry.txid)) {
    for (auto& w : entry.waiting) DOS_TRY(pool_.join(entry.txid, std::move(w)));
    return {};
  }
  const Hash wtxid = entry.wtxid;
  Bytes encoded = entry.encoded;
  DOS_TRY(pool_.add(std::move(entry)));
  gossip_.submitted(wtxid, std::move(encoded));
  return {};
}

void TransactionDesk::received(std::uint16_t from, net::Gossip frame) {
  for (auto& encoded : frame.transactions) take(from, std::move(encoded));
}

void TransactionDesk::take(std::uint16_t from, Bytes encoded) {
  auto tx = encoded.size() > kMaxTransactionBytes ? Result<ledger::SignedTransaction>(fail(Errc::limit))
                                                  : codec::decode<ledger::SignedTransaction>(encoded, "a transaction");
  if (!tx) {
    ++refused_;
    return;
  }
  const Hash txid = ledger::txid(tx->tx);
  if (pool_.knows(txid) || chain_.final_id(txid)) {
    gossip_.heard(from, ledger::wtxid(txid, tx->witnesses));
    return;
  }
  auto entry = admission_.admit(std::move(encoded), std::move(*tx), txid);
  if (!entry) {  // it may be another node's mistake or this one's older state: not worth a word
    ++refused_;
    return;
  }
  entry->from = from;
  gossip_.heard(from, entry->wtxid);
  if (auto added = pool_.add(std::move(*entry)); !added) ++refused_;
}

PoolRef TransactionDesk::finish(const Hash& txid, const Hash& wtxid, bool recorded) {
  const auto entry = pool_.find(txid);
  // A copy with other witnesses that was skipped says nothing about ours.
  if (!entry || (entry->wtxid != wtxid && !recorded)) return nullptr;
  gossip_.gone(entry->wtxid);
  return pool_.finish(txid);
}

std::vector<PoolRef> TransactionDesk::expire(TimeMs time) {
  auto gone = pool_.expire(time);
  for (const auto& entry : gone) gossip_.gone(entry->wtxid);
  return gone;
}

const ledger::SignedTransaction* TransactionDesk::find(const Hash& wtxid) const {
  const auto entry = pool_.find_wtxid(wtxid);
  return entry ? &entry->tx : nullptr;
}

void TransactionDesk::each(const std::function<bool(const Hash& wtxid)>& take) const {
  pool_.each([&](const PoolRef& entry) { return take(entry->wtxid); });
}

}  // namespace dos::node
