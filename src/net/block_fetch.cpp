#include "net/block_fetch.hpp"

#include <algorithm>

#include "consensus/engines.hpp"

namespace dos::net {

Status check_payload(const ledger::Header& header, BytesView payload) {
  if (payload.size() > kMaxPayloadBytes || payload.size() != header.payload.len ||
      ledger::payload_hash(payload) != header.payload.payload_hash)
    return fail(Errc::content_mismatch, "a payload is not what its header commits to");
  return {};
}

BlockFetch::BlockFetch(const consensus::ChainFacts& facts, Outbox& out, Clock& clock, BlockArrivals& arrivals)
    : facts_(facts), out_(out), clock_(clock), arrivals_(arrivals) {}

BlockFetch::Want& BlockFetch::note(const Hash& id, View view) {
  const auto [at, fresh] = wants_.try_emplace(id);
  Want& want = at->second;
  if (!fresh) return want;
  want.view = view;
  want.order = ++order_;
  const auto held = held_until_.find(id);
  want.due_ns = held != held_until_.end() ? held->second.until_ns : clock_.monotonic_ns();
  if (held != held_until_.end()) want.sender = held->second.sender;
  return want;
}

// Who sent the header may keep the rest back: once others are known to have it, they are asked, and nobody waits for the sender.
void BlockFetch::want(const consensus::Fetch& fetch) {
  Want& want = note(fetch.id, fetch.view);
  std::vector<std::uint16_t> fresh;
  for (const auto h : fetch.holders)
    if (h != facts_.voter && !std::ranges::count(want.holders, h)) fresh.push_back(h);
  want.holders.insert(want.holders.begin(), fresh.begin(), fresh.end());
  want.header_known = want.header_known || fetch.header_known;
  want.pushed_only = false;
  const bool others = std::ranges::any_of(fetch.holders, [&](auto h) { return h != facts_.voter && h != want.sender; });
  if (want.sender && others) {
    held_until_.erase(fetch.id);
    if (!want.asked || want.asked == want.sender) ask(want, fetch.id);
  } else if (!want.asked && want.due_ns <= clock_.monotonic_ns()) {
    ask(want, fetch.id);
  }
  const auto ours = [](const auto& w) { return !w.second.pushed_only; };
  if (std::ranges::count_if(wants_, ours) <= kMaxFetches) return;
  auto lowest = wants_.end();
  for (auto at = wants_.begin(); at != wants_.end(); ++at)
    if (ours(*at) && (lowest == wants_.end() || at->second.view < lowest->second.view)) lowest = at;
  wants_.erase(lowest);
}

void BlockFetch::want_pushed(std::uint16_t from, const Hash& id, View view) {
  const bool fresh = !wants_.contains(id);
  Want& want = note(id, view);
  if (!std::ranges::count(want.holders, from)) want.holders.push_back(from);
  want.sender = from;
  if (!fresh) return;
  want.header_known = true;  // the caller has it from the same frame
  want.pushed_only = true;
  if (want.due_ns <= clock_.monotonic_ns()) ask(want, id);
  auto oldest = wants_.end();
  std::uint32_t count = 0;
  for (auto at = wants_.begin(); at != wants_.end(); ++at)
    if (at->second.pushed_only && at->second.sender == from && ++count &&
        (oldest == wants_.end() || at->second.order < oldest->second.order))
      oldest = at;
  if (count > kMaxPushedPerPeer) wants_.erase(oldest);
}

void BlockFetch::ask(Want& want, const Hash& id) {
  const auto now = clock_.monotonic_ns();
  want.asked.reset();
  // The next holder with a link; those without keep their turn.
  for (std::size_t i = 0; i < want.holders.size() && !want.asked; ++i) {
    const auto holder = want.holders.front();
    want.holders.pop_front();
    want.holders.push_back(holder);
    if (out_.send(holder, GetBlock{id})) want.asked = holder;
  }
  const auto rounds = want.holders.empty() ? 0 : want.asks / want.holders.size();
  want.due_ns = now + std::min(kFetchWaitMaxNs, kFetchWaitNs << std::min<std::uint64_t>(rounds, 8));
  ++want.asks;
}

void BlockFetch::hold(const Hash& id, std::uint16_t from, std::uint64_t until_ns) { held_until_[id] = {until_ns, from}; }

void BlockFetch::release(const Hash& id) {
  held_until_.erase(id);
  const auto at = wants_.find(id);
  if (at != wants_.end() && !at->second.asked) ask(at->second, id);
}

void BlockFetch::have(const Hash& id) {
  held_until_.erase(id);
  wants_.erase(id);
}

void BlockFetch::final_view(View view) {
  std::erase_if(wants_, [&](const auto& w) { return w.second.view <= view; });
}

void BlockFetch::received(std::uint16_t from, BlockFrame frame) {
  const Hash id = ledger::block_id(frame.proposal.header);
  const auto at = wants_.find(id);
  if (at == wants_.end() || !check_payload(frame.proposal.header, frame.payload) ||
      (!at->second.header_known && !facts_.engine->sealed(facts_, frame.proposal))) {
    ++unasked_;
    if (at == wants_.end() || at->second.asked != from || std::ranges::count(at->second.wrong, from)) return;
    at->second.wrong.push_back(from);
    ask(at->second, id);
    return;
  }
  have(id);
  arrivals_.block_arrived(from, std::move(frame.proposal), std::move(frame.payload), {});
}

void BlockFetch::peer_down(std::uint16_t peer) {
  for (auto& [id, want] : wants_)
    if (want.asked == peer) ask(want, id);
}

void BlockFetch::wake() {
  const auto now = clock_.monotonic_ns();
  std::erase_if(held_until_, [&](const auto& h) { return h.second.until_ns <= now; });
  std::erase_if(wants_, [&](const auto& w) { return w.second.pushed_only && w.second.asks >= kMaxPushedAsks && w.second.due_ns <= now; });
  for (auto& [id, want] : wants_)
    if (want.due_ns <= now) ask(want, id);
}

std::optional<std::uint64_t> BlockFetch::deadline_ns() const {
  std::optional<std::uint64_t> due;
  for (const auto& [id, want] : wants_) due = due ? std::min(*due, want.due_ns) : want.due_ns;
  return due;
}

}  // namespace dos::net
