// Transactions that were admitted and wait for a block, in order of arrival. Not thread safe: Node guards it.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "ledger/transaction.hpp"

namespace dos::node {

class Ticket;  // who waits for the outcome (ticket.hpp)
struct Waiting {
  std::shared_ptr<Ticket> ticket;
  std::uint32_t index = 0;  // in the ticket's request
};

struct PoolEntry {
  ledger::SignedTransaction tx;
  Hash txid, wtxid;
  std::uint32_t bytes = 0;       // encoded, with witnesses
  std::string account;           // whose quota it counts against
  std::vector<Waiting> waiting;
};

struct PoolLimits {
  std::uint64_t bytes = 64ull << 20;
  std::uint64_t account_bytes = 24ull << 20;
  std::uint32_t count = 65'536;
  std::uint32_t tickets_per_entry = 64;
};

class Pool {
 public:
  explicit Pool(PoolLimits limits = {}) : limits_(limits) {}

  // Adds a waiter to a transaction that is already here (pending or in the block being made); false if it is not here.
  Result<bool> join(const Hash& txid, Waiting waiting);
  // pool_full, busy (the account's share), conflict (another pending transaction consumes the same version).
  Status add(PoolEntry entry);
  // The next transactions for a block, oldest first, within `max_bytes` and `max_gas`. They stay known until `finish`.
  std::vector<std::shared_ptr<PoolEntry>> take(std::uint64_t max_bytes, std::uint64_t max_gas);
  void finish(std::span<const std::shared_ptr<PoolEntry>> taken);
  std::vector<std::shared_ptr<PoolEntry>> drain();  // everything pending: the node stops

  bool knows(const Hash& txid) const { return known_.contains(txid); }
  bool empty() const { return queue_.empty(); }
  std::size_t count() const { return known_.size(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  void forget(const PoolEntry& entry);

  PoolLimits limits_;
  std::deque<std::shared_ptr<PoolEntry>> queue_;
  std::map<Hash, std::shared_ptr<PoolEntry>> known_;
  std::set<std::pair<Bytes, std::uint64_t>> consumed_;  // exact(key, version)
  std::map<std::string, std::uint64_t> account_bytes_;
  std::uint64_t bytes_ = 0;
};

}  // namespace dos::node
