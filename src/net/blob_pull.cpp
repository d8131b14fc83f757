#include "net/blob_pull.hpp"

#include <algorithm>

namespace dos::net {
namespace {

bool among(const std::vector<std::uint16_t>& peers, std::uint16_t peer) { return std::ranges::count(peers, peer) != 0; }
bool later(Errc code) { return code == Errc::busy || code == Errc::disk_full || code == Errc::pool_full; }

}  // namespace

BlobPull::BlobPull(std::uint16_t self, Outbox& out, Clock& clock, BlobTarget& target)
    : self_(self), out_(out), clock_(clock), target_(target) {}

// ---- what is wanted

Status BlobPull::want(const Hash& root, PullReason reason, std::optional<std::uint16_t> holder) {
  auto at = pulls_.find(root);
  if (at == pulls_.end()) {
    if (pulls_.size() >= kMaxWantedBlobs) return fail(Errc::busy, std::to_string(kMaxWantedBlobs) + " blobs are being fetched already");
    at = pulls_.try_emplace(root).first;
    Pull& pull = at->second;
    pull.reason = reason;
    pull.order = ++order_;
    pull.moved_ns = clock_.monotonic_ns();
    if (holder && *holder != self_) pull.holder = holder;
    turns_.emplace(turn_of(pull), root);
  } else {
    Pull& pull = at->second;
    const bool takes_over = holder && *holder != self_ && (!pull.holder || !trusted(pull, *pull.holder));
    take_turn(root, pull, {std::min(reason, pull.reason), takes_over ? *holder : turn_of(pull).of, pull.order});
  }
  if (reason == PullReason::named) at->second.named = true;
  // Once: who says so again and again is paused like any other.
  if (holder && *holder != self_ && !among(at->second.holders, *holder)) {
    at->second.holders.push_back(*holder);
    auto& source = at->second.sources[*holder];
    source.again_ns = source.pause_ns = 0;
    wait_less(root, at->second);
  }
  if (reason != PullReason::named || turns_.size() <= kLookedAt) plan();  // behind so many others it has no turn yet
  return {};
}

void BlobPull::take_turn(const Hash& root, Pull& pull, const Turn& next) {
  const Turn old = turn_of(pull);
  if (old == next) return;
  turns_.erase(old);
  turns_.emplace(next, root);
  if (loaded_.erase(old) != 0) loaded_.emplace(next, root);
  pull.reason = next.reason;
  pull.order = next.order;
  if (next.of != kAnybody) pull.holder = next.of;
}

std::size_t BlobPull::offers_of(std::uint16_t peer) const {
  std::size_t n = 0;
  for (auto at = turns_.lower_bound({PullReason::offer, peer, 0});
       at != turns_.end() && at->first.reason == PullReason::offer && at->first.of == peer; ++at)
    ++n;
  return n;
}

Status BlobPull::offered(std::uint16_t from, BlobOffer offer) {
  DOS_ASSIGN(const auto root, ledger::blob_root(offer.manifest));
  const bool known = pulls_.contains(root);
  if (!known && (offers_of(from) >= kMaxOffersPerPeer || pulls_.size() >= kMaxWantedBlobs)) return {};
  planning_ = true;  // first the manifest, so that it is not asked for
  const auto wanted = want(root, PullReason::offer, from);
  planning_ = false;
  if (Pull& pull = pulls_.at(root); wanted && !pull.manifest) load(root, pull, std::move(offer.manifest));
  plan();
  return {};
}

void BlobPull::no_manifest_ask(const Hash& root, Pull& pull) {
  if (pull.manifest_from)
    if (const auto count = manifests_of_.find(*pull.manifest_from); --count->second == 0) manifests_of_.erase(count);
  pull.manifest_from.reset();
  manifest_asked_.erase(root);
}

void BlobPull::load(const Hash& root, Pull& pull, ledger::BlobManifest manifest) {
  pull.manifest = std::move(manifest);
  no_manifest_ask(root, pull);
  loaded_.emplace(turn_of(pull), root);
  // Too many: the last that waits, of the holder with the most, is asked for again when its turn comes.
  std::map<std::uint16_t, std::size_t> of;
  for (const auto& [turn, loaded] : loaded_) ++of[turn.of];
  const auto most = std::ranges::max_element(of, {}, [](const auto& o) { return o.second; })->first;
  for (const bool of_most : {true, false})
    for (auto at = loaded_.end(); loaded_.size() > 2 * kActivePulls && at != loaded_.begin();) {
      --at;
      Pull& last = pulls_.at(at->second);
      if ((of_most && at->first.of != most) || last.asked != 0 || &last == &pull) continue;
      at = loaded_.erase(at);
      last.manifest.reset();
      last.begun = false;
      last.missing.clear();
    }
}

void BlobPull::forget(const Hash& root) {
  const auto at = pulls_.find(root);
  if (at == pulls_.end()) return;
  for (auto f = in_flight_.begin(); f != in_flight_.end();)
    if (const auto flight = f++; std::get<Hash>(flight->first) == root) land(flight);
  no_manifest_ask(root, at->second);
  turns_.erase(turn_of(at->second));
  loaded_.erase(turn_of(at->second));
  pulls_.erase(at);
}

void BlobPull::here(const Hash& root) {
  forget(root);
  plan();
}

void BlobPull::drop_promise(const Hash& root) {
  const auto at = pulls_.find(root);
  if (at == pulls_.end() || at->second.reason != PullReason::promise) return;
  if (at->second.named) return take_turn(root, at->second, {PullReason::named, turn_of(at->second).of, at->second.order});
  forget(root);
  plan();
}

void BlobPull::finish(const Hash& root) {
  forget(root);
  target_.blob_complete(root);
}

void BlobPull::give_up(const Hash& root, const Error& why) {
  forget(root);
  target_.blob_given_up(root, why);
}

// ---- asking

void BlobPull::plan() {
  if (planning_) return;  // the target may call back; what it changed is seen below
  planning_ = true;
  const auto now = clock_.monotonic_ns();
  if (paused_until_ && now >= *paused_until_) paused_until_.reset();
  std::uint32_t active = 0;
  each_in_turn([&](const Hash& root) {
    if (active >= kActivePulls || paused_until_) return false;
    const auto at = pulls_.find(root);
    const bool under_way = at != pulls_.end() && plan_pull(root, at->second);
    active += under_way;
    return under_way;
  });
  planning_ = false;
}

// One for which nobody can be asked now gives its place to the next. What is seen may change its turn, or end.
void BlobPull::each_in_turn(const std::function<bool(const Hash& root)>& see) const {
  struct Line {
    Turn next;
    std::uint32_t looked = 0, active = 0;
    bool over = false;
  };
  std::uint32_t active = 0;
  for (const auto reason : {PullReason::promise, PullReason::offer, PullReason::named}) {
    std::vector<Line> lines;
    for (auto at = turns_.lower_bound({reason, 0, 0}); at != turns_.end() && at->first.reason == reason;
         at = turns_.upper_bound({reason, at->first.of, UINT64_MAX}))
      lines.push_back({at->first});
    for (; !lines.empty() && active < kActivePulls; std::erase_if(lines, [](const Line& line) { return line.over; }))
      for (auto& line : lines) {
        const auto at = turns_.lower_bound(line.next);
        line.over = at == turns_.end() || at->first.reason != reason || at->first.of != line.next.of;
        if (line.over) continue;
        line.next = at->first;
        ++line.next.order;
        const bool under_way = see(Hash(at->second));
        line.active += under_way;
        active += under_way;
        ++line.looked;
        line.over =
            line.next.of == kAnybody ? line.looked >= kLookedAt : line.looked >= kLookedAtOfHolder || line.active >= kActivePerHolder;
      }
  }
}

bool BlobPull::trusted(const Pull& pull, std::uint16_t holder) const {
  const auto source = pull.sources.find(holder);
  return !silent_.contains(holder) && (source == pull.sources.end() || !source->second.refused) && among(out_.linked(), holder);
}

bool BlobPull::other_holder(const Pull& pull, std::uint16_t than) const {
  return std::ranges::any_of(pull.holders, [&](std::uint16_t h) { return h != than && trusted(pull, h); });
}

void BlobPull::wait_less(const Hash& root, Pull& pull) {
  const auto now = clock_.monotonic_ns();
  if (pull.manifest_from && other_holder(pull, *pull.manifest_from))
    pull.manifest_due_ns = std::min(pull.manifest_due_ns, now + kOtherManifestWaitNs);
  if (pull.asked == 0) return;
  for (auto& [key, due] : in_flight_)
    if (std::get<Hash>(key) == root && other_holder(pull, std::get<std::uint16_t>(key))) due = std::min(due, now + kOtherChunkWaitNs);
}

std::vector<std::uint16_t> BlobPull::askable(const Pull& pull) const {
  const auto now = clock_.monotonic_ns();
  auto peers = out_.linked();
  std::erase_if(peers, [&](std::uint16_t p) {
    const auto at = pull.sources.find(p);
    return at != pull.sources.end() && (at->second.refused || at->second.again_ns > now);
  });
  // The one that is known to have it: the others may be pulling it themselves, and would make us wait for each other.
  // Of those that are said to have it, one at a time: who says so last must not keep out who does.
  if (pull.holder && among(peers, *pull.holder) && trusted(pull, *pull.holder)) return {*pull.holder};
  for (const auto h : pull.holders)
    if (among(peers, h) && trusted(pull, h)) return {h};
  if (pull.holder && among(peers, *pull.holder)) return {*pull.holder};
  std::vector<std::uint16_t> last;  // who does not answer
  for (const auto p : peers)
    if (silent_.contains(p)) last.push_back(p);
  std::erase_if(peers, [&](std::uint16_t p) { return silent_.contains(p); });
  peers.insert(peers.end(), last.begin(), last.end());
  return peers;
}

bool BlobPull::plan_pull(const Hash& root, Pull& pull) {
  if (clock_.monotonic_ns() < pull.again_ns) return false;
  if (!pull.manifest) {
    ask_manifest(root, pull);
    return pull.manifest_from.has_value();
  }
  if (!pull.begun && !begin(root, pull)) return false;
  ask_chunks(root, pull);
  return pull.asked > 0;
}

void BlobPull::ask_manifest(const Hash& root, Pull& pull) {
  if (pull.manifest_from) return;
  for (const auto peer : askable(pull)) {
    if (const auto count = manifests_of_.find(peer); count != manifests_of_.end() && count->second >= kManifestsPerPeer) continue;
    if (!out_.send(peer, GetManifest{root})) continue;
    pull.manifest_from = peer;
    ++manifests_of_[peer];
    manifest_asked_.insert(root);
    pull.manifest_due_ns = clock_.monotonic_ns() + (other_holder(pull, peer) ? kOtherManifestWaitNs : kManifestWaitNs);
    return;
  }
}

bool BlobPull::begin(const Hash& root, Pull& pull) {
  auto missing = target_.begin_blob(root, *pull.manifest);
  if (!missing) {
    if (later(missing.error().code)) pull.again_ns = clock_.monotonic_ns() + kDiskPauseNs;
    else give_up(root, missing.error());
    return false;
  }
  pull.begun = true;
  pull.missing.insert(missing->begin(), missing->end());
  if (!pull.missing.empty()) return true;
  finish(root);
  return false;
}

// In order of the chunks (an upload under way has the first ones), turn by turn over the peers.
void BlobPull::ask_chunks(const Hash& root, Pull& pull) {
  const auto peers = askable(pull);
  const auto now = clock_.monotonic_ns();
  for (bool any = true; any;) {
    any = false;
    for (const auto peer : peers) {
      if (pull.missing.empty() || in_flight_.size() >= kChunksInFlight) return;
      auto& count = per_peer_[peer];
      const auto index = *pull.missing.begin();
      if (count >= kChunksPerPeer || !out_.send(peer, GetChunk{root, index, pull.holder == peer || among(pull.holders, peer)})) continue;
      pull.missing.erase(index);
      in_flight_.emplace(ChunkKey{peer, root, index}, now + (other_holder(pull, peer) ? kOtherChunkWaitNs : kChunkWaitNs));
      ++count;
      ++pull.asked;
      any = true;
    }
  }
}

void BlobPull::land(std::map<ChunkKey, std::uint64_t>::iterator flight) {
  const auto& [peer, root, index] = flight->first;
  if (const auto count = per_peer_.find(peer); count != per_peer_.end() && --count->second == 0) per_peer_.erase(count);
  --pulls_.at(root).asked;
  in_flight_.erase(flight);
}

void BlobPull::not_held(const Hash& root, Pull& pull, std::uint16_t peer) {
  auto& source = pull.sources[peer];
  source.pause_ns = source.pause_ns == 0 ? kNotHeldPauseNs : std::min(kNotHeldPauseMaxNs, 2 * source.pause_ns);
  source.again_ns = clock_.monotonic_ns() + source.pause_ns;
  if (source.pause_ns > kToTheBackNs) to_the_back(root, pull);
}

// Who does not answer is asked after all others, and what it alone is said to have comes behind the rest of its own.
void BlobPull::no_answer(const Hash& root, Pull& pull, std::uint16_t peer) {
  silent_.insert(peer);
  not_held(root, pull, peer);
  if (pull.holder != peer) return;
  const auto other = std::ranges::find_if(pull.holders, [&](std::uint16_t h) { return trusted(pull, h); });
  if (other == pull.holders.end()) to_the_back(root, pull);
  else take_turn(root, pull, {pull.reason, *other, pull.order});
}

void BlobPull::pause_for_disk() { paused_until_ = clock_.monotonic_ns() + kDiskPauseNs; }

// ---- answers

void BlobPull::received(std::uint16_t from, Manifest answer) {
  const auto at = pulls_.find(answer.root);
  if (at == pulls_.end() || at->second.manifest_from != from) {
    ++unasked_;
    return;
  }
  Pull& pull = at->second;
  no_manifest_ask(answer.root, pull);
  if (!answer.manifest) {
    not_held(answer.root, pull, from);
  } else if (const auto root = ledger::blob_root(*answer.manifest); !root || *root != answer.root) {
    pull.sources[from].refused = true;
  } else {
    silent_.erase(from);
    load(answer.root, pull, std::move(*answer.manifest));
    pull.moved_ns = clock_.monotonic_ns();
  }
  plan();
}

void BlobPull::received(std::uint16_t from, Chunk chunk) {
  const auto flight = in_flight_.find({from, chunk.root, chunk.index});
  if (flight == in_flight_.end()) {
    ++unasked_;
    return;
  }
  land(flight);
  Pull& pull = pulls_.at(chunk.root);
  if (!chunk.bytes) {
    pull.missing.insert(chunk.index);
    not_held(chunk.root, pull, from);
    return plan();
  }
  const auto put = target_.put_chunk(chunk.root, chunk.index, *chunk.bytes);
  const auto at = pulls_.find(chunk.root);  // the target may have ended the pull
  if (at == pulls_.end()) return plan();
  Pull& still = at->second;
  if (put) {
    silent_.erase(from);
    auto& source = still.sources[from];
    source.pause_ns = source.again_ns = 0;
    still.moved_ns = clock_.monotonic_ns();
    if (still.begun && still.missing.empty() && still.asked == 0) finish(chunk.root);
  } else {
    still.missing.insert(chunk.index);
    if (put.error().code == Errc::content_mismatch) still.sources[from].refused = true;
    else if (later(put.error().code)) pause_for_disk();
    else give_up(chunk.root, put.error());
  }
  plan();
}

void BlobPull::peer_up(std::uint16_t peer) {
  silent_.erase(peer);
  for (auto& [root, pull] : pulls_)
    if (const auto at = pull.sources.find(peer); at != pull.sources.end()) at->second.again_ns = at->second.pause_ns = 0;
  plan();
}

void BlobPull::peer_down(std::uint16_t peer) {
  for (auto f = in_flight_.begin(); f != in_flight_.end();) {
    const auto here = f++;
    if (std::get<std::uint16_t>(here->first) != peer) continue;
    pulls_.at(std::get<Hash>(here->first)).missing.insert(std::get<std::uint32_t>(here->first));
    land(here);
  }
  for (const auto& root : std::set<Hash>(manifest_asked_))
    if (Pull& pull = pulls_.at(root); pull.manifest_from == peer) no_manifest_ask(root, pull);
  plan();
}

// ---- time

void BlobPull::wake() {
  const auto now = clock_.monotonic_ns();
  for (auto f = in_flight_.begin(); f != in_flight_.end();) {
    const auto here = f++;
    if (here->second > now) continue;
    const auto [peer, root, index] = here->first;
    Pull& pull = pulls_.at(root);
    pull.missing.insert(index);
    land(here);
    no_answer(root, pull, peer);
  }
  for (const auto& root : std::set<Hash>(manifest_asked_)) {
    Pull& pull = pulls_.at(root);
    if (pull.manifest_due_ns > now) continue;
    const auto peer = *pull.manifest_from;
    no_manifest_ask(root, pull);
    no_answer(root, pull, peer);
  }
  std::vector<Hash> stale;
  for (auto at = turns_.lower_bound({PullReason::offer, 0, 0}); at != turns_.end() && at->first.reason == PullReason::offer; ++at)
    if (now >= pulls_.at(at->second).moved_ns + kOfferLifeNs) stale.push_back(at->second);
  for (const auto& root : stale) give_up(root, Error{Errc::timed_out, "an offered upload did not go on"});
  plan();
}

std::optional<std::uint64_t> BlobPull::deadline_ns() const {
  std::optional<std::uint64_t> due;
  const auto sooner = [&](std::uint64_t t) { due = due ? std::min(*due, t) : t; };
  for (const auto& [key, t] : in_flight_) sooner(t);
  if (paused_until_) sooner(*paused_until_);
  const auto now = clock_.monotonic_ns();
  for (const auto& root : manifest_asked_) sooner(pulls_.at(root).manifest_due_ns);
  each_in_turn([&](const Hash& root) {
    const Pull& pull = pulls_.at(root);
    if (pull.again_ns > now) sooner(pull.again_ns);
    if (pull.reason == PullReason::offer) sooner(pull.moved_ns + kOfferLifeNs);
    for (const auto& [peer, source] : pull.sources)
      if (!source.refused && source.again_ns > now) sooner(source.again_ns);
    return pull.asked > 0 || pull.manifest_from;
  });
  return due;
}

}  // namespace dos::net
