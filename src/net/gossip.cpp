#include "net/gossip.hpp"

#include <algorithm>
#include <utility>

namespace dos::net {
namespace {

template <class T>
void sooner(std::optional<T>& due, T t) {
  due = due ? std::min(*due, t) : t;
}

// Gossip frames of at most kMaxGossipBytes each, unless one transaction alone is larger.
class Frames {
 public:
  void add(const Bytes& encoded) {
    if (!now_.transactions.empty() && bytes_ + encoded.size() > kMaxGossipBytes) cut();
    bytes_ += encoded.size();
    now_.transactions.push_back(encoded);
  }
  std::vector<Gossip> take() {
    if (!now_.transactions.empty()) cut();
    return std::move(done_);
  }

 private:
  void cut() {
    done_.push_back(std::move(now_));
    now_ = {};
    bytes_ = 0;
  }
  std::vector<Gossip> done_;
  Gossip now_;
  std::size_t bytes_ = 0;
};

}  // namespace

TransactionGossip::TransactionGossip(Outbox& out, Clock& clock, const PendingTransactions& pool, std::uint64_t wait_ns)
    : out_(out), clock_(clock), pool_(pool), wait_ns_(wait_ns), relay_budget_(kRelayBytesPerSecond, kRelayBytesPerSecond) {}

TransactionGossip::Known& TransactionGossip::note(const Hash& wtxid) {
  const auto [at, fresh] = known_.try_emplace(wtxid);
  if (!fresh) return at->second;
  at->second.order = ++order_;
  by_age_.emplace(order_, wtxid);
  if (known_.size() > kMaxGossipKnown) make_room();
  if (known_.size() == 1) moved_ns_ = clock_.monotonic_ns();  // nothing was pending: the wait for a block begins now
  return at->second;
}

// Who sends most makes room first: what one peer gossips does not take the place of what was handed in here.
void TransactionGossip::make_room() {
  const auto most = std::ranges::max_element(of_peers_, {}, [](const auto& of) { return of.second.size(); });
  const Hash gone = most != of_peers_.end() && !most->second.empty() ? most->second.begin()->second : by_age_.begin()->second;
  forget(gone);
}

void TransactionGossip::forget(const Hash& wtxid) {
  const auto at = known_.find(wtxid);
  if (at == known_.end()) return;
  if (at->second.of) of_peers_[*at->second.of].erase(at->second.order);
  by_age_.erase(at->second.order);
  if (at->second.foreign) --foreign_;
  known_.erase(at);
}

void TransactionGossip::submitted(const Hash& wtxid, Bytes encoded) {
  Known& known = note(wtxid);
  if (known.here) return;
  if (std::exchange(known.foreign, false)) --foreign_;
  if (const auto of = std::exchange(known.of, std::nullopt)) of_peers_[*of].erase(known.order);
  known.here = true;
  const auto now = clock_.monotonic_ns();
  if (!waiting_.empty() && waiting_bytes_ + encoded.size() > kMaxGossipBytes) send_waiting();
  if (waiting_.empty()) waiting_since_ns_ = now;
  waiting_bytes_ += encoded.size();
  waiting_.push_back({wtxid, std::move(encoded), known.order});
  if (!last_frame_ns_ || now >= *last_frame_ns_ + wait_ns_) send_waiting();
}

void TransactionGossip::heard(std::uint16_t from, const Hash& wtxid) {
  if (from >= kMaxValidators) return;
  const bool fresh = !known_.contains(wtxid);
  Known& known = note(wtxid);
  known.have.set(from);
  if (!fresh) return;
  known.foreign = true;
  known.of = from;
  ++foreign_;
  auto& of = of_peers_[from];
  of.emplace(known.order, wtxid);
  if (of.size() > kMaxGossipOfPeer) forget(Hash(of.begin()->second));
}

void TransactionGossip::gone(const Hash& wtxid) { forget(wtxid); }

void TransactionGossip::block_final() { moved_ns_ = clock_.monotonic_ns(); }

// Null: final or refused meanwhile; what was handed in anew after that waits by itself.
TransactionGossip::Known* TransactionGossip::waits(const Waiting& w) {
  const auto at = known_.find(w.wtxid);
  return at != known_.end() && at->second.order == w.order ? &at->second : nullptr;
}

void TransactionGossip::send_waiting() {
  const auto batch = std::exchange(waiting_, {});
  waiting_bytes_ = 0;
  last_frame_ns_ = clock_.monotonic_ns();
  const auto peers = out_.linked();
  Peers all;
  for (const auto p : peers) all.set(p);
  // Nearly always nobody has any of it: one frame for all, encoded once.
  bool nobody = true;
  Frames frames;
  for (const auto& w : batch) {
    const Known* known = waits(w);
    if (!known) continue;
    nobody = nobody && (known->have & all).none();
    frames.add(w.encoded);
  }
  if (nobody) {
    for (const auto& frame : frames.take()) out_.send_all(frame);
  } else {
    for (const auto p : peers) {
      Frames own;
      for (const auto& w : batch)
        if (const Known* known = waits(w); known && !known->have.test(p)) own.add(w.encoded);
      for (const auto& frame : own.take()) out_.send(p, frame);
    }
  }
  for (const auto& w : batch)
    if (Known* known = waits(w)) known->have |= all;
}

void TransactionGossip::send_again(std::uint16_t peer, const std::vector<Hash>& wtxids) {
  Frames frames;
  for (const auto& wtxid : wtxids)
    if (const auto* tx = pool_.find(wtxid)) {
      frames.add(codec::encode(*tx));
      known_.at(wtxid).have.set(peer);
    }
  for (const auto& frame : frames.take()) out_.send(peer, frame);
}

void TransactionGossip::peer_up(std::uint16_t peer) {
  if (peer >= kMaxValidators) return;
  auto& again = again_[peer];
  again.from = 0;
  go_on(peer, again);
}

// Who closes and opens its link all the time has no more made for it than its budget.
void TransactionGossip::go_on(std::uint16_t peer, Again& again) {
  const auto now = clock_.monotonic_ns();
  Frames frames;
  auto at = by_age_.lower_bound(*again.from);
  for (; at != by_age_.end(); ++at) {
    auto& known = known_.at(at->second);
    if (!known.here || known.have.test(peer)) continue;
    if (std::ranges::any_of(waiting_, [&](const Waiting& w) { return w.order == at->first; })) continue;  // goes to all
    const auto* tx = pool_.find(at->second);
    if (!tx) continue;
    auto encoded = codec::encode(*tx);
    if (!again.budget.take(now, encoded.size())) break;
    frames.add(encoded);
    known.have.set(peer);
  }
  again.from = at == by_age_.end() ? std::nullopt : std::optional(at->first);
  if (again.from && !again_ns_) again_ns_ = now + kAgainRetryNs;
  for (const auto& frame : frames.take()) out_.send(peer, frame);
}

void TransactionGossip::peer_down(std::uint16_t peer) {  // what was on its way may be lost
  if (peer >= kMaxValidators) return;
  for (auto& [wtxid, known] : known_) known.have.reset(peer);
  if (const auto again = again_.find(peer); again != again_.end()) again->second.from.reset();
}

// The sender of a transaction may be linked with us alone. Every validator leads in turn, so while blocks become final, it
// gets into one by us; when they do not, the leaders may not know that there is anything to do.
void TransactionGossip::relay() {
  const auto now = clock_.monotonic_ns();
  moved_ns_ = now;
  std::vector<Hash> lot, stale;
  for (const auto& [order, wtxid] : by_age_) {
    auto& known = known_.at(wtxid);
    if (!known.foreign) continue;
    const auto* tx = pool_.find(wtxid);
    if (!tx) {  // final when it came, or another copy is the pending one
      stale.push_back(wtxid);
      continue;
    }
    if (!relay_budget_.take(now, codec::encode(*tx).size())) break;
    known.foreign = false;
    --foreign_;
    lot.push_back(wtxid);
  }
  for (const auto& wtxid : stale) forget(wtxid);
  for (const auto p : out_.linked()) {
    std::vector<Hash> lacking;
    for (const auto& wtxid : lot)
      if (!known_.at(wtxid).have.test(p)) lacking.push_back(wtxid);
    send_again(p, lacking);
  }
}

void TransactionGossip::wake() {
  const auto now = clock_.monotonic_ns();
  if (!waiting_.empty() && now >= waiting_since_ns_ + wait_ns_) send_waiting();
  if (foreign_ > 0 && now >= moved_ns_ + kRelayAfterNs) relay();
  if (!again_ns_ || now < *again_ns_) return;
  again_ns_.reset();
  for (auto& [peer, again] : again_)
    if (again.from) go_on(peer, again);
}

std::optional<std::uint64_t> TransactionGossip::deadline_ns() const {
  std::optional<std::uint64_t> due;
  if (!waiting_.empty()) due = waiting_since_ns_ + wait_ns_;
  if (foreign_ > 0) sooner(due, moved_ns_ + kRelayAfterNs);
  if (again_ns_) sooner(due, *again_ns_);
  return due;
}

}  // namespace dos::net
