#include "consensus/vote_pool.hpp"

#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

int VotePool::contradiction(const VoteItem& a, const VoteItem& b) {
  if (a.view != b.view || a == b) return 0;
  if (a.kind == VoteKind::notar && b.kind == VoteKind::notar) return 1;
  if (a.kind == VoteKind::final && b.kind == VoteKind::final) return 3;
  const bool null_and_final =
      (a.kind == VoteKind::null && b.kind == VoteKind::final) || (a.kind == VoteKind::final && b.kind == VoteKind::null);
  return null_and_final ? 2 : 0;
}

bool VotePool::check(HeldVote& held) const {
  if (!held.verified) held.verified = check_signature(facts_->chain, facts_->validators, held.vote).has_value();
  return held.verified;
}

const VotePool::Tally* VotePool::tally(const VoteItem& item) const {
  const auto of = views_.find(item.view.value);
  if (of == views_.end()) return nullptr;
  const auto t = of->second.tallies.find(item);
  return t == of->second.tallies.end() ? nullptr : &t->second;
}

bool VotePool::has_room(const OfView& of, const VoteItem& item, std::uint16_t voter) const {
  if (const auto t = of.tallies.find(item); t != of.tallies.end() && ledger::weak(t->second.weight, total_)) return true;
  int others = 0;
  for (const auto& [other, t] : of.tallies) others += other.kind == item.kind && other != item && t.votes.contains(voter);
  return others < kTargetsAKind;
}

bool VotePool::contradicted(const OfView& of, const VoteItem& item, std::uint16_t voter) const {
  for (const auto& [other, t] : of.tallies)
    if (contradiction(item, other) != 0 && t.votes.contains(voter)) return true;
  return false;
}

void VotePool::report(OfView& of, const VoteItem& item, const HeldVoteRef& held, std::vector<Contradiction>& into) {
  const auto voter = held->vote.ballot.voter;
  for (auto& [other, t] : of.tallies) {
    const int kind = contradiction(item, other);
    const auto first = t.votes.find(voter);
    if (kind == 0 || first == t.votes.end() || of.reported.contains({voter, kind})) continue;
    if (!first->second->verified) {  // it was kept unchecked: now something depends on it
      if (!check(*first->second)) {
        t.votes.erase(first);
        --size_;
        continue;
      }
      count(other, t, voter);
    }
    of.reported.insert({voter, kind});
    into.push_back({voter, first->second->vote, held->vote});
  }
}

Result<VotePool::Taken> VotePool::take(const ledger::Vote& vote, View above, View upto, Trust trust, bool durable) {
  const auto voter = vote.ballot.voter;
  DOS_TRY(check_ballot(facts_->epoch, facts_->validators, vote.ballot));
  Taken taken;
  std::vector<VoteItem> wanted;
  bool must_check = trust == Trust::none;
  for (const auto& item : vote.ballot.items) {
    if (item.view <= above || item.view > upto) continue;
    const auto of = views_.find(item.view.value);
    if (of == views_.end()) {
      must_check = true;
      wanted.push_back(item);
      continue;
    }
    const auto t = of->second.tallies.find(item);
    const bool strong = t != of->second.tallies.end() && ledger::strong(t->second.weight, total_);
    if (t != of->second.tallies.end())
      if (const auto old = t->second.votes.find(voter); old != t->second.votes.end()) {
        if (durable && old->second->vote.signature == vote.signature) old->second->durable = true;
        if (old->second->verified || trust == Trust::sender) continue;
      }
    if (trust != Trust::checked && !has_room(of->second, item, voter)) {
      taken.refused = true;
      continue;
    }
    must_check |= !strong || contradicted(of->second, item, voter);
    wanted.push_back(item);
  }
  if (wanted.empty()) return taken;

  auto held = std::make_shared<HeldVote>(HeldVote{vote, trust == Trust::checked, durable});
  if (must_check && !check(*held))
    return fail(Errc::signature_invalid, "a vote of validator " + facts_->validators.members[voter].name + " does not verify");
  for (const auto& item : wanted) {
    auto& t = views_[item.view.value].tallies[item];
    size_ += t.votes.insert_or_assign(voter, held).second;  // over an unchecked one, which never counted
    if (held->verified) count(item, t, voter);
  }
  taken.fresh = held->verified;
  if (held->verified)
    for (const auto& item : wanted) report(views_[item.view.value], item, held, taken.contradictions);
  return taken;
}

std::uint64_t VotePool::weight(const VoteItem& item) const {
  const auto* t = tally(item);
  return t == nullptr ? 0 : t->weight;
}

std::vector<VoteItem> VotePool::notarized(View view) const {
  std::vector<VoteItem> out;
  if (const auto of = views_.find(view.value); of != views_.end())
    for (const auto& [item, t] : of->second.tallies)
      if (item.kind == VoteKind::notar && ledger::strong(t.weight, total_)) out.push_back(item);
  return out;
}

bool VotePool::nullified(View view) const { return strong(VoteItem{VoteKind::null, view, Hash{}, Hash{}}); }

std::vector<VoteItem> VotePool::finalized(View view) const {
  std::vector<VoteItem> out;
  if (const auto of = views_.find(view.value); of != views_.end())
    for (const auto& [item, t] : of->second.tallies)
      if (item.kind == VoteKind::final && ledger::strong(t.weight, total_)) out.push_back(item);
  return out;
}

std::vector<VoteItem> VotePool::items(View view) const {
  std::vector<VoteItem> out;
  if (const auto of = views_.find(view.value); of != views_.end())
    for (const auto& [item, t] : of->second.tallies)
      if (t.weight > 0) out.push_back(item);
  return out;
}

bool VotePool::any_at(View view) const {
  const auto of = views_.find(view.value);
  return of != views_.end() && std::ranges::any_of(of->second.tallies, [](const auto& t) { return t.second.weight > 0; });
}

bool VotePool::weak_above(View view) const {
  std::set<std::uint16_t> voters;
  std::uint64_t weight = 0;
  for (auto of = views_.upper_bound(view.value); of != views_.end(); ++of)
    for (const auto& [item, t] : of->second.tallies)
      for (const auto& [voter, held] : t.votes)
        if (held->verified && voters.insert(voter).second) weight += facts_->validators.members[voter].weight;
  return ledger::weak(weight, total_);
}

std::vector<View> VotePool::views(View above) const {
  std::vector<View> out;
  for (auto of = views_.upper_bound(above.value); of != views_.end(); ++of) out.push_back(View{of->first});
  return out;
}

std::vector<HeldVoteRef> VotePool::votes_for(const VoteItem& item) const {
  std::vector<HeldVoteRef> out;
  const auto* t = tally(item);
  if (t == nullptr) return out;
  std::uint64_t weight = 0;
  // Members stand by weight, heaviest first: so the first ones are the fewest.
  for (const auto& [voter, held] : t->votes) {
    if (!held->verified) continue;
    out.push_back(held);
    weight += facts_->validators.members[voter].weight;
    if (ledger::strong(weight, total_)) break;
  }
  return out;
}

std::vector<HeldVoteRef> VotePool::votes_by(std::uint16_t voter, View above) const {
  std::vector<HeldVoteRef> out;
  std::set<HeldVoteRef> seen;  // only asked whether it is in: its order matters nowhere
  for (auto of = views_.upper_bound(above.value); of != views_.end(); ++of)
    for (const auto& [item, t] : of->second.tallies)
      if (const auto held = t.votes.find(voter); held != t.votes.end() && held->second->verified)
        if (seen.insert(held->second).second) out.push_back(held->second);
  return out;
}

std::vector<HeldVoteRef> VotePool::votes_at(std::uint16_t voter, View view) const {
  std::vector<HeldVoteRef> out;
  if (const auto of = views_.find(view.value); of != views_.end())
    for (const auto& [item, t] : of->second.tallies)
      if (const auto held = t.votes.find(voter); held != t.votes.end() && held->second->verified)
        if (std::ranges::find(out, held->second) == out.end()) out.push_back(held->second);
  return out;
}

bool VotePool::voted(View view, std::uint16_t voter) const {
  if (const auto of = views_.find(view.value); of != views_.end())
    for (const auto& [item, t] : of->second.tallies)
      if (t.votes.contains(voter)) return true;
  return false;
}

bool VotePool::voted_for(const VoteItem& item, std::uint16_t voter) const {
  const auto* t = tally(item);
  if (t == nullptr) return false;
  const auto held = t->votes.find(voter);
  return held != t->votes.end() && held->second->verified;
}

std::vector<std::uint16_t> VotePool::voters(const VoteItem& item) const {
  std::vector<std::uint16_t> out;
  if (const auto* t = tally(item))
    for (const auto& [voter, held] : t->votes)
      if (held->verified) out.push_back(voter);
  return out;
}

void VotePool::count(const VoteItem& item, Tally& tally, std::uint16_t voter) {
  tally.weight += facts_->validators.members[voter].weight;
  if (item.kind == VoteKind::final && ledger::strong(tally.weight, total_)) finals_.insert(item);
}

void VotePool::forget(View upto) {
  for (auto of = views_.begin(); of != views_.end() && of->first <= upto.value; of = views_.erase(of))
    for (const auto& [item, t] : of->second.tallies) size_ -= t.votes.size();
  std::erase_if(finals_, [&](const VoteItem& item) { return item.view <= upto; });
}

}  // namespace dos::consensus
