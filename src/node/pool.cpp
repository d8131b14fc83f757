#include "node/pool.hpp"

#include <algorithm>

namespace dos::node {
namespace {

std::string sender_of(const ledger::SignedTransaction& tx) {
  const auto* account = std::get_if<ledger::AccountSender>(&tx.tx.sender.is);
  return account != nullptr ? account->account : std::string();
}

// Only for one's own: a version that a stranger names is not thereby taken, which of two stands is for the block to say.
template <class F>
void each_consumed(const PoolEntry& entry, F&& f) {
  const auto sender = sender_of(entry.tx);
  if (sender.empty()) return;
  for (const auto& a : entry.tx.tx.access)
    if (const auto* exact = std::get_if<ledger::Exact>(&a.is)) f(std::tuple(sender, exact->key, exact->version.value));
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
  const auto sender = sender_of(tx);
  return sender.empty() ? kBareKeys : sender;
}

Result<bool> Pool::join(const Hash& txid, Waiting waiting) {
  const auto it = known_.find(txid);
  if (it == known_.end()) return false;
  if (it->second->waiting.size() >= limits_.tickets_per_entry) return fail(Errc::busy, "too many requests wait for the same transaction");
  it->second->waiting.push_back(std::move(waiting));
  return true;
}

Status Pool::fits_pool(const PoolEntry& entry) const {
  const std::uint64_t bytes = entry.encoded.size();
  if (known_.contains(entry.txid)) return fail(Errc::duplicate, "the transaction waits here already");
  if (known_.size() >= limits_.count || bytes_ + bytes > limits_.bytes)
    return fail(Errc::pool_full,
                "the pool holds " + std::to_string(bytes_) + " bytes in " + std::to_string(known_.size()) + " transactions");
  const bool foreign = entry.from != PoolEntry::kHere;
  if (foreign && (peers_bytes_ + bytes > limits_.peers_bytes || share(peer_bytes_, entry.from) + bytes > limits_.peer_bytes ||
                  known_.size() >= limits_.count / 4 * 3))
    return fail(Errc::busy, "the share of what other validators sent is used up");
  bool taken = false;
  each_consumed(entry, [&](auto&& consumed) { taken = taken || consumed_.contains(consumed); });
  if (taken) return fail(Errc::stale, "a pending transaction of the same sender already consumes this version of the object");
  return {};
}

// What a purse does not cover would only wait for the block in which it can be paid.
Status Pool::fits_line(const PoolEntry& entry, const Line& line) const {
  const auto has = [&] { return entry.account + " has " + std::to_string(line.entries.size()) + " transactions waiting in the pool"; };
  if (line.entries.size() >= limits_.account_count)
    return fail(Errc::busy, has() + ", the most one may have is " + std::to_string(limits_.account_count));
  if (line.bytes + entry.encoded.size() > limits_.account_bytes)
    return fail(Errc::busy,
                has() + ", of " + std::to_string(line.bytes) + " bytes; the most one may have is " + std::to_string(limits_.account_bytes));
  if (line.reserved > 0 && entry.reserves > entry.balance - std::min(entry.balance, line.reserved))
    return fail(Errc::busy, has() + " that may cost " + std::to_string(line.reserved) + " millionths of a credit of the " +
                                std::to_string(entry.balance) + " in its purse: this one has to wait until some are final");
  return {};
}

Result<std::vector<Hash>> Pool::make_room(const PoolEntry& entry, const Line& bare) const {
  std::vector<Hash> go;
  std::uint64_t bytes = bare.bytes + entry.encoded.size();
  for (auto last = bare.entries.end(); bare.entries.size() - go.size() >= limits_.bare_count || bytes > limits_.bare_bytes;) {
    if (last == bare.entries.begin() || (--last)->first.first <= entry.rank)
      return fail(Errc::busy, "the share of keys without an account is used up by " + std::to_string(bare.entries.size()) +
                                  " transactions that show as much work");
    bytes -= last->second->encoded.size();
    go.push_back(last->second->txid);
  }
  return go;
}

Status Pool::add(PoolEntry entry, std::vector<PoolRef>& out) {
  DOS_TRY(fits_pool(entry));
  static const Line empty;
  const auto place = lines_.find(entry.account);
  const auto& there = place == lines_.end() ? empty : place->second;
  if (entry.account == kBareKeys) {
    DOS_ASSIGN(const auto go, make_room(entry, there));
    for (const auto& txid : go) out.push_back(finish(txid));
  } else {
    DOS_TRY(fits_line(entry, there));
  }
  const std::uint64_t bytes = entry.encoded.size();
  auto shared = std::make_shared<PoolEntry>(std::move(entry));
  each_consumed(*shared, [&](auto&& consumed) { consumed_.insert(std::move(consumed)); });
  shared->number = next_++;
  auto& line = lines_[shared->account];
  line.bytes += bytes;
  line.reserved += shared->reserves;
  line.entries.emplace(Place{shared->rank, shared->number}, shared);
  bytes_ += bytes;
  if (shared->from != PoolEntry::kHere) {
    peer_bytes_[shared->from] += bytes;
    peers_bytes_ += bytes;
  }
  by_time_.emplace(shared->tx.tx.valid_until.value, shared->txid);
  known_.emplace(shared->txid, shared);
  by_wtxid_.emplace(shared->wtxid, shared);
  queue_.emplace(shared->number, std::move(shared));
  return {};
}

// One block's going round the lines.
class Pool::Choice {
 public:
  Choice(const std::set<Hash>& carried, TimeMs time, const Judge& judge) : carried_(carried), time_(time), judge_(judge) {}

  struct Turn {
    Lines::const_iterator line;
    std::map<Place, PoolRef>::const_iterator at;
    std::uint32_t passed = 0;
  };
  // Takes the line's next that fits. False: the line is left for this block.
  bool next(Turn& turn) {
    const auto& entries = turn.line->second.entries;
    while (turn.at != entries.end() && !over_) {
      const auto& entry = (turn.at++)->second;
      if (entry->tx.tx.valid_until < time_ || carried_.contains(entry->txid)) continue;
      const auto fit = judge_(entry);
      over_ = fit == Fit::full;
      if (over_) return false;
      last = &entry->account;
      if (fit == Fit::taken) {
        chosen.push_back(entry);
        return turn.at != entries.end();
      }
      over_ = ++passed_ >= kPassedOver;
      if (++turn.passed >= kPassedOverInLine) return false;
    }
    return false;
  }
  bool over() const { return over_; }
  std::vector<PoolRef> chosen;
  const std::string* last = nullptr;  // whose was looked at last

 private:
  const std::set<Hash>& carried_;
  const TimeMs time_;
  const Judge& judge_;
  std::uint32_t passed_ = 0;
  bool over_ = false;
};

std::vector<PoolRef> Pool::choose(const std::set<Hash>& carried, TimeMs time, const Judge& judge) {
  Choice choice(carried, time, judge);
  std::vector<Choice::Turn> going, still;
  auto at = lines_.upper_bound(last_turn_);
  for (std::size_t n = lines_.size(); n > 0 && !choice.over(); --n, ++at) {
    if (at == lines_.end()) at = lines_.begin();
    Choice::Turn turn{at, at->second.entries.begin()};
    if (choice.next(turn)) going.push_back(turn);
  }
  while (!going.empty() && !choice.over()) {
    for (auto& turn : going)
      if (choice.next(turn)) still.push_back(turn);
    going = std::exchange(still, {});
  }
  if (choice.last != nullptr) last_turn_ = *choice.last;
  return std::move(choice.chosen);
}

PoolRef Pool::finish(const Hash& txid) {
  const auto it = known_.find(txid);
  if (it == known_.end()) return nullptr;
  auto entry = std::move(it->second);
  known_.erase(it);
  by_wtxid_.erase(entry->wtxid);
  queue_.erase(entry->number);
  by_time_.erase({entry->tx.tx.valid_until.value, entry->txid});
  each_consumed(*entry, [&](auto&& consumed) { consumed_.erase(consumed); });
  const std::uint64_t bytes = entry->encoded.size();
  bytes_ -= bytes;
  const auto line = lines_.find(entry->account);
  line->second.entries.erase({entry->rank, entry->number});
  line->second.bytes -= bytes;
  line->second.reserved -= entry->reserves;
  if (line->second.entries.empty()) lines_.erase(line);
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

std::size_t Pool::bare_keys() const {
  const auto line = lines_.find(kBareKeys);
  return line == lines_.end() ? 0 : line->second.entries.size();
}

}  // namespace dos::node
