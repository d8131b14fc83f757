#include "consensus/rules.hpp"

#include <algorithm>
#include <set>

#include "consensus/pace.hpp"

namespace dos::consensus::rules {

using ledger::VoteItem;
using ledger::VoteKind;

namespace {
std::string named(View view) { return "view " + std::to_string(view.value); }
}  // namespace

std::uint64_t pause_ns(std::uint64_t unfinal_views, std::uint64_t max_unfinal_views) {
  if (unfinal_views <= max_unfinal_views) return 0;
  const auto doubled = std::min<std::uint64_t>((unfinal_views - max_unfinal_views) / kUnfinalPauseDoubles, 32);
  return std::min(kUnfinalPauseNs << doubled, kMaxUnfinalPauseNs);
}

bool may_go_ahead(const Own& own, View view) { return view.value == own.signed_high.value + 1 && view > own.unsure; }

std::optional<VoteItem> leaves_by(const Seen& s) {
  const auto views = s.pool.views(View{s.views.cur.value - 1});
  for (auto v = views.rbegin(); v != views.rend(); ++v) {
    if (const auto final = s.pool.finalized(*v); !final.empty()) return final.front();
    for (const auto& item : s.pool.notarized(*v))
      if (const auto* b = s.tree.find(item.id); b != nullptr && (b->certified() || s.final.known.contains(item.id))) return item;
  }
  if (s.pool.nullified(s.views.cur)) return VoteItem{VoteKind::null, s.views.cur, Hash{}, Hash{}};
  return std::nullopt;
}

std::optional<Parent> parent_at(const Seen& s, const Hash& id, View view) {
  const auto& tip = s.final.tip;
  if (id == tip.id) {
    if (view != tip.view) return std::nullopt;
    return Parent{id, tip.view, tip.height, tip.time, tip.result, true};
  }
  const auto* b = s.tree.find(id);
  if (b == nullptr || b->bad || b->header().view != view) return std::nullopt;
  const bool final = s.final.known.contains(id);
  if (!final && !(b->certified() && s.pool.strong({VoteKind::notar, view, id, Hash{}}))) return std::nullopt;
  Parent p{id, view, b->header().height, b->header().time, b->result ? b->result : b->signed_result, b->result.has_value()};
  if (!p.result)  // final elsewhere: its strong set executed it
    for (const auto& item : s.pool.finalized(view))
      if (item.id == id) p.result = item.result;
  return p;
}

std::optional<Parent> best_parent(const Seen& s) {
  const View low{s.views.null_low.value - 1};  // there, or in a view with Z
  const auto& tip = s.final.tip;
  for (const View view : s.tree.views(std::max(low, View{tip.view.value + 1}), View{s.views.cur.value - 1}))
    for (const auto& id : s.tree.at(view))
      if (auto parent = parent_at(s, id, view)) return parent;
  if (low > tip.view) return std::nullopt;
  return parent_at(s, tip.id, tip.view);
}

Wanted wants_block(const Reasons& why, bool work, std::uint64_t now_ns, std::uint64_t patience_ns) {
  if (why.at_once()) return {true, true, {}};
  if (!why.in_time()) return {work, false, {}};
  if (now_ns >= patience_ns) return {true, true, {}};
  return {work, false, patience_ns};
}

bool follows(const ledger::Header& h, const Parent& parent) {
  return h.height.value == parent.height.value + 1 && h.time > parent.time && (!parent.result || *parent.result == h.parent_result);
}

bool nulls_between(const Views& views, View parent_view) { return parent_view.value + 1 >= views.null_low.value; }

std::uint64_t early_ms(const ledger::Header& h, const Parent& parent, std::uint64_t wall_ms, std::uint64_t max_ahead_ms) {
  const auto latest = wall_ms + max_ahead_ms * (h.time.value == parent.time.value + 1 ? 2 : 1);
  return h.time.value - std::min(h.time.value, latest);
}

bool back_dated(TimeMs time, std::uint64_t wall_ms, std::uint64_t max_behind_ms, std::uint64_t unfinal_views) {
  auto behind_ms = max_behind_ms;
  if (unfinal_views > kTroubledViews) behind_ms <<= std::min<std::uint64_t>(unfinal_views - kTroubledViews, 32);
  return wall_ms > behind_ms && time.value < wall_ms - behind_ms;
}

bool has_room(const ledger::Header& h, std::uint64_t held_bytes, std::uint64_t max_unfinal_bytes) {
  return h.payload.len <= kEmptyPayloadBytes || held_bytes <= max_unfinal_bytes;
}

Due due(const Seen& s, const Block& b) {
  const auto& h = b.header();
  const auto& tip = s.final.tip;
  Parent on{tip.id, tip.view, tip.height, tip.time, tip.result, true};
  if (h.parent != tip.id) {
    const auto* parent = s.tree.find(h.parent);
    if (parent == nullptr) return Due::later;
    if (parent->bad) return Due::never;
    const auto& p = parent->header();
    on = {h.parent, p.view, p.height, p.time, parent->result, true};
  }
  if (!on.result) return Due::later;
  if (h.parent_view != on.view || !follows(h, on)) return Due::never;
  // Each in its turn: what a leader of a later view sends ahead takes nobody's time before that.
  const auto own = s.own.at(h.view);
  const bool voted = (own.notar && own.notar->id == b.id) || b.signed_result;
  const VoteItem notar{VoteKind::notar, h.view, b.id, Hash{}};
  const bool backed =
      h.view > s.views.cur ? s.pool.weak(notar) : s.pool.strong(notar);  // ahead of here an honest validator voted in its view
  return h.view == s.views.cur || voted || s.final.known.contains(b.id) || backed ? Due::now : Due::later;
}

std::optional<std::pair<View, Hash>> to_finalize(const Seen& s) {
  for (auto high = s.final.to_vote.rbegin(); high != s.final.to_vote.rend(); ++high) {
    if (high->first <= std::max(s.own.floor, s.own.fin_high)) break;
    const auto* b = s.tree.find(high->second);
    const auto own = s.own.at(high->first);
    if (b != nullptr && !b->bad && !own.null && !own.fin) return *high;
  }
  return std::nullopt;
}

bool fails(const Seen& s) {
  if (s.pool.weak({VoteKind::null, s.views.cur, Hash{}, Hash{}})) return true;
  return std::ranges::any_of(s.pool.notarized(s.views.cur), [&s](const VoteItem& item) {
    const auto* b = s.tree.find(item.id);
    return b != nullptr && b->bad;
  });
}

bool gives_up(const Seen& s, const Turn& in_view, const OfLeader& leader) {
  const auto by_leader = std::ranges::count_if(s.pool.items(s.views.cur), [&](const VoteItem& item) {
    return item.kind == VoteKind::notar && s.pool.voted_for(item, leader.chief);
  });
  const VoteItem null{VoteKind::null, s.views.cur, Hash{}, Hash{}};
  return in_view.expired || in_view.late_again || by_leader > 1 || s.pool.voted_for(null, leader.chief) || leader.dead || leader.yields ||
         leader.passed;
}

Way way_down(const Seen& s, const Hash& from, const std::map<Hash, bool>& reaches) {
  Way way;
  for (Hash id = from;;) {
    if (const auto gone = reaches.find(id); gone != reaches.end()) {
      way.linked = gone->second;
      return way;
    }
    way.ids.push_back(id);
    const auto* b = s.tree.find(id);
    if (b == nullptr) return way;
    const auto& h = b->header();
    if (b->bad) way.halt = "block " + std::to_string(h.height.value) + " is final and is not valid here";
    way.linked = h.parent == s.final.tip.id;
    if (way.linked || b->bad) return way;
    if (h.parent_view <= s.final.tip.view) {
      way.halt = "a final block does not follow the last final block here: more than a third of the stake lies";
      return way;
    }
    id = h.parent;
  }
}

std::string contradiction(const Seen& s, View view) {
  const auto final = s.pool.finalized(view);
  if (s.pool.notarized(view).size() > 1) return "two blocks of " + named(view) + " are notarized: more than a third of the stake lies";
  if (final.size() > 1) return "two results of " + named(view) + " are final: more than a third of the stake lies";
  if (!final.empty() && s.pool.nullified(view)) return named(view) + " is final and nullified: more than a third of the stake lies";
  return {};
}

Others judge_result(const Seen& s, const ledger::ValidatorSet& validators, const Block& b) {
  std::set<std::uint16_t> differ;  // a liar may have sent several
  for (const auto& item : s.pool.items(b.header().view)) {
    if (item.kind != VoteKind::final || item.id != b.id || item.result == *b.result) continue;
    if (s.pool.strong(item)) return Others::refute;
    for (const auto voter : s.pool.voters(item)) differ.insert(voter);
  }
  std::uint64_t weight = 0;
  for (const auto voter : differ) weight += validators.members[voter].weight;
  return s.pool.weak_weight(weight) ? Others::doubt : Others::agree;
}

bool open_end(const Seen& s) {
  for (auto left = s.views.left_by.rbegin(); left != s.views.left_by.rend(); ++left)
    if (left->second.kind == VoteKind::notar) return left->first > s.final.tip.view.value && !s.pool.nullified(View{left->first});
  return false;
}

}  // namespace dos::consensus::rules
