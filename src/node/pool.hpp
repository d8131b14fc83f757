// Transactions that were admitted and are in no final block, in order of arrival. Those that an unfinal block carries stay
// here: if that block loses, they go into another. Not thread safe: the replica's driver alone uses it.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "base/hash_table.hpp"
#include "ledger/transaction.hpp"

namespace dos::node {

class Ticket;  // who waits for the outcome (ticket.hpp)
struct Waiting {
  std::shared_ptr<Ticket> ticket;
  std::uint32_t index = 0;  // in the ticket's request
};

struct PoolEntry {
  static constexpr std::uint16_t kHere = 0xFFFF;  // handed in by a client of this node
  ledger::SignedTransaction tx;
  Bytes encoded;                 // BCS of `tx`
  Hash txid, wtxid;
  std::string account;           // whose quota it counts against
  std::uint16_t from = kHere;    // the validator that sent it
  std::vector<Waiting> waiting;
  // the pool's
  std::uint64_t number = 0;      // of arrival
};
using PoolRef = std::shared_ptr<PoolEntry>;

struct PoolLimits {
  std::uint64_t bytes = 64ull << 20;
  std::uint64_t account_bytes = 24ull << 20;
  std::uint64_t peers_bytes = 40ull << 20;  // of what peers sent together: the rest is for this node's own clients
  std::uint64_t peer_bytes = 16ull << 20;   // of what one peer sent
  std::uint32_t count = 65'536;
  std::uint32_t tickets_per_entry = 64;
};

class Pool {
 public:
  explicit Pool(PoolLimits limits = {}) : limits_(limits) {}

  // Adds a waiter to a transaction that is already here; false if it is not here.
  Result<bool> join(const Hash& txid, Waiting waiting);
  // pool_full, busy (the account's or the peer's share), conflict (another pending transaction consumes the same version),
  // duplicate.
  Status add(PoolEntry entry);
  // For a block on top of one whose unfinal ancestors hold `carried`: oldest first, within `max_bytes` and `max_gas`, only
  // what may still stand in a block of that time. They stay here.
  std::vector<PoolRef> choose(std::uint64_t max_bytes, std::uint64_t max_gas, TimeMs time, const std::set<Hash>& carried) const;
  PoolRef finish(const Hash& txid);         // it is final, or given up; null if it is not here
  std::vector<PoolRef> expire(TimeMs time); // those whose time has passed, taken out
  std::vector<PoolRef> drain();             // everything: the node stops

  PoolRef find(const Hash& txid) const;
  PoolRef find_wtxid(const Hash& wtxid) const;
  void each(const std::function<bool(const PoolRef&)>& f) const;  // oldest first, until it returns false
  bool knows(const Hash& txid) const { return known_.contains(txid); }
  std::size_t count() const { return known_.size(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  PoolLimits limits_;
  std::map<std::uint64_t, PoolRef> queue_;  // by number
  HashMap<PoolRef> known_, by_wtxid_;
  std::set<std::pair<std::uint64_t, Hash>> by_time_;           // valid_until
  std::set<std::pair<Bytes, std::uint64_t>> consumed_;         // exact(key, version)
  std::map<std::string, std::uint64_t> account_bytes_;
  std::map<std::uint16_t, std::uint64_t> peer_bytes_;
  std::uint64_t bytes_ = 0, peers_bytes_ = 0, next_ = 0;
};

// Whose share of the pool a transaction counts against: who pays.
std::string quota_of(const ledger::SignedTransaction& tx);

}  // namespace dos::node
