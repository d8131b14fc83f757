#include "sim/engines/sequencer/sequencer.hpp"

#include "consensus/votes.hpp"

namespace dos::sim::sequencer {

using ledger::VoteItem;
using ledger::VoteKind;

Sequencer::Sequencer(EngineSetup setup, Entropy& entropy)
    : facts_(std::move(setup.facts)),
      key_(setup.key),
      entropy_(&entropy),
      valset_(ledger::valset_hash(facts_.validators)),
      key_unused_(setup.key_unused),
      tip_(setup.tip),
      tip_proof_(std::move(setup.tip_proof)) {}

Status Sequencer::restore(const EngineSetup& setup) {
  for (const auto& r : setup.records) {
    if (r.kind == RecordKind::gate && setup.journal_intact) gate_open_ = true;
    if (r.kind != RecordKind::proposal) continue;
    DOS_ASSIGN(auto p, codec::decode<Proposal>(r.bytes));
    const auto height = p.header.height;
    if (height > tip_.height) blocks_[height.value] = {ledger::block_id(p.header), std::move(p), false, true, false, {}};
  }
  return {};
}

Outputs Sequencer::step(std::uint64_t now_ns, std::uint64_t, Input input) {
  if (halted_) return {};
  now_ = now_ns;
  out_.clear();
  std::visit([this](const auto& in) { on(in); }, input);
  do {
    execute();
    sign_final();
  } while (!halted_ && finalize());
  if (!halted_) build();
  if (!halted_) retry();
  return std::exchange(out_, {});
}

// ---- inputs

void Sequencer::on(const Start&) {
  if (!orders() || gate_open_) return;
  if (!key_unused_) return emit(StopVoting{"it cannot know what it has ordered"});
  emit(Persist{{encode_gate({facts_.epoch, View{0}}, Height{tip_.height.value + 1})}, {}});
  gate_open_ = true;
}

void Sequencer::on(const PeerUp& in) { tell(in.peer); }

// Where this node is, and what it is about to make final.
void Sequencer::tell(std::uint16_t to) {
  if (!orders()) return;
  if (tip_proof_) emit(Send{to, Final{tip_proof_->form}});
  if (const auto* b = next(); b != nullptr && b->durable && b->payload) emit(Send{to, b->proposal});
}

template <class M>
void Sequencer::read(std::uint16_t from, const EngineMessage& message) {
  const auto m = codec::decode<M>(message.body);
  if (m) receive(from, *m);
  else emit(Punish{from, "a message that does not decode"});
}

void Sequencer::on(const Received& in) {
  if (const auto* p = std::get_if<Proposal>(&in.message)) return receive(in.from, *p);
  const auto& message = std::get<EngineMessage>(in.message);
  if (message.kind == Final::kKind) read<Final>(in.from, message);
  else if (message.kind == Ask::kKind) read<Ask>(in.from, message);
  else emit(Punish{in.from, "a message that is not of this engine"});
}

bool Sequencer::fits(const ledger::Header& h) const {
  return h.version == 1 && h.engine == kNumber && h.chain == facts_.chain && h.epoch == facts_.epoch && h.view.value == h.height.value &&
         h.parent_view.value + 1 == h.view.value && h.valset == valset_ && h.next_valset == valset_ && h.payload.len <= kMaxPayloadBytes &&
         h.payload.shard_root.is_zero();
}

void Sequencer::receive(std::uint16_t from, const Proposal& p) {
  const auto& h = p.header;
  if (orders() || h.height <= tip_.height || h.height.value > tip_.height.value + kKept) return;
  if (!fits(h) || !facts_.engine->sealed(facts_, p)) return emit(Punish{from, "a header that the sequencer did not make"});
  const Hash id = ledger::block_id(h);
  const auto [at, fresh] = blocks_.try_emplace(h.height.value, Block{id, p, false, false, false, {}});
  if (fresh || at->second.id == id) return;
  ++evidence_;
  emit(Misbehaviour{kSequencer, "ordered two blocks at height " + std::to_string(h.height.value), codec::encode(at->second.proposal),
                    codec::encode(p)});
}

void Sequencer::receive(std::uint16_t from, const Final& final) {
  const Height height{final.form.item.view.value};
  if (orders() || height <= tip_.height) return;
  FinalityProof proof{final.form};
  if (!facts_.engine->verifier().judge(facts_.chain, facts_.validators, proof))
    return emit(Punish{from, "a proof that the sequencer did not give"});
  goal_ = std::max(goal_, height);
  if (height.value <= tip_.height.value + kKept) proofs_.emplace(height.value, std::move(proof));
  if (next() == nullptr) emit(CatchUp{goal_, kSequencer});
}

void Sequencer::receive(std::uint16_t from, const Ask& ask) {
  if (!orders()) return;
  others_want_ |= ask.wants;
  nothing_ &= !ask.wants;
  tell(from);
}

void Sequencer::on(const PayloadReady& in) {
  auto* b = find(in.id);
  if (b == nullptr) return;
  if (!in.valid) return halt("the sequencer ordered a block whose payload nobody can read");
  b->payload = true;
}

void Sequencer::on(const Built& in) {
  building_ = false;
  nothing_ = in.empty;
  if (in.empty || in.view.value != tip_.height.value + 1 || next() != nullptr) return;
  Proposal p;
  auto& h = p.header;
  h.engine = kNumber;
  h.chain = facts_.chain;
  h.height = Height{tip_.height.value + 1};
  h.parent = tip_.id;
  h.time = TimeMs{std::max(in.time.value, tip_.time.value + 1)};
  h.proposer = kSequencer;
  h.payload = in.payload;
  h.tx_root = in.tx_root;
  h.parent_result = tip_.result;
  h.valset = h.next_valset = valset_;
  h.params = in.params;
  h.epoch = facts_.epoch;
  h.view = View{h.height.value};
  h.parent_view = View{tip_.height.value};
  const Hash id = ledger::block_id(h);
  p.vote = sign({VoteKind::notar, h.view, id, Hash{}});
  if (halted_) return;
  emit(Proposed{id, h});
  emit(Persist{{encode_proposal(p)}, {id}});
  emit(Send{Send::kEverybody, p});
  blocks_[h.height.value] = {id, std::move(p), true, true, false, {}};
  others_want_ = false;
}

void Sequencer::on(const Executed& in) {
  auto* b = find(in.id);
  if (b == nullptr) return;
  if (!in.valid) return halt("the sequencer ordered a block that is not valid here");
  b->result = in.result;
}

void Sequencer::on(const Adopted& in) {
  if (in.header.height <= tip_.height) return;
  set_tip({in.header.height, ledger::block_id(in.header), in.result, in.header.time, in.header.view}, in.proof);
}

// ---- what is done

Sequencer::Block* Sequencer::next() {
  const auto at = blocks_.find(tip_.height.value + 1);
  return at != blocks_.end() ? &at->second : nullptr;
}

Sequencer::Block* Sequencer::find(const Hash& id) {
  for (auto& [height, b] : blocks_)
    if (b.id == id) return &b;
  return nullptr;
}

ledger::Vote Sequencer::sign(const VoteItem& item) {
  auto vote = make_vote(facts_.chain, facts_.epoch, facts_.voter, *key_, {item}, *entropy_);
  if (!vote) halt("this node cannot sign: " + vote.error().detail);
  return vote ? std::move(*vote) : ledger::Vote{};
}

void Sequencer::halt(std::string why) {
  halted_ = true;
  emit(Halt{std::move(why)});
}

void Sequencer::execute() {
  auto* b = next();
  if (b == nullptr || !b->payload || b->asked) return;
  if (b->proposal.header.parent != tip_.id) return halt("the sequencer ordered a block on another one than the last final one");
  b->asked = true;
  emit(Execute{b->id});
}

void Sequencer::sign_final() {
  auto* b = next();
  if (!orders() || !gate_open_ || b == nullptr || !b->result) return;
  const auto& h = b->proposal.header;
  const VoteItem item{VoteKind::final, h.view, b->id, *b->result};
  const auto vote = sign(item);
  proofs_.insert_or_assign(h.height.value, FinalityProof{{facts_.epoch, item, {{kSequencer, {}, vote.signature}}}});
}

bool Sequencer::finalize() {
  auto* b = next();
  const auto proof = proofs_.find(tip_.height.value + 1);
  if (b == nullptr || !b->result || proof == proofs_.end()) return false;
  const auto named = facts_.engine->verifier().named(proof->second);
  if (named.id != b->id || named.result != *b->result) {
    halt("block " + std::to_string(tip_.height.value + 1) + " is final with another result than the one computed here");
    return false;
  }
  const auto& h = b->proposal.header;
  Persist group;
  if (!b->durable) {
    group.records.push_back(encode_proposal(b->proposal));
    group.payloads.push_back(b->id);
  }
  group.records.push_back(encode_final(h.height, proof->second));
  emit(std::move(group));
  emit(Finalize{{b->id}, proof->second});
  if (orders()) emit(Send{Send::kEverybody, Final{proof->second.form}});
  const auto final = proof->second;
  set_tip({h.height, b->id, *b->result, h.time, h.view}, final);
  return true;
}

void Sequencer::set_tip(const Tip& tip, FinalityProof proof) {
  tip_ = tip;
  tip_proof_ = std::move(proof);
  blocks_.erase(blocks_.begin(), blocks_.upper_bound(tip_.height.value));
  proofs_.erase(proofs_.begin(), proofs_.upper_bound(tip_.height.value));
  building_ = nothing_ = false;
}

void Sequencer::build() {
  if (!orders() || !gate_open_ || building_ || nothing_ || next() != nullptr || !waits()) return;
  building_ = true;
  emit(Build{View{tip_.height.value + 1}, tip_.id, Height{tip_.height.value + 1}, demand_.block || others_want_});
}

void Sequencer::retry() {
  if (orders() || !(waits() || goal_ > tip_.height)) return retry_at_.reset();
  if (!retry_at_) retry_at_ = now_ + kRetryNs;
  if (now_ < *retry_at_) return;
  retry_at_ = now_ + kRetryNs;
  if (goal_ > tip_.height) emit(CatchUp{goal_, kSequencer});
  emit(Send{kSequencer, Ask{tip_.height, waits()}});
}

// ---- what others look at

EngineStatus Sequencer::status() const {
  EngineStatus s;
  s.current = View{tip_.height.value + 1};
  s.floor = View{tip_.height.value};
  s.leader = kSequencer;
  s.fin_voted = tip_.height;
  s.votes = s.acks = !halted_ && (!orders() || gate_open_);
  if (!s.votes) s.why_not = "it cannot know what it has ordered";
  s.heard.assign(facts_.validators.members.size(), true);
  s.evidence = evidence_;
  s.headers = blocks_.size();
  s.votes_held = proofs_.size();
  return s;
}

const Proposal* Sequencer::proposal(const Hash& id) const {
  for (const auto& [height, b] : blocks_)
    if (b.id == id) return &b.proposal;
  return nullptr;
}

bool Sequencer::awaits(const Hash& id) const {
  for (const auto& [height, b] : blocks_)
    if (b.id == id) return !b.payload;
  return false;
}

std::vector<EngineRecord> Sequencer::live_records() const {
  std::vector<EngineRecord> out;
  const Height above{tip_.height.value + 1};
  if (gate_open_) out.push_back(encode_gate({facts_.epoch, View{0}}, above));
  for (const auto& [height, b] : blocks_)
    if (b.durable) out.push_back(encode_proposal(b.proposal));
  return out;
}

}  // namespace dos::sim::sequencer
