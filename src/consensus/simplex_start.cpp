// Out of the journal, and what stands before the first vote (docs/spec/consensus.md, "Start gate and quarantine").
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

Status Simplex::restore(const EngineSetup& setup) {
  const View all{UINT64_MAX};
  std::set<Hash> with_payload;
  std::size_t at = 0;
  // Up to the last damage a journal gives what it can: nothing is signed on its word.
  const auto sound = [&] { return setup.journal_intact || at >= setup.sound_from; };
  const auto wrong = [&](const std::string& what) -> Status {
    if (setup.journal_intact) return fail(Errc::corrupt, "the journal holds " + what);
    gate_open_ = false;
    return {};
  };
  const auto unreadable = [&](const char* what) { return wrong(std::string(what) + " that does not decode"); };
  const auto keep_vote = [&](const ledger::Vote& vote, bool durable) -> Status {
    if (vote.ballot.epoch != facts_.epoch) return {};
    const auto taken = pool_.take(vote, tip_.view, all, sound() ? VotePool::Trust::checked : VotePool::Trust::none, durable);
    if (!taken) return sound() ? wrong("a vote that cannot have been written: " + taken.error().detail) : Status{};
    if (vote.ballot.voter != facts_.voter) return {};
    if (!taken->contradictions.empty()) return wrong("two votes of this validator that contradict each other");
    for (const auto& item : vote.ballot.items) {
      if (item.view <= tip_.view) continue;
      auto& own = own_[item.view.value];
      (item.kind == VoteKind::notar ? own.notar : item.kind == VoteKind::null ? own.null : own.fin) = item;
    }
    return {};
  };
  for (; at < setup.records.size(); ++at) {
    const auto& r = setup.records[at];
    switch (r.kind) {
      case RecordKind::contents:
        if (const auto contents = codec::decode<BlockContents>(r.bytes)) with_payload.insert(contents->id);
        else DOS_TRY(unreadable("a payload"));
        break;
      case RecordKind::proposal:
        if (auto p = codec::decode<Proposal>(r.bytes)) {
          DOS_TRY(keep_vote(p->vote, true));
          if (p->header.view > tip_.view && p->header.height > tip_.height && tree_.find(ledger::block_id(p->header)) == nullptr)
            tree_.add(std::move(*p));
        } else {
          DOS_TRY(unreadable("a proposal"));
        }
        break;
      case RecordKind::vote:
        if (const auto vote = codec::decode<ledger::Vote>(r.bytes)) DOS_TRY(keep_vote(*vote, true));
        else DOS_TRY(unreadable("a vote"));
        break;
      case RecordKind::final:
        if (auto final = codec::decode<FinalRecord>(r.bytes)) {
          // Whatever the store remembers: of views at or below a final block, own votes may have been dropped.
          floor_ = std::max(floor_, final->certificate.item.view);
          if (final->certificate.item.id == tip_.id) tip_certificate_ = final->certificate;
          else
            for (const auto& vote : votes_of(final->certificate)) DOS_TRY(keep_vote(vote, true));
        } else {
          DOS_TRY(unreadable("a final certificate"));
        }
        break;
      case RecordKind::gate:
        if (const auto gate = codec::decode<GateRecord>(r.bytes)) {
          if (gate->epoch == facts_.epoch) {
            gate_open_ = sound();
            gate_floor_ = std::max(gate_floor_, gate->floor);
          }
        } else {
          DOS_TRY(unreadable("a gate record"));
        }
        break;
      case RecordKind::boot: break;
      default: DOS_TRY(unreadable("a record of a kind that is not written any more"));
    }
  }
  if (tip_certificate_ && tip_certificate_->item.id != tip_.id) {  // of a descendant
    for (const auto& vote : votes_of(*tip_certificate_)) DOS_TRY(keep_vote(vote, false));
    tip_certificate_.reset();
  }
  for (const auto& id : tree_.from(View{0}))
    if (auto* b = tree_.find(id); with_payload.contains(id)) tree_.hold(*b), b->durable = true;
  floor_ = std::max({floor_, tip_.view, gate_floor_});
  fin_height_ = tip_.height;
  for (const auto& [view, own] : own_) {
    if (!own.fin) continue;
    fin_high_ = std::max(fin_high_, View{view});
    if (auto* block = tree_.find(own.fin->id)) {
      fin_height_ = std::max(fin_height_, block->header().height);
      block->signed_result = own.fin->result;
    }
  }
  signed_high_ = own_.empty() ? View{0} : View{own_.rbegin()->first};
  if (gate_open_ && peers_.size() > 1) unsure_ = View{std::max(floor_, signed_high_).value + 1};
  cur_ = null_low_ = View{tip_.view.value + 1};
  for (const auto& id : tree_.from(View{0})) tree_.changed(*tree_.find(id));
  return {};
}

void Simplex::on(const Start&) {
  entered_at_ = now_;
  if (!gate_open_ && key_unused_ && own_.empty()) {
    emit(Persist{{encode_gate({facts_.epoch, View{0}}, record_height())}, {}});
    gate_open_ = true;
  }
  if (!gate_open_) {
    entropy_->fill(nonce_.bytes);
    ask_wait_ = pace_.sync_ns();
    ask_signed(Send::kEverybody);
  }
  // What was signed must be heard by all: it may have been lost with the power.
  std::vector<HeldVoteRef> mine = pool_.votes_by(facts_.voter, tip_.view);
  send_votes(Send::kEverybody, mine);
}

void Simplex::ask_signed(std::uint16_t to) {
  if (facts_.validators.members.size() > 1) emit(Send{to, SignedAsk{facts_.epoch, nonce_}});
  if (to != Send::kEverybody) return;
  ask_at_ = now_ + ask_wait_;
  ask_wait_ = std::min(2 * ask_wait_, kMaxRetryNs);
  if (facts_.validators.members.size() == 1) ask_at_.reset();  // nobody to ask
}

// The highest view this node may have been in: after a restart its votes may be ahead of what it has executed again.
View Simplex::top() const {
  View top = cur_;
  for (auto own = own_.rbegin(); own != own_.rend(); ++own)
    if (own->second.notar || own->second.null || own->second.fin) return std::max(top, View{own->first});
  return top;
}

// The votes by which a view was entered.
std::vector<ledger::Vote> Simplex::entered_by(View view) const {
  const View before{view.value - 1};
  std::vector<ledger::Vote> votes;
  std::optional<VoteItem> by;
  if (const auto left = left_by_.find(before.value); left != left_by_.end()) by = left->second;
  for (const auto& item : pool_.items(before))
    if (!by && pool_.strong(item)) by = item;
  if (by)
    for (const auto& held : pool_.votes_for(*by)) votes.push_back(held->vote);
  if (votes.empty() && tip_certificate_ && tip_certificate_->item.view == before) votes = votes_of(*tip_certificate_);
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
  if (m.epoch != facts_.epoch || !gate_open_ || top() <= gate_floor_ || !may_answer(from)) return;
  auto by = entered_by(top());
  // Power may have taken the evidence together with a header that came back since: then there is nothing to show yet.
  if (top().value > 1 && !shows_strong(by, View{top().value - 1})) return;
  emit(Send{from, SignedAnswer{facts_.epoch, m.nonce, top(), tip_.height, std::move(by)}});
}

void Simplex::receive(std::uint16_t from, const SignedAnswer& m) {
  if (gate_open_ || m.epoch != facts_.epoch || m.nonce != nonce_) return;
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
  answers_[from] = std::max(answers_[from], m.top);
  std::uint64_t weight = 0;
  View top{0};
  for (const auto& [peer, view] : answers_) {
    weight += facts_.validators.members[peer].weight;
    top = std::max(top, view);
  }
  if (!ledger::strong(weight, facts_.validators.total())) return;
  // Whoever votes in v holds evidence that a strong set voted in v - 1. One of them answered here, honestly, and was at v - 1
  // at least, or at v - 2 if power took from it the record of the header it sent in v - 1.
  gate_floor_ = std::max({gate_floor_, View{top.value + 2}});
  floor_ = std::max(floor_, gate_floor_);
  emit(Persist{{encode_gate({facts_.epoch, gate_floor_}, record_height())}, {}});
  gate_open_ = true;
  ask_at_.reset();
}

std::vector<EngineRecord> Simplex::live_records() const {
  std::vector<EngineRecord> out;
  const Height h = record_height();
  if (gate_open_) out.push_back(encode_gate({facts_.epoch, gate_floor_}, h));
  if (tip_certificate_) {
    auto final = encode_final(tip_.height, {*tip_certificate_});
    final.height = h;
    out.push_back(std::move(final));
  }
  for (const auto& id : tree_.from(View{tip_.view.value + 1}))
    if (const auto* b = tree_.find(id); b->durable) out.push_back(encode_proposal(b->proposal));
  // Every vote that was written stays, not only the fewest that a certificate needs: those are others once more have come.
  for (std::uint16_t voter = 0; voter < facts_.validators.members.size(); ++voter)
    for (const auto& held : pool_.votes_by(voter, tip_.view))
      if (held->durable || voter == facts_.voter) out.push_back(encode_vote(held->vote, h));
  return out;
}

}  // namespace dos::consensus
