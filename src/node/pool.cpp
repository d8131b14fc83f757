#include "node/pool.hpp"

namespace dos::node {
namespace {

template <class F>
void each_exact(const PoolEntry& entry, F&& f) {
  for (const auto& a : entry.tx.tx.access)
    if (const auto* exact = std::get_if<ledger::Exact>(&a.is)) f(std::pair(exact->key, exact->version.value));
}

template <class Map, class Key>
void take_off(Map& shares, const Key& key, std::uint64_t bytes) {
  const auto it = shares.find(key);
  it->second -= bytes;
  if (it->second == 0) shares.erase(it);
}

template <class Map, class Key>
std::uint64_t share(const Map& shares, const Key& key) {
  const auto it = shares.find(key);
  return it == shares.end() ? 0 : it->second;
}

}  // namespace

std::string quota_of(const ledger::SignedTransaction& tx) {
  if (!tx.tx.payer.empty()) return tx.tx.payer;
  if (const auto* account = std::get_if<ledger::AccountSender>(&tx.tx.sender.is)) return account->account;
  return "bare keys";
}

Result<bool> Pool::join(const Hash& txid, Waiting waiting) {
  const auto it = known_.find(txid);
  if (it == known_.end()) return false;
  if (it->second->waiting.size() >= limits_.tickets_per_entry) return fail(Errc::busy, "too many requests wait for the same transaction");
  it->second->waiting.push_back(std::move(waiting));
  return true;
}

Status Pool::add(PoolEntry entry) {
  const std::uint64_t bytes = entry.encoded.size();
  if (known_.contains(entry.txid)) return fail(Errc::duplicate, "the transaction waits here already");
  if (known_.size() >= limits_.count || bytes_ + bytes > limits_.bytes)
    return fail(Errc::pool_full,
                "the pool holds " + std::to_string(bytes_) + " bytes in " + std::to_string(known_.size()) + " transactions");
  const bool foreign = entry.from != PoolEntry::kHere;
  if (foreign && (peers_bytes_ + bytes > limits_.peers_bytes || share(peer_bytes_, entry.from) + bytes > limits_.peer_bytes ||
                  known_.size() >= limits_.count / 4 * 3))
    return fail(Errc::busy, "the share of what other validators sent is used up");
  if (const auto has = share(account_bytes_, entry.account); has + bytes > limits_.account_bytes)
    return fail(Errc::busy, entry.account + " has " + std::to_string(has) + " bytes waiting in the pool, the most one may have is " +
                                std::to_string(limits_.account_bytes));
  bool taken = false;
  each_exact(entry, [&](auto&& consumed) { taken = taken || consumed_.contains(consumed); });
  if (taken) return fail(Errc::stale, "a pending transaction already consumes this version of the object");

  auto shared = std::make_shared<PoolEntry>(std::move(entry));
  each_exact(*shared, [&](auto&& consumed) { consumed_.insert(consumed); });
  account_bytes_[shared->account] += bytes;
  bytes_ += bytes;
  if (foreign) {
    peer_bytes_[shared->from] += bytes;
    peers_bytes_ += bytes;
  }
  shared->number = next_++;
  by_time_.emplace(shared->tx.tx.valid_until.value, shared->txid);
  known_.emplace(shared->txid, shared);
  by_wtxid_.emplace(shared->wtxid, shared);
  queue_.emplace(shared->number, std::move(shared));
  return {};
}

std::vector<PoolRef> Pool::choose(std::uint64_t max_bytes, std::uint64_t max_gas, TimeMs time, const std::set<Hash>& carried) const {
  std::vector<PoolRef> chosen;
  std::uint64_t bytes = 0, gas = 0;
  for (const auto& [_, entry] : queue_) {
    if (entry->tx.tx.valid_until < time || carried.contains(entry->txid)) continue;
    const auto limit = entry->tx.tx.limits.gas.value;
    if (!chosen.empty() && (bytes + entry->encoded.size() > max_bytes || gas + limit > max_gas)) break;
    bytes += entry->encoded.size();
    gas += limit;
    chosen.push_back(entry);
  }
  return chosen;
}

PoolRef Pool::finish(const Hash& txid) {
  const auto it = known_.find(txid);
  if (it == known_.end()) return nullptr;
  auto entry = std::move(it->second);
  known_.erase(it);
  by_wtxid_.erase(entry->wtxid);
  queue_.erase(entry->number);
  by_time_.erase({entry->tx.tx.valid_until.value, txid});
  each_exact(*entry, [&](auto&& consumed) { consumed_.erase(consumed); });
  const std::uint64_t bytes = entry->encoded.size();
  bytes_ -= bytes;
  take_off(account_bytes_, entry->account, bytes);
  if (entry->from != PoolEntry::kHere) {
    take_off(peer_bytes_, entry->from, bytes);
    peers_bytes_ -= bytes;
  }
  return entry;
}

std::vector<PoolRef> Pool::expire(TimeMs time) {
  std::vector<PoolRef> gone;
  while (!by_time_.empty() && by_time_.begin()->first < time.value) gone.push_back(finish(Hash(by_time_.begin()->second)));
  return gone;
}

std::vector<PoolRef> Pool::drain() {
  std::vector<PoolRef> all;
  while (!queue_.empty()) all.push_back(finish(Hash(queue_.begin()->second->txid)));
  return all;
}

PoolRef Pool::find(const Hash& txid) const {
  const auto it = known_.find(txid);
  return it == known_.end() ? nullptr : it->second;
}

PoolRef Pool::find_wtxid(const Hash& wtxid) const {
  const auto it = by_wtxid_.find(wtxid);
  return it == by_wtxid_.end() ? nullptr : it->second;
}

void Pool::each(const std::function<bool(const PoolRef&)>& f) const {
  for (const auto& [_, entry] : queue_)
    if (!f(entry)) return;
}

}  // namespace dos::node
