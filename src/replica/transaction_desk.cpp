#include "replica/transaction_desk.hpp"

#include "kernel/block_room.hpp"
#include "ledger/puzzle.hpp"

namespace dos::replica {
namespace {

// Sees whether the last signature that had to be checked was correct: what is looked up, unknown and not added did not verify.
class Watched final : public kernel::SignatureCache {
 public:
  explicit Watched(kernel::SignatureCache& below) : below_(below) {}
  bool known(const Hash& check) const override {
    const bool yes = below_.known(check);
    open_ = !yes;
    return yes;
  }
  void add(const Hash& check) override {
    open_ = false;
    below_.add(check);
  }
  Hash key_id(const crypto::PublicKey& key) override { return below_.key_id(key); }
  crypto::KeyDigest key_digest(const crypto::PublicKey& key) override { return below_.key_digest(key); }
  bool open() const { return open_; }

 private:
  kernel::SignatureCache& below_;
  mutable bool open_ = false;
};

std::uint64_t signatures_in(const ledger::SignedTransaction& tx) {
  std::uint64_t n = 1;  // looking it up
  for (const auto& w : tx.witnesses) {
    const auto* stored = std::get_if<ledger::StoredWitness>(&w.is);
    n += stored != nullptr ? stored->signatures.size() : 1;
  }
  return n;
}

}  // namespace

Result<PoolEntry> Admission::admit(Bytes encoded, ledger::SignedTransaction tx, const Hash& txid) {
  forged_ = false;
  PoolEntry entry;
  const kernel::TxIds ids{txid, ledger::wtxid(txid, tx.witnesses), std::uint32_t(encoded.size())};
  {
    const chain::ReadHold hold(chain_.finals().lock());
    const auto newest = chain_.finals().anchor() ? chain_.finals().anchor()->header.time.value + 1 : 0;
    const TimeMs now{std::max(clock_.wall_ms(), newest)};
    if (const auto height = chain_.finals().store().height(); !state_ || height_ != height) {
      state_.emplace(chain_.finals().store().view());
      height_ = height;
    }
    // What was recorded is looked up by the caller; the block's own check is against the real window.
    const kernel::ReplayWindow none;
    Watched signatures(chain_.signatures());
    const auto admitted = state_->check(chain_.next_context(now), tx, ids, none, signatures);
    forged_ = !admitted && admitted.error().code == Errc::bad_witness && signatures.open();
    if (!admitted) return std::unexpected(admitted.error());
    entry.reserves = admitted->reserves;
    entry.balance = admitted->balance;
  }
  entry.txid = txid;
  entry.wtxid = ids.wtxid;
  entry.account = quota_of(tx);
  // Who wants more than a new account needs waits for the quota to fill, and so behind those who do not.
  if (entry.account == kBareKeys) {
    const bool newcomer = entry.reserves <= kernel::newcomer_needs(chain_.genesis().params);
    entry.rank = ledger::shown_work(txid, tx.witnesses) + (newcomer ? 0 : ledger::kPuzzleBelow);
  }
  entry.encoded = std::move(encoded);
  entry.tx = std::move(tx);
  return entry;
}

TransactionDesk::TransactionDesk(chain::Chain& chain, PoolLimits limits, Clock& clock, net::Outbox& out, std::uint64_t gossip_wait_ns,
                                 Gone gone)
    : chain_(chain),
      clock_(clock),
      admission_(chain, clock),
      pool_(limits),
      gossip_(out, clock, *this, gossip_wait_ns),
      gone_(std::move(gone)) {}

Standing TransactionDesk::standing(const Hash& txid) const {
  if (chain_.unfinal().final_id(txid)) return Standing::recorded;
  return pool_.knows(txid) ? Standing::pending : Standing::unknown;
}

Status TransactionDesk::submit(PoolEntry entry) {
  switch (standing(entry.txid)) {
    case Standing::recorded: return fail(Errc::duplicate, "the transaction is in a final block");
    case Standing::pending: return {};
    case Standing::unknown: break;
  }
  const Hash wtxid = entry.wtxid;
  Bytes encoded = entry.encoded;
  DOS_TRY(add(std::move(entry)));
  gossip_.submitted(wtxid, std::move(encoded));
  return {};
}

Status TransactionDesk::add(PoolEntry entry) {
  std::vector<PoolRef> out;
  auto added = pool_.add(std::move(entry), out);
  added_ += added.has_value();
  for (const auto& lost : out) {
    gossip_.gone(lost->wtxid);
    if (lost->account == kBareKeys) gone_(lost->txid, {Errc::busy, "others without an account showed more work"});
    else gone_(lost->txid, {Errc::pool_full, "others needed the room, and it was the newest of whoever has most waiting here"});
  }
  return added;
}

Status TransactionDesk::received(std::uint16_t from, net::Gossip frame) {
  for (auto& encoded : frame.transactions) DOS_TRY(take(from, std::move(encoded)));
  return {};
}

Status TransactionDesk::take(std::uint16_t from, Bytes encoded) {
  const auto now = clock_.monotonic_ns();
  auto& signatures = signatures_of(from);
  auto tx = encoded.size() > kMaxTransactionBytes ? Result<ledger::SignedTransaction>(fail(Errc::limit))
                                                  : codec::decode<ledger::SignedTransaction>(encoded, "a transaction");
  if (!tx) {
    ++refused_;
    signatures.take(now, kGossipJunkFactor);
    return fail(Errc::malformed, "it passes on what is no transaction");
  }
  const Hash txid = ledger::txid(tx->tx);
  if (standing(txid) != Standing::unknown) {
    gossip_.heard(from, ledger::wtxid(txid, tx->witnesses));
    return {};
  }
  const auto cost = signatures_in(*tx);
  if (!signatures.any(now)) {  // others have it, or it comes again with its block
    ++refused_;
    return {};
  }
  signatures.take(now, cost);
  auto entry = admission_.admit(std::move(encoded), std::move(*tx), txid);
  if (!entry) {
    ++refused_;
    if (!admission_.forged()) return {};  // it may be this node's older state: not worth a word
    signatures.take(now, (kGossipJunkFactor - 1) * cost);
    return fail(Errc::signature_invalid, "it passes on a transaction with a signature that does not verify");
  }
  entry->from = from;
  gossip_.heard(from, entry->wtxid);
  if (!add(std::move(*entry))) ++refused_;
  return {};
}

PoolRef TransactionDesk::finish(const Hash& txid) {
  auto entry = pool_.finish(txid);
  if (entry) gossip_.gone(entry->wtxid);
  return entry;
}

void TransactionDesk::expire(TimeMs time) {
  for (const auto& entry : pool_.expire(time)) {
    gossip_.gone(entry->wtxid);
    gone_(entry->txid, {Errc::expired, "its time passed before a block took it"});
  }
}

void TransactionDesk::give_up(const Hash& txid, const Error& why) {
  if (finish(txid)) gone_(txid, why);
}

const ledger::SignedTransaction* TransactionDesk::find(const Hash& wtxid) const {
  const auto entry = pool_.find_wtxid(wtxid);
  return entry ? &entry->tx : nullptr;
}

void TransactionDesk::each(const std::function<bool(const Hash& wtxid)>& take) const {
  pool_.each([&](const PoolRef& entry) { return take(entry->wtxid); });
}

}  // namespace dos::replica
