// M3 to M6: what is signed. One vote a ballot; the group with the vote, the evidence it rests on and the block it is for is
// handed out before the message, so it is durable before anybody hears of it ("Journal"); a header may go ahead of it (simplex_propose.cpp).
#include "base/check.hpp"
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

void Simplex::write_evidence(const VoteItem& item, std::vector<EngineRecord>& into) {
  for (const auto& held : pool_.votes_for(item)) {
    if (held->durable) continue;
    held->durable = true;
    into.push_back(encode_vote(held->vote, record_height()));
  }
}

void Simplex::write_block(Block& block, Persist& into) {
  if (block.durable) return;
  block.durable = true;
  into.records.push_back(encode_proposal(block.proposal));
  into.payloads.push_back(block.id);
  // The leader's vote is in the proposal: it need not be written again as evidence.
  (void)pool_.take(block.proposal.vote, final_.tip.view, View{UINT64_MAX}, VotePool::Trust::checked, true);
  touched_.insert(block.header().view);
}

std::optional<ledger::Vote> Simplex::sign(const VoteItem& item, Block* with, const std::vector<VoteItem>& rests_on) {
  auto vote = make_vote(facts_.chain, facts_.epoch, facts_.voter, *key_, {item}, *entropy_);
  if (!vote) {
    halt("this node cannot sign: " + vote.error().detail);
    return std::nullopt;
  }
  auto& own = own_.votes[item.view.value];
  DOS_CHECK(may_sign(item.view) && own.may(item));
  own.of(item.kind) = item;
  own_.signed_high = std::max(own_.signed_high, item.view);
  auto taken = pool_.take(*vote, View{0}, View{UINT64_MAX}, VotePool::Trust::checked, true);
  if (!taken || !taken->contradictions.empty()) {
    halt("this node was about to contradict its own votes");
    return std::nullopt;
  }
  touched_.insert(item.view);

  Persist group;
  group.records = std::exchange(lazy_, {});
  for (const auto& left : std::exchange(views_.unwritten, {})) write_evidence(left, group.records);
  for (const auto& other : rests_on) write_evidence(other, group.records);
  if (with != nullptr) {
    if (with->proposal.vote.ballot.items.empty()) with->proposal.vote = *vote;  // an own proposal: header and vote are one
    write_block(*with, group);
    if (item.kind == VoteKind::final)  // whoever votes FINAL holds the whole way to the last final block
      for (auto* b = tree_.find(with->header().parent); b != nullptr && b->payload; b = tree_.find(b->header().parent))
        write_block(*b, group);
  }
  const bool in_proposal = with != nullptr && with->proposal.vote.signature == vote->signature;
  if (!in_proposal) group.records.push_back(encode_vote(*vote, record_height()));
  emit(std::move(group));
  return std::move(*vote);
}

// Those by which views were left go with the next group anyhow.
void Simplex::rest_on_nulls(View parent, std::vector<VoteItem>& rests_on) const {
  for (auto v = parent.value + 1; v < views_.cur.value; ++v) {
    const auto left = views_.left_by.find(v);
    if (left == views_.left_by.end() || left->second.kind != VoteKind::null) rests_on.push_back({VoteKind::null, View{v}, Hash{}, Hash{}});
  }
}

std::optional<Parent> Simplex::parent_at(const Hash& id, View view) const {
  if (id == final_.tip.id) {
    if (view != final_.tip.view) return std::nullopt;
    return Parent{id, final_.tip.view, final_.tip.height, final_.tip.time, final_.tip.result, true};
  }
  const auto* b = tree_.find(id);
  if (b == nullptr || b->bad || b->header().view != view) return std::nullopt;
  const bool final = final_.known.contains(id);
  if (!final && !(b->certified() && pool_.strong({VoteKind::notar, view, id, Hash{}}))) return std::nullopt;
  Parent p{id, view, b->header().height, b->header().time, b->result ? b->result : b->signed_result, b->result.has_value()};
  if (!p.result)  // final elsewhere: its strong set executed it
    for (const auto& item : pool_.finalized(view))
      if (item.id == id) p.result = item.result;
  return p;
}

// Judged by the clock when the header comes, not when its payload does. The way from its leader may take what a view may. Where
// nothing becomes final for long, clocks may be why: they are believed less and less, so that a network decides whatever they say.
bool Simplex::back_dated(TimeMs time) const {
  std::uint64_t behind_ms = timing_.max_clock_behind_ms + pace_.view_ns() / 1'000'000;
  const auto unfinal = views_.cur.value - final_.tip.view.value;
  if (unfinal > kTroubledViews) behind_ms <<= std::min<std::uint64_t>(unfinal - kTroubledViews, 32);
  return wall_ > behind_ms && time.value < wall_ - behind_ms;
}

// M3. The first header of the view whose payload is held, on a parent that may be built on.
bool Simplex::notarize() {
  if (!may_vote(views_.cur) || own_.votes[views_.cur.value].notar || (views_.cur <= own_.unsure && leads(views_.cur))) return false;
  for (const auto& id : tree_.at(views_.cur)) {
    auto* b = tree_.find(id);
    const auto& h = b->header();
    if (!b->payload || b->bad || b->back_dated) continue;
    // While FINAL is wanting, one leader fills nobody's memory: an empty block makes final what is there, too.
    if (h.payload.len > kEmptyPayloadBytes && tree_.held_bytes() > timing_.max_unfinal_bytes) continue;
    const auto parent = parent_at(h.parent, h.parent_view);
    if (!parent || h.parent_view.value + 1 < views_.null_low.value) continue;  // Z between
    if (h.height.value != parent->height.value + 1 || h.time <= parent->time || (parent->result && *parent->result != h.parent_result)) {
      mark_bad(*b);
      return true;
    }
    // Judged again when the clock gets there. No leader can date a block less than just after its parent, which may have been dated as
    // far ahead as other clocks allow: that is not its fault, and believed twice as far.
    const auto ahead = timing_.max_clock_ahead_ms * (h.time.value == parent->time.value + 1 ? 2 : 1);
    if (h.time.value > wall_ + ahead) {
      const std::uint64_t ahead_ms = h.time.value - wall_ - ahead;
      turn_.judge_at = now_ + std::min<std::uint64_t>(ahead_ms, 60'000) * 1'000'000;
      continue;
    }
    std::vector<VoteItem> rests_on;
    if (parent->id != final_.tip.id) rests_on.push_back({VoteKind::notar, parent->view, parent->id, Hash{}});
    rest_on_nulls(h.parent_view, rests_on);
    if (auto vote = sign({VoteKind::notar, views_.cur, id, Hash{}}, b, rests_on)) broadcast(Votes{{std::move(*vote)}});
    return true;
  }
  return false;
}

void Simplex::mark_bad(Block& block) {
  tree_.mark_bad(block);
  if (final_.known.contains(block.id)) final_.changed = true;  // this node halts
}

// M4, and speculation: a block of this view is executed once its payload is held and its parent is executed, whether or not it
// has N yet.
bool Simplex::execute_ready() {
  bool any = false;
  for (const auto& key : std::exchange(held_.to_execute, {}))
    if (auto* b = tree_.find(key.second); b != nullptr && b->payload && !b->bad && !b->asked) any |= judge(*b);
  return any;
}

bool Simplex::judge(Block& b) {
  const auto& h = b.header();
  Height height = final_.tip.height;
  TimeMs time = final_.tip.time;
  View view = final_.tip.view;
  std::optional<Hash> result = final_.tip.result;
  if (h.parent != final_.tip.id) {
    const auto* parent = tree_.find(h.parent);
    if (parent == nullptr) return false;
    if (parent->bad) {
      mark_bad(b);
      return true;
    }
    height = parent->header().height;
    time = parent->header().time;
    view = parent->header().view;
    result = parent->result;
  }
  if (!result) return false;
  if (h.parent_view != view || h.height.value != height.value + 1 || h.time <= time || h.parent_result != *result) {
    mark_bad(b);
    return true;
  }
  // Each in its turn: what a leader of a later view sends ahead takes nobody's time before that.
  const auto* own = own_.notar(h.view);
  const bool voted = (own != nullptr && own->id == b.id) || (own_.votes.contains(h.view.value) && b.signed_result);
  const VoteItem notar{VoteKind::notar, h.view, b.id, Hash{}};
  const bool backed = h.view > views_.cur ? pool_.weak(notar) : pool_.strong(notar);  // ahead of here an honest validator voted in its view
  if (h.view != views_.cur && !voted && !final_.known.contains(b.id) && !backed) return false;
  b.asked = true;
  emit(Execute{b.id});
  return false;
}

// M5. Only the highest block that can be voted for: FINAL for it is FINAL for its ancestors.
bool Simplex::vote_final() {
  if (!gate_.open || !stopped_.why.empty()) return false;
  while (!final_.to_vote.empty()) {
    const auto [view, id] = *final_.to_vote.rbegin();
    if (view <= std::max(own_.floor, own_.fin_high)) {
      final_.to_vote.clear();
      break;
    }
    final_.to_vote.erase({view, id});
    auto* b = tree_.find(id);
    const auto& own = own_.votes[view.value];
    if (b == nullptr || b->bad || own.null || own.fin) continue;
    const VoteItem notar{VoteKind::notar, view, id, Hash{}};
    own_.fin_high = view;
    own_.fin_height = std::max(own_.fin_height, b->header().height);
    if (auto vote = sign({VoteKind::final, view, id, *b->result}, b, {notar})) broadcast(Votes{{std::move(*vote)}});
    return true;
  }
  return false;
}

// M6. An earlier NOTAR in the view does not forbid it: without that a split vote would never be left.
bool Simplex::nullify() {
  if (!may_vote(views_.cur)) return false;
  const auto& own = own_.votes[views_.cur.value];
  if (own.null || own.fin) return false;
  const VoteItem null{VoteKind::null, views_.cur, Hash{}, Hash{}};
  const auto chief = leader(views_.cur);
  const auto notarized = pool_.notarized(views_.cur);
  bool reason = pool_.weak(null);
  for (const auto& item : notarized)
    if (const auto* b = tree_.find(item.id); b != nullptr && b->bad) reason = true;
  if (notarized.empty()) {  // with N in hand a node goes on fetching and executing, however long that takes
    std::size_t by_leader = 0;
    for (const auto& item : pool_.items(views_.cur)) by_leader += item.kind == VoteKind::notar && pool_.voted_for(item, chief);
    const bool dead = chief != facts_.voter && help_.peers[chief].missed >= 2;
    // Asked for a block and given nothing, while others want to go on.
    const bool yields = chief == facts_.voter && !own.notar && !proposer_.build && proposer_.built_nothing &&
                        proposer_.built_nothing->first == views_.cur &&
                        (null_seen() || (turn_.others_want && proposer_.built_nothing->second));
    const bool passed = !own.notar && passes_over(chief) && has_work();  // unless it was there at once
    reason |=
        turn_.expired || turn_.late_again || by_leader > 1 || pool_.voted_for(null, chief) || (dead && has_work()) || yields || passed;
    turn_.passing |= passed;
    turn_.at_once |= passed || (dead && has_work());
  }
  return reason && give_null();
}

bool Simplex::give_null() {
  wished_of(leader(views_.cur));  // one of the wishes that it hears
  count_on(leader(views_.cur));
  if (auto vote = sign({VoteKind::null, views_.cur, Hash{}, Hash{}}, nullptr, {})) broadcast(Votes{{std::move(*vote)}});
  return true;
}

}  // namespace dos::consensus
