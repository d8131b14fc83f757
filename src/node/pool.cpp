#include "node/pool.hpp"

namespace dos::node {
namespace {

template <class F>
void each_exact(const PoolEntry& entry, F&& f) {
  for (const auto& a : entry.tx.tx.access)
    if (const auto* exact = std::get_if<ledger::Exact>(&a.is)) f(std::pair(exact->key, exact->version.value));
}

}  // namespace

Result<bool> Pool::join(const Hash& txid, Waiting waiting) {
  const auto it = known_.find(txid);
  if (it == known_.end()) return false;
  if (it->second->waiting.size() >= limits_.tickets_per_entry)
    return fail(Errc::busy, "too many requests wait for the same transaction");
  it->second->waiting.push_back(std::move(waiting));
  return true;
}

Status Pool::add(PoolEntry entry) {
  if (known_.size() >= limits_.count || bytes_ + entry.bytes > limits_.bytes)
    return fail(Errc::pool_full, "the pool holds " + std::to_string(bytes_) + " bytes in " + std::to_string(known_.size()) +
                                     " transactions");
  if (const auto it = account_bytes_.find(entry.account);
      it != account_bytes_.end() && it->second + entry.bytes > limits_.account_bytes)
    return fail(Errc::busy, entry.account + " has " + std::to_string(it->second) + " bytes waiting in the pool, the most one may have is " +
                                std::to_string(limits_.account_bytes));
  bool taken = false;
  each_exact(entry, [&](auto&& consumed) { taken = taken || consumed_.contains(consumed); });
  if (taken) return fail(Errc::conflict, "a pending transaction already consumes this version of the object");

  auto shared = std::make_shared<PoolEntry>(std::move(entry));
  each_exact(*shared, [&](auto&& consumed) { consumed_.insert(consumed); });
  account_bytes_[shared->account] += shared->bytes;
  bytes_ += shared->bytes;
  known_.emplace(shared->txid, shared);
  queue_.push_back(std::move(shared));
  return {};
}

std::vector<std::shared_ptr<PoolEntry>> Pool::take(std::uint64_t max_bytes, std::uint64_t max_gas) {
  std::vector<std::shared_ptr<PoolEntry>> taken;
  std::uint64_t bytes = 0, gas = 0;
  while (!queue_.empty()) {
    const auto& next = *queue_.front();
    const auto limit = next.tx.tx.limits.gas.value;
    if (!taken.empty() && (bytes + next.bytes > max_bytes || gas + limit > max_gas)) break;
    bytes += next.bytes;
    gas += limit;
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return taken;
}

void Pool::forget(const PoolEntry& entry) {
  each_exact(entry, [&](auto&& consumed) { consumed_.erase(consumed); });
  bytes_ -= entry.bytes;
  const auto it = account_bytes_.find(entry.account);
  it->second -= entry.bytes;
  if (it->second == 0) account_bytes_.erase(it);
}

void Pool::finish(std::span<const std::shared_ptr<PoolEntry>> taken) {
  for (const auto& entry : taken)
    if (known_.erase(entry->txid) > 0) forget(*entry);
}

std::vector<std::shared_ptr<PoolEntry>> Pool::drain() {
  std::vector<std::shared_ptr<PoolEntry>> all(queue_.begin(), queue_.end());
  queue_.clear();
  finish(all);
  return all;
}

}  // namespace dos::node
