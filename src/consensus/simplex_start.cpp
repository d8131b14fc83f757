// What stands before the first vote (docs/spec/consensus.md, "Start gate and quarantine").
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

void Simplex::on(const Start&) {
  turn_.entered_at = now_;
  if (!gate_.open && gate_.key_unused && own_.votes.empty()) {
    emit(Persist{{encode_gate({facts_.epoch, View{0}}, record_height())}, {}});
    gate_.open = true;
  }
  if (!gate_.open) {
    entropy_->fill(gate_.nonce.bytes);
    gate_.ask_wait = pace_.sync_ns();
    ask_signed(Send::kEverybody);
  }
  // What was signed must be heard by all: it may have been lost with the power.
  std::vector<HeldVoteRef> mine = pool_.votes_by(facts_.voter, final_.tip.view);
  send_votes(Send::kEverybody, mine);
}

void Simplex::ask_signed(std::uint16_t to) {
  if (facts_.validators.members.size() > 1) emit(Send{to, SignedAsk{facts_.epoch, gate_.nonce}});
  if (to != Send::kEverybody) return;
  gate_.ask_at = now_ + gate_.ask_wait;
  gate_.ask_wait = std::min(2 * gate_.ask_wait, kMaxRetryNs);
  if (facts_.validators.members.size() == 1) gate_.ask_at.reset();  // nobody to ask
}

// The votes by which a view was entered.
std::vector<ledger::Vote> Simplex::entered_by(View view) const {
  const View before{view.value - 1};
  std::vector<ledger::Vote> votes;
  std::optional<VoteItem> by;
  if (const auto left = views_.left_by.find(before.value); left != views_.left_by.end()) by = left->second;
  for (const auto& item : pool_.items(before))
    if (!by && pool_.strong(item)) by = item;
  if (by)
    for (const auto& held : pool_.votes_for(*by)) votes.push_back(held->vote);
  if (votes.empty() && final_.certificate && final_.certificate->item.view == before) votes = votes_of(*final_.certificate);
  return votes;
}

// Whether a strong set signed one and the same item of `view`, by votes that say so.
bool Simplex::shows_strong(const std::vector<ledger::Vote>& votes, View view) const {
  std::map<VoteItem, std::set<std::uint16_t>> agree;
  for (const auto& vote : votes)
    for (const auto& item : vote.ballot.items)
      if (item.view == view) agree[item].insert(vote.ballot.voter);
  return std::ranges::any_of(agree, [&](const auto& a) {
    std::uint64_t weight = 0;
    for (const auto voter : a.second) weight += facts_.validators.members[voter].weight;
    return ledger::strong(weight, facts_.validators.total());
  });
}

void Simplex::receive(std::uint16_t from, const SignedAsk& m) {
  // Until evidence has led past the own floor, the view this node is in says nothing of what its key has signed.
  if (m.epoch != facts_.epoch || !gate_.open || top() <= gate_.floor || !may_answer(from)) return;
  auto by = entered_by(top());
  // Power may have taken the evidence together with a header that came back since: then there is nothing to show yet.
  if (top().value > 1 && !shows_strong(by, View{top().value - 1})) return;
  emit(Send{from, SignedAnswer{facts_.epoch, m.nonce, top(), final_.tip.height, std::move(by)}});
}

void Simplex::receive(std::uint16_t from, const SignedAnswer& m) {
  if (gate_.open || m.epoch != facts_.epoch || m.nonce != gate_.nonce) return;
  if (m.entered_by.size() > facts_.validators.members.size()) {
    emit(Punish{from, "an answer about what was signed with more votes than there are validators"});
    return;
  }
  if (m.top.value > 1) {  // nobody is in a view without evidence of the one before
    for (const auto& vote : m.entered_by)
      if (!check_vote(facts_.chain, facts_.epoch, facts_.validators, vote)) {
        emit(Punish{from, "an answer about what was signed with a vote that does not verify"});
        return;
      }
    if (!shows_strong(m.entered_by, View{m.top.value - 1})) {
      emit(Punish{from, "an answer about what was signed without evidence of its view"});
      return;
    }
  }
  gate_.answered(from, m.top);
  const auto floor = gate_.floor_by(facts_.validators);
  if (!floor) return;
  gate_.floor = std::max(gate_.floor, *floor);
  own_.floor = std::max(own_.floor, gate_.floor);
  emit(Persist{{encode_gate({facts_.epoch, gate_.floor}, record_height())}, {}});
  gate_.open = true;
  gate_.ask_at.reset();
}

std::vector<EngineRecord> Simplex::live_records() const {
  std::vector<EngineRecord> out;
  const Height h = record_height();
  if (gate_.open) out.push_back(encode_gate({facts_.epoch, gate_.floor}, h));
  if (final_.certificate) {
    auto final = encode_final(final_.tip.height, {*final_.certificate});
    final.height = h;
    out.push_back(std::move(final));
  }
  for (const auto& id : tree_.from(View{final_.tip.view.value + 1}))
    if (const auto* b = tree_.find(id); b->durable) out.push_back(encode_proposal(b->proposal));
  // Every vote that was written stays, not only the fewest that a certificate needs: those are others once more have come.
  for (std::uint16_t voter = 0; voter < facts_.validators.members.size(); ++voter)
    for (const auto& held : pool_.votes_by(voter, final_.tip.view))
      if (held->durable || voter == facts_.voter) out.push_back(encode_vote(held->vote, h));
  return out;
}

}  // namespace dos::consensus
