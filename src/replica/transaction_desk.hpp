// Transactions on this node: the pool, what clients hand in, what other validators send, what goes out to them.
#pragma once
#include <map>

#include "chain/chain.hpp"
#include "net/gossip.hpp"
#include "net/work.hpp"
#include "replica/pool.hpp"

namespace dos::replica {

// Signatures that one other validator may have this node check before they are of use: above what clients of one node hand in.
inline constexpr net::WorkLimit kGossipSignatures{20'000, 40'000};
inline constexpr std::uint64_t kGossipJunkFactor = 10;  // what one that is wrong costs its sender

// Checks of transactions against the last final state, before they may wait: shape, window, signatures, payer. Takes
// chain.finals().lock(); one thread's. The signatures it finds correct are remembered, so that execution does not check them again.
class Admission {
 public:
  Admission(const chain::Chain& chain, Clock& clock) : chain_(chain), clock_(clock) {}
  Result<PoolEntry> admit(Bytes encoded, ledger::SignedTransaction tx, const Hash& txid);
  bool forged() const { return forged_; }  // the last one has a signature that no key made: no state can heal that

 private:
  const chain::Chain& chain_;
  Clock& clock_;
  Height height_;  // of the state that was read
  std::optional<kernel::Admissions> state_;
  bool forged_ = false;
};

enum class Standing : std::uint8_t { unknown, pending, recorded };  // waits in the pool; is in a final block of the replay window

class TransactionDesk final : public net::PendingTransactions {
 public:
  // `gone`: of one that waited here and will be in no block, and why.
  using Gone = std::function<void(const Hash& txid, const Error& why)>;
  TransactionDesk(chain::Chain& chain, PoolLimits limits, Clock& clock, net::Outbox& out, std::uint64_t gossip_wait_ns, Gone gone);

  Standing standing(const Hash& txid) const;  // what this node knows of it
  // Of a client of this node, admitted; nothing is to be done where it waits already. duplicate: it is final; pool_full, busy, conflict.
  Status submit(PoolEntry entry);
  // malformed, signature_invalid: no honest validator sends what it did not check. Those before it in the frame were taken.
  Status received(std::uint16_t from, net::Gossip frame);
  Pool& pool() { return pool_; }
  const Pool& pool() const { return pool_; }
  PoolRef finish(const Hash& txid);  // in a final block; null: it was not waiting here
  void expire(TimeMs time);
  void give_up(const Hash& txid, const Error& why);  // no block can take it

  const net::TransactionGossip& gossip() const { return gossip_; }
  void block_final() { gossip_.block_final(); }
  void peer_up(std::uint16_t peer) { gossip_.peer_up(peer); }
  void peer_down(std::uint16_t peer) { gossip_.peer_down(peer); }
  void wake() { gossip_.wake(); }
  std::optional<std::uint64_t> deadline_ns() const { return gossip_.deadline_ns(); }
  std::uint64_t refused() const { return refused_; }  // of what others sent
  std::uint64_t added() const { return added_; }      // to the pool, since the start

  const ledger::SignedTransaction* find(const Hash& wtxid) const override;
  void each(const std::function<bool(const Hash& wtxid)>& take) const override;

 private:
  Status take(std::uint16_t from, Bytes encoded);
  net::Allowance& signatures_of(std::uint16_t peer) { return signatures_.try_emplace(peer, kGossipSignatures).first->second; }
  Status add(PoolEntry entry);

  chain::Chain& chain_;
  Clock& clock_;
  Admission admission_;
  Pool pool_;
  net::TransactionGossip gossip_;
  Gone gone_;
  std::map<std::uint16_t, net::Allowance> signatures_;  // by validator of the set: a new link gives no new one
  std::uint64_t refused_ = 0, added_ = 0;
};

}  // namespace dos::replica
