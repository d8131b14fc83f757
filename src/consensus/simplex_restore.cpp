// Out of the journal (docs/spec/consensus.md, "Journal"). Up to its last damage a journal gives what it can: nothing is signed on its word.
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

class Simplex::Restore {
 public:
  Restore(Simplex& engine, const EngineSetup& setup) : s_(engine), setup_(setup) {}
  Status run();

 private:
  bool sound() const { return setup_.journal_intact || at_ >= setup_.sound_from; }
  Status wrong(const std::string& what);
  Status keep(const ledger::Vote& vote, bool durable);
  Status read(const EngineRecord& r);
  Status take(BlockContents contents);
  Status take(Proposal proposal);
  Status take(const ledger::Vote& vote) { return keep(vote, true); }
  Status take(const FinalRecord& final);
  Status take(const GateRecord& gate);
  template <class T>
  Status take_if(const EngineRecord& r, const char* what) {
    auto value = codec::decode<T>(r.bytes);
    return value ? take(std::move(*value)) : wrong(std::string(what) + " that does not decode");
  }
  void settle();

  Simplex& s_;
  const EngineSetup& setup_;
  std::size_t at_ = 0;  // which record is read
  std::set<Hash> with_payload_;
};

Status Simplex::restore(const EngineSetup& setup) { return Restore(*this, setup).run(); }

Status Simplex::Restore::wrong(const std::string& what) {
  if (setup_.journal_intact) return fail(Errc::corrupt, "the journal holds " + what);
  s_.gate_.open = false;
  return {};
}

Status Simplex::Restore::keep(const ledger::Vote& vote, bool durable) {
  const View above = s_.final_.tip.view;
  if (vote.ballot.epoch != s_.facts_.epoch) return {};
  const auto taken = s_.pool_.take(vote, above, View{UINT64_MAX}, sound() ? VotePool::Trust::checked : VotePool::Trust::none, durable);
  if (!taken) return sound() ? wrong("a vote that cannot have been written: " + taken.error().detail) : Status{};
  if (vote.ballot.voter != s_.facts_.voter) return {};
  if (!taken->contradictions.empty()) return wrong("two votes of this validator that contradict each other");
  for (const auto& item : vote.ballot.items)
    if (item.view > above) s_.own_.note(item);
  return {};
}

Status Simplex::Restore::read(const EngineRecord& r) {
  switch (r.kind) {
    case RecordKind::contents: return take_if<BlockContents>(r, "a payload");
    case RecordKind::proposal: return take_if<Proposal>(r, "a proposal");
    case RecordKind::vote: return take_if<ledger::Vote>(r, "a vote");
    case RecordKind::final: return take_if<FinalRecord>(r, "a final certificate");
    case RecordKind::gate: return take_if<GateRecord>(r, "a gate record");
    case RecordKind::boot: return {};
    default: return wrong("a record of a kind that is not written any more that does not decode");
  }
}

Status Simplex::Restore::take(BlockContents contents) {
  with_payload_.insert(contents.id);
  return {};
}

Status Simplex::Restore::take(Proposal p) {
  DOS_TRY(keep(p.vote, true));
  const auto& tip = s_.final_.tip;
  if (p.header.view > tip.view && p.header.height > tip.height && s_.tree_.find(ledger::block_id(p.header)) == nullptr)
    s_.tree_.add(std::move(p));
  return {};
}

// Whatever the store remembers: of views at or below a final block, own votes may have been dropped.
Status Simplex::Restore::take(const FinalRecord& final) {
  s_.own_.floor = std::max(s_.own_.floor, final.certificate.item.view);
  if (final.certificate.item.id == s_.final_.tip.id) {
    s_.final_.certificate = final.certificate;
    return {};
  }
  for (const auto& vote : votes_of(final.certificate)) DOS_TRY(keep(vote, true));
  return {};
}

Status Simplex::Restore::take(const GateRecord& gate) {
  if (gate.epoch != s_.facts_.epoch) return {};
  s_.gate_.open = sound();
  s_.gate_.floor = std::max(s_.gate_.floor, gate.floor);
  return {};
}

Status Simplex::Restore::run() {
  for (; at_ < setup_.records.size(); ++at_) DOS_TRY(read(setup_.records[at_]));
  auto& certificate = s_.final_.certificate;
  if (certificate && certificate->item.id != s_.final_.tip.id) {  // of a descendant
    for (const auto& vote : votes_of(*certificate)) DOS_TRY(keep(vote, false));
    certificate.reset();
  }
  settle();
  return {};
}

void Simplex::Restore::settle() {
  auto& tree = s_.tree_;
  auto& own = s_.own_;
  const auto& tip = s_.final_.tip;
  for (const auto& id : tree.from(View{0}))
    if (auto* b = tree.find(id); with_payload_.contains(id)) tree.hold(*b), b->durable = true;
  own.floor = std::max({own.floor, tip.view, s_.gate_.floor});
  own.fin_height = tip.height;
  for (const auto& [view, votes] : own.votes) {
    if (!votes.fin) continue;
    own.fin_high = std::max(own.fin_high, View{view});
    if (auto* block = tree.find(votes.fin->id)) {
      own.fin_height = std::max(own.fin_height, block->header().height);
      block->signed_result = votes.fin->result;
    }
  }
  own.signed_high = own.votes.empty() ? View{0} : View{own.votes.rbegin()->first};
  if (s_.gate_.open && s_.help_.peers.size() > 1) own.unsure = View{std::max(own.floor, own.signed_high).value + 1};
  s_.views_.cur = s_.views_.null_low = View{tip.view.value + 1};
  for (const auto& id : tree.from(View{0})) tree.changed(*tree.find(id));
}

}  // namespace dos::consensus
