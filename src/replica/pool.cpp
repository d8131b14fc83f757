#include "replica/pool.hpp"

#include <algorithm>

namespace dos::replica {
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

std::uint64_t over(std::uint64_t held, std::uint64_t most) { return held - std::min(held, most); }

}  // namespace

std::string quota_of(const ledger::SignedTransaction& tx) {
  if (!tx.tx.payer.empty()) return tx.tx.payer;
  const auto sender = sender_of(tx);
  return sender.empty() ? kBareKeys : sender;
}

// Who goes for the one that comes.
struct Pool::Leaving {
  std::vector<Hash> ids;
  std::set<std::uint64_t> numbers;
  std::uint64_t bytes = 0, peers_bytes = 0, peers_count = 0;
  void add(const PoolEntry& entry) {
    if (!numbers.insert(entry.number).second) return;
    ids.push_back(entry.txid);
    bytes += entry.encoded.size();
    if (entry.from == PoolEntry::kHere) return;
    peers_bytes += entry.encoded.size();
    ++peers_count;
  }
};

Status Pool::fits_pool(const PoolEntry& entry) const {
  if (known_.contains(entry.txid)) return fail(Errc::duplicate, "the transaction waits here already");
  bool taken = false;
  each_consumed(entry, [&](auto&& consumed) { taken = taken || consumed_.contains(consumed); });
  if (taken) return fail(Errc::stale, "a pending transaction of the same sender already consumes this version of the object");
  return {};
}

// The newest of the peer that sent most goes, if that is more than this one then has.
Status Pool::fits_peers(const PoolEntry& entry, Leaving& leaving) const {
  const std::uint64_t bytes = entry.encoded.size();
  static const Peer none;
  const auto at = peers_.find(entry.from);
  const auto& own = at == peers_.end() ? none : at->second;
  const auto refused = fail(Errc::busy, "the share of what other validators sent is used up");
  if (own.bytes + bytes > limits_.peer_bytes || own.entries.size() + 1 > limits_.count / 4) return refused;
  const auto lacks = [&] {
    return over(peers_bytes_ - leaving.peers_bytes + bytes, limits_.peers_bytes) > 0 ||
           over(peers_count_ - leaving.peers_count + 1, limits_.count / 4 * 3) > 0;
  };
  if (!lacks()) return {};
  const auto size = [&](const Peer& peer) { return size_of(peer.bytes, peer.entries.size()); };
  const auto most = std::ranges::max_element(peers_, {}, [&](const auto& peer) { return size(peer.second); });
  if (most == peers_.end()) return refused;
  auto left = size(most->second);
  for (auto last = most->second.entries.rbegin(); lacks() && last != most->second.entries.rend(); ++last) {
    if (left <= size_of(own.bytes + bytes, own.entries.size() + 1)) return refused;
    left -= size_of(last->second->encoded.size(), 1);
    leaving.add(*last->second);
  }
  return lacks() ? Status(refused) : Status{};
}

// Likewise of the line that has most. What peers sent keeps nothing out that a client of this node handed in.
Status Pool::fits_all(const PoolEntry& entry, const Line& line, Leaving& leaving) const {
  const std::uint64_t bytes = entry.encoded.size();
  const auto lacks = [&] {
    return over(bytes_ - leaving.bytes + bytes, limits_.bytes) > 0 || over(known_.size() - leaving.ids.size() + 1, limits_.count) > 0;
  };
  if (!lacks()) return {};
  const auto full = fail(Errc::pool_full, "the pool holds " + std::to_string(bytes_) + " bytes in " + std::to_string(known_.size()) +
                                              " transactions, and nobody has more waiting than " + entry.account);
  if (by_size_.empty() || by_size_.rbegin()->second == entry.account) return full;
  const auto& most = lines_.find(by_size_.rbegin()->second)->second;
  const auto size = size_of(line.bytes + bytes, line.entries.size() + 1);
  auto left = size_of(most);
  const auto take = [&](const PoolEntry& last) {
    if (left <= size) return false;
    left -= size_of(last.encoded.size(), 1);
    leaving.add(last);
    return true;
  };
  for (auto last = most.foreign.rbegin(); lacks() && last != most.foreign.rend(); ++last)
    if (!take(*most.entries.find(*last)->second)) return full;
  if (entry.from == PoolEntry::kHere)
    for (auto last = most.entries.rbegin(); lacks() && last != most.entries.rend(); ++last)
      if (!leaving.numbers.contains(last->second->number) && !take(*last->second)) return full;
  return lacks() ? Status(full) : Status{};
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

Status Pool::make_room(const PoolEntry& entry, const Line& bare, Leaving& leaving) const {
  std::uint64_t bytes = bare.bytes + entry.encoded.size();
  for (auto last = bare.entries.end(); bare.entries.size() - leaving.ids.size() >= limits_.bare_count || bytes > limits_.bare_bytes;) {
    if (last == bare.entries.begin() || (--last)->first.first <= entry.rank)
      return fail(Errc::busy, "the share of keys without an account is used up by " + std::to_string(bare.entries.size()) +
                                  " transactions that show as much work");
    bytes -= last->second->encoded.size();
    leaving.add(*last->second);
  }
  return {};
}

Status Pool::add(PoolEntry entry, std::vector<PoolRef>& out) {
  DOS_TRY(fits_pool(entry));
  static const Line empty;
  const auto place = lines_.find(entry.account);
  const auto& there = place == lines_.end() ? empty : place->second;
  Leaving leaving;
  if (entry.account == kBareKeys) DOS_TRY(make_room(entry, there, leaving));
  else DOS_TRY(fits_line(entry, there));
  if (entry.from != PoolEntry::kHere) DOS_TRY(fits_peers(entry, leaving));
  DOS_TRY(fits_all(entry, there, leaving));
  for (const auto& txid : leaving.ids) out.push_back(finish(txid));
  const std::uint64_t bytes = entry.encoded.size();
  auto shared = std::make_shared<PoolEntry>(std::move(entry));
  each_consumed(*shared, [&](auto&& consumed) { consumed_.insert(std::move(consumed)); });
  shared->number = next_++;
  auto& line = lines_[shared->account];
  by_size_.erase({size_of(line), shared->account});
  line.bytes += bytes;
  line.reserved += shared->reserves;
  line.entries.emplace(Place{shared->rank, shared->number}, shared);
  by_size_.emplace(size_of(line), shared->account);
  bytes_ += bytes;
  if (shared->from != PoolEntry::kHere) {
    line.foreign.emplace(shared->rank, shared->number);
    auto& peer = peers_[shared->from];
    peer.bytes += bytes;
    peer.entries.emplace(shared->number, shared);
    peers_bytes_ += bytes;
    ++peers_count_;
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
    std::uint32_t passed = 0, never = 0;
    bool taken = false;
  };
  // Takes the line's next that fits. False: the line is left for this block.
  bool next(Turn& turn) {
    const auto& entries = turn.line->second.entries;
    const auto& account = turn.line->first;
    while (turn.at != entries.end() && !over_) {
      const auto& entry = (turn.at++)->second;
      if (entry->tx.tx.valid_until < time_ || carried_.contains(entry->txid)) continue;
      const auto fit = judge_(entry);
      over_ = fit == Fit::full;
      if (over_) return false;
      looked = &account;
      if (fit == Fit::taken) {
        served = &account;
        turn.taken = true;
        chosen.push_back(entry);
        return turn.at != entries.end();
      }
      over_ = ++passed_ >= kPassedOver;
      if (fit == Fit::never) {
        if (++turn.never >= kNeverInLine) return false;
        continue;
      }
      if (owed == nullptr && !turn.taken && !chosen.empty()) owed = &account;
      if (++turn.passed >= kPassedOverInLine) return false;
    }
    return false;
  }
  bool over() const { return over_; }
  std::vector<PoolRef> chosen;
  const std::string* looked = nullptr;  // whose was looked at last
  const std::string* served = nullptr;  // who was taken from last
  const std::string* owed = nullptr;    // the first whom those before it left no room: it begins the next block

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
  auto at = turn_is_ ? lines_.lower_bound(turn_) : lines_.upper_bound(turn_);
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
  turn_is_ = choice.owed != nullptr;
  const auto* turn = turn_is_ ? choice.owed : choice.served != nullptr ? choice.served : choice.looked;
  if (turn != nullptr) turn_ = *turn;
  return std::move(choice.chosen);
}

std::vector<PoolRef> Pool::left_behind(std::size_t most) {
  std::vector<PoolRef> out;
  const auto end = queue_.lower_bound(std::exchange(final_at_, next_));
  const auto some = [&](std::uint64_t from, std::uint64_t below) {
    for (auto at = queue_.lower_bound(from); at != end && at->first < below && out.size() < most; ++at) out.push_back(at->second);
  };
  const auto first = given_from_;
  some(first, UINT64_MAX);
  some(0, first);
  if (!out.empty()) given_from_ = out.back()->number + 1;
  return out;
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
  const auto at = lines_.find(entry->account);
  auto& line = at->second;
  by_size_.erase({size_of(line), entry->account});
  line.entries.erase({entry->rank, entry->number});
  line.bytes -= bytes;
  line.reserved -= entry->reserves;
  if (entry->from != PoolEntry::kHere) {
    line.foreign.erase({entry->rank, entry->number});
    const auto peer = peers_.find(entry->from);
    peer->second.bytes -= bytes;
    peer->second.entries.erase(entry->number);
    if (peer->second.entries.empty()) peers_.erase(peer);
    peers_bytes_ -= bytes;
    --peers_count_;
  }
  if (line.entries.empty()) lines_.erase(at);
  else by_size_.emplace(size_of(line), entry->account);
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

}  // namespace dos::replica
