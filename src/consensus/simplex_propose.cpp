// M2: the leader of a view makes its one header, when somebody wants a block.
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

// Power may take the only copy of the payload. Without the leader of more than a third, N of the block leaves no third of the
// weight to whom the payload came, and the others could neither go on with the block nor give up its view.
bool Simplex::may_send_unsynced(View view) const {
  const bool heavy = pool_.weak_weight(facts_.validators.members[facts_.voter].weight);
  return help_.peers.size() > 1 && !heavy && rules::may_go_ahead(own_, view);
}

// A header that was lost and taken back has its payload fetched like any other's.
const Block* Simplex::own_proposal(View view) const {
  const auto* own = own_.notar(view);
  if (!leads(view) || own == nullptr) return nullptr;
  const auto* block = tree_.find(own->id);
  return block != nullptr && block->payload ? block : nullptr;
}

rules::Reasons Simplex::reasons() const {
  rules::Reasons why;
  why.overdue = has_work() && seen().unfinal_views() > kQuietViews;
  why.others_want = turn_.others_want;
  why.asked = wish_.demand.block;
  if (why.asked) {
    const auto best = rules::best_parent(seen());
    why.under_way = best && best->id != final_.tip.id;
  }
  why.unfinal_work = unfinal_work();
  why.undecided = undecided();
  return why;
}

bool Simplex::propose() {
  if (!leads(views_.cur) || !may_vote(views_.cur)) return false;
  const auto own = own_.at(views_.cur);
  if (own.notar || own.null || own.fin || (proposer_.build && proposer_.build->view == views_.cur)) return false;
  const auto why = reasons();
  const bool work = why.at_once() || wish_.demand.pending || null_seen() || abandoned_work();
  const auto patience = turn_.entered_at + (why.unfinal_work ? pace_.final_ns() : pace_.sync_ns());
  const auto [wanted, even_empty, look_again_at] = rules::wants_block(why, work, now_, patience);
  if (look_again_at) proposer_.propose_at = look_again_at;
  if (!wanted) return false;
  if (proposer_.built_nothing && proposer_.built_nothing->first == views_.cur && (proposer_.built_nothing->second || !even_empty))
    return false;
  // One header a view, ever; the others need not wait for one that may be lost, unless they have it.
  if (views_.cur <= own_.unsure) return pool_.notarized(views_.cur).empty() && give_null();
  const auto parent = rules::best_parent(seen());
  if (!parent || !parent->executed || !parent->result) return false;
  proposer_.build = Proposer::Ask{views_.cur, *parent};
  // Sooner than the others refuse it: they may hold what this node does not.
  const bool only_empty = tree_.held_bytes() > timing_.max_unfinal_bytes / 2;
  emit(Build{views_.cur, parent->id, Height{parent->height.value + 1}, even_empty, only_empty});
  proposer_.built_nothing = std::pair(views_.cur, even_empty);  // until the answer says otherwise
  return true;
}

void Simplex::on(const Built& in) {
  if (!proposer_.build || proposer_.build->view != in.view) return;
  const auto ask = *std::exchange(proposer_.build, std::nullopt);
  if (in.view != views_.cur || in.empty || !may_vote(views_.cur)) return;
  const auto own = own_.at(views_.cur);
  if (own.notar || own.null) return;
  Proposal p;
  auto& h = p.header;
  h.chain = facts_.chain;
  h.height = Height{ask.parent.height.value + 1};
  h.parent = ask.parent.id;
  h.time = TimeMs{std::max(in.time.value, ask.parent.time.value + 1)};
  h.proposer = facts_.voter;
  h.payload = in.payload;
  h.tx_root = in.tx_root;
  h.parent_result = *ask.parent.result;
  h.valset = h.next_valset = valset_;
  h.params = in.params;
  h.epoch = facts_.epoch;
  h.view = views_.cur;
  h.parent_view = ask.parent.view;
  const Hash id = ledger::block_id(h);
  auto& block = tree_.add(std::move(p));
  tree_.hold(block);
  emit(Proposed{id, block.header()});
  std::vector<VoteItem> rests_on;
  if (ask.parent.id != final_.tip.id) rests_on.push_back({VoteKind::notar, ask.parent.view, ask.parent.id, Hash{}});
  rest_on_nulls(ask.parent.view, rests_on);
  const bool unsynced = may_send_unsynced(views_.cur);
  if (!sign({VoteKind::notar, views_.cur, id, Hash{}}, &block, rests_on)) return;
  turn_.header_at = now_;
  turn_.timer = now_ + pace_.view_ns();
  broadcast(block.proposal);
  if (unsynced) std::swap(out_.back(), out_[out_.size() - 2]);  // the others sync while this node does
}

}  // namespace dos::consensus
