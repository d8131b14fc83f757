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

// M3. The first header of the view whose payload is held, on a parent that may be built on.
bool Simplex::notarize() {
  if (!may_vote(views_.cur) || own_.at(views_.cur).notar || (views_.cur <= own_.unsure && leads(views_.cur))) return false;
  for (const auto& id : tree_.at(views_.cur)) {
    auto* b = tree_.find(id);
    const auto& h = b->header();
    if (!b->payload || b->bad || b->back_dated || !rules::has_room(h, tree_.held_bytes(), timing_.max_unfinal_bytes)) continue;
    const auto parent = rules::parent_at(seen(), h.parent, h.parent_view);
    if (!parent || !rules::nulls_between(views_, h.parent_view)) continue;
    if (!rules::follows(h, *parent)) {
      mark_bad(*b);
      return true;
    }
    if (const auto early = rules::early_ms(h, *parent, wall_, timing_.max_clock_ahead_ms)) {  // judged again when the clock gets there
      turn_.judge_at = now_ + std::min<std::uint64_t>(early, 60'000) * 1'000'000;
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
  for (const auto& key : std::exchange(held_.to_execute, {})) {
    auto* b = tree_.find(key.second);
    if (b == nullptr || !b->payload || b->bad || b->asked) continue;
    const auto due = rules::due(seen(), *b);
    if (due == rules::Due::never) mark_bad(*b), any = true;
    if (due == rules::Due::now) b->asked = true, emit(Execute{b->id});
  }
  return any;
}

// M5. What is due and not voted for now is never: a later block was, or NULL.
bool Simplex::vote_final() {
  if (!gate_.open || !stopped_.why.empty()) return false;
  const auto due = rules::to_finalize(seen());
  auto& to_vote = final_.to_vote;
  to_vote.erase(due ? to_vote.find(*due) : to_vote.begin(), to_vote.end());
  if (!due) return false;
  const auto [view, id] = *due;
  auto* b = tree_.find(id);
  const VoteItem notar{VoteKind::notar, view, id, Hash{}};
  own_.fin_high = view;
  own_.fin_height = std::max(own_.fin_height, b->header().height);
  if (auto vote = sign({VoteKind::final, view, id, *b->result}, b, {notar})) broadcast(Votes{{std::move(*vote)}});
  return true;
}

// M6. An earlier NOTAR in the view does not forbid it: without that a split vote would never be left.
bool Simplex::nullify() {
  if (!may_vote(views_.cur)) return false;
  const auto own = own_.at(views_.cur);
  if (own.null || own.fin) return false;
  bool reason = rules::fails(seen());
  if (pool_.notarized(views_.cur).empty()) {  // with N in hand a node goes on fetching and executing, however long that takes
    rules::OfLeader leader{this->leader(views_.cur)};
    leader.dead = leader.chief != facts_.voter && help_.peers[leader.chief].missed >= 2 && has_work();
    // Asked for a block and given nothing, while others want to go on.
    const auto& nothing = proposer_.built_nothing;
    leader.yields = leader.chief == facts_.voter && !own.notar && !proposer_.build && nothing && nothing->first == views_.cur &&
                    (null_seen() || (turn_.others_want && nothing->second));
    leader.passed = !own.notar && passes_over(leader.chief) && has_work();  // unless it was there at once
    reason |= rules::gives_up(seen(), turn_, leader);
    turn_.passing |= leader.passed;
    turn_.at_once |= leader.passed || leader.dead;
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
