// M2: the leader of a view makes its one header, when somebody wants a block.
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

// The certified block of the highest view below the current one, over views that are all nullified.
std::optional<Simplex::Parent> Simplex::best_parent() const {
  const View low{null_low_.value - 1};  // there, or in a view with Z
  for (const View view : tree_.views(std::max(low, View{tip_.view.value + 1}), View{cur_.value - 1}))
    for (const auto& id : tree_.at(view))
      if (auto parent = parent_at(id, view)) return parent;
  if (low > tip_.view) return std::nullopt;
  return parent_at(tip_.id, tip_.view);
}

// Power may take the only copy of the payload. Without the leader of more than a third, N of the block leaves no third of the
// weight to whom the payload came, and the others could neither go on with the block nor give up its view.
bool Simplex::may_send_unsynced(View view) const {
  const bool heavy = pool_.weak_weight(facts_.validators.members[facts_.voter].weight);
  return peers_.size() > 1 && !heavy && view.value == signed_high_.value + 1 && view > unsure_;
}

// A header that was lost and taken back has its payload fetched like any other's.
const Block* Simplex::own_proposal(View view) const {
  const auto own = own_.find(view.value);
  if (!leads(view) || own == own_.end() || !own->second.notar) return nullptr;
  const auto* block = tree_.find(own->second.notar->id);
  return block != nullptr && block->payload ? block : nullptr;
}

bool Simplex::propose() {
  if (!leads(cur_) || !may_vote(cur_)) return false;
  const auto& own = own_[cur_.value];
  if (own.notar || own.null || own.fin || (build_ && build_->view == cur_)) return false;
  // A block that has N but not F yet needs no successor while its last votes are on their way.
  bool even_empty = has_work() && cur_.value - tip_.view.value > kQuietViews;
  bool in_time = unfinal_work() || undecided();
  even_empty |= others_want_;
  if (demand_.block) {
    const auto best = best_parent();
    const bool under_way = best && best->id != tip_.id;  // one has N: it will do if it becomes final
    (under_way ? in_time : even_empty) = true;
  }
  bool wanted = even_empty || demand_.pending || null_seen() || abandoned_work();
  if (!even_empty && in_time) {
    const auto patience = entered_at_ + (unfinal_work() ? pace_.final_ns() : pace_.sync_ns());
    if (now_ >= patience) wanted = even_empty = true;
    else propose_at_ = patience;
  }
  if (!wanted) return false;
  if (built_nothing_ && built_nothing_->first == cur_ && (built_nothing_->second || !even_empty)) return false;
  // One header a view, ever; the others need not wait for one that may be lost, unless they have it.
  if (cur_ <= unsure_) return pool_.notarized(cur_).empty() && give_null();
  const auto parent = best_parent();
  if (!parent || !parent->executed || !parent->result) return false;
  build_ = BuildAsk{cur_, *parent};
  // Sooner than the others refuse it: they may hold what this node does not.
  const bool only_empty = tree_.held_bytes() > timing_.max_unfinal_bytes / 2;
  emit(Build{cur_, parent->id, Height{parent->height.value + 1}, even_empty, only_empty});
  built_nothing_ = std::pair(cur_, even_empty);  // until the answer says otherwise
  return true;
}

void Simplex::on(const Built& in) {
  if (!build_ || build_->view != in.view) return;
  const auto ask = *std::exchange(build_, std::nullopt);
  if (in.view != cur_ || in.empty || !may_vote(cur_)) return;
  const auto& own = own_[cur_.value];
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
  h.view = cur_;
  h.parent_view = ask.parent.view;
  const Hash id = ledger::block_id(h);
  auto& block = tree_.add(std::move(p));
  tree_.hold(block);
  emit(Proposed{id, block.header()});
  std::vector<VoteItem> rests_on;
  if (ask.parent.id != tip_.id) rests_on.push_back({VoteKind::notar, ask.parent.view, ask.parent.id, Hash{}});
  rest_on_nulls(ask.parent.view, rests_on);
  const bool unsynced = may_send_unsynced(cur_);
  if (!sign({VoteKind::notar, cur_, id, Hash{}}, &block, rests_on)) return;
  header_at_ = now_;
  view_timer_ = now_ + pace_.view_ns();
  broadcast(block.proposal);
  if (unsynced) std::swap(out_.back(), out_[out_.size() - 2]);  // the others sync while this node does
}

}  // namespace dos::consensus
