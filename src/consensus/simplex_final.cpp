// M1 and M7: a view is left on evidence; blocks become final with their ancestors; and what must never be seen together.
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

namespace {
std::string named(View view) { return "view " + std::to_string(view.value); }
}  // namespace

void Simplex::enter(View view, const VoteItem& by) {
  const auto chief = leader(by.view);
  const bool heard = pool_.voted(by.view, chief) || chief == facts_.voter;
  if (by.kind == VoteKind::null) {
    ++nullified_;
    if (!heard) ++peers_[chief].missed;
  }
  // Also where N came at last: this node has given NULL, so it cannot give FINAL, and others may need that.
  if (heard && view_expired_ && !n_in_time_ && by.view == cur_ && tree_.count(by.view) > 0) pace_.too_slow(chief);
  // Blocks that are final elsewhere say that this node was away.
  const bool judged = by.view == cur_ && by.kind != VoteKind::final && !n_seen_ && !passing_ && chief != facts_.voter;
  if (const auto waited = waited_ns(); judged && waited) pace_.waited(chief, now_, *waited);
  if (judged) leader_answered();
  // Where views fail that this node waits for, others may be passing over leaders that it does not.
  if (by.kind != VoteKind::final) awaited_ += view.value - cur_.value - (at_once_ ? 1 : 0);
  if (awaited_ > kPassOverViews) pace_.forgive();
  left_by_[by.view.value] = by;
  unwritten_.push_back(by);
  View low = view;
  while (low > cur_ && pool_.nullified(View{low.value - 1})) low = View{low.value - 1};
  if (low > cur_) null_low_ = low;  // else what was held below cur joins on
  cur_ = view;
  extend_null_run();
  entered_at_ = now_;
  view_timer_.reset();
  retry_at_.reset();
  view_expired_ = late_again_ = others_want_ = n_seen_ = n_in_time_ = passing_ = at_once_ = false;
  header_at_.reset();
  heard_at_.reset();
  if (wanted_at_) want_since_now();
  for (std::uint16_t i = 0; i < peers_.size() && !others_want_; ++i) others_want_ = wished(peers_[i]) && may_want(i);
  if (tree_.count(cur_) > 0) header_at_ = std::max(now_, paused_until());
  for (const auto& id : tree_.at(cur_)) tree_.changed(*tree_.find(id));  // its turn to be executed
  build_.reset();
  built_nothing_.reset();
  unsettled_tries_ = 0;
  if (waits_for_final() && !std::exchange(said_it_waits_, true)) emit(StopVoting{why_it_waits()});
}

void Simplex::extend_null_run() {
  while (null_low_.value > tip_.view.value + 1 && pool_.nullified(View{null_low_.value - 1})) null_low_ = View{null_low_.value - 1};
}

bool Simplex::advance() {
  const auto views = pool_.views(View{cur_.value - 1});
  for (auto v = views.rbegin(); v != views.rend(); ++v) {
    if (const auto final = pool_.finalized(*v); !final.empty()) {
      enter(View{v->value + 1}, final.front());
      return true;
    }
    for (const auto& item : pool_.notarized(*v))
      if (const auto* b = tree_.find(item.id); b != nullptr && (b->certified() || known_final_.contains(item.id))) {
        enter(View{v->value + 1}, item);
        return true;
      }
  }
  if (pool_.nullified(cur_)) {
    const VoteItem null{VoteKind::null, cur_, Hash{}, Hash{}};
    enter(View{cur_.value + 1}, null);
    broadcast(Have{facts_.epoch, {null}});  // views that fail are where votes were lost
    return true;
  }
  return false;
}

// More than a third lies, or this node's own memory does: in either case nothing more may be signed or served.
void Simplex::find_contradictions() {
  for (const View view : std::exchange(touched_, {})) {
    if (view <= tip_.view) continue;
    const auto notarized = pool_.notarized(view);
    const auto final = pool_.finalized(view);
    if (view == cur_ && !notarized.empty() && header_at_ && !std::exchange(n_seen_, true)) {
      n_in_time_ = !view_expired_;
      pace_.saw_n(leader(view), now_, now_ - std::min(now_, *header_at_));
      if (!passing_) {
        pace_.waited(leader(view), now_, *waited_ns());
        leader_answered();
      }
    }
    if (notarized.size() > 1) return halt("two blocks of " + named(view) + " are notarized: more than a third of the stake lies");
    if (final.size() > 1) return halt("two results of " + named(view) + " are final: more than a third of the stake lies");
    if (!final.empty() && pool_.nullified(view)) return halt(named(view) + " is final and nullified: more than a third of the stake lies");
    finals_changed_ |= !final.empty();
    if (view.value + 1 == null_low_.value) extend_null_run();
    for (const auto& id : tree_.at(view)) tree_.changed(*tree_.find(id));
  }
}

// A weak set holds an honest validator that got another result: then this node does not vote on.
void Simplex::compare_result(const Block& b) {
  std::set<std::uint16_t> differ;  // a liar may have sent several
  bool strong = false;
  for (const auto& item : pool_.items(b.header().view))
    if (item.kind == VoteKind::final && item.id == b.id && item.result != *b.result) {
      for (const auto voter : pool_.voters(item)) differ.insert(voter);
      strong |= pool_.strong(item);
    }
  if (differ.empty()) return;
  const auto where = "block " + std::to_string(b.header().height.value) + " of " + named(b.header().view);
  if (strong) return halt(where + " is final with another result than the one computed here");
  std::uint64_t weight = 0;
  for (const auto voter : differ) weight += facts_.validators.members[voter].weight;
  if (pool_.weak_weight(weight)) stop("other validators computed another result of " + where);
}

// From every F down to the tip, or as far as headers are here. All F lie on one chain, so most ways run into one that was gone.
void Simplex::know_final() {
  if (!std::exchange(finals_changed_, false)) return;
  known_final_.clear();
  reaching_.clear();
  std::map<Hash, bool> reaches;
  for (auto f = pool_.finals().rbegin(); f != pool_.finals().rend() && f->view > tip_.view; ++f) {
    std::vector<Hash> way;
    bool linked = false;
    for (Hash id = f->id;;) {
      if (const auto gone = reaches.find(id); gone != reaches.end()) {
        linked = gone->second;
        break;
      }
      known_final_.insert(id);
      way.push_back(id);
      const auto* b = tree_.find(id);
      if (b == nullptr) break;
      tree_.settle(*b);
      tree_.changed(*b);
      const auto& h = b->header();
      if (b->bad) return halt("block " + std::to_string(h.height.value) + " is final and is not valid here");
      linked = h.parent == tip_.id;
      if (linked) break;
      if (h.parent_view <= tip_.view)
        return halt("a final block does not follow the last final block here: more than a third of the stake lies");
      id = h.parent;
    }
    for (const auto& id : way) reaches.emplace(id, linked);
    if (linked) reaching_.push_back(*f);
  }
}

// M7: the highest block with F, once it and all its ancestors are held and executed here.
bool Simplex::finalize() {
  know_final();
  if (halted_) return false;
  for (const auto& reaches : reaching_) {
    const VoteItem item = reaches;  // what follows makes the list anew
    std::vector<Block*> chain;
    if (const auto* head = tree_.find(item.id); !head->result) continue;  // a lower one may be finished already
    for (Hash id = item.id; id != tip_.id; id = chain.back()->header().parent) chain.push_back(tree_.find(id));
    if (*chain.front()->result != item.result) {
      halt("block " + std::to_string(chain.front()->header().height.value) + " is final with another result than the one computed here");
      return false;
    }
    std::vector<ledger::Vote> votes;
    for (const auto& held : pool_.votes_for(item)) votes.push_back(held->vote);
    auto certificate = certify(facts_.validators, item, votes);
    if (!certificate) {
      halt("a strong set of votes makes no certificate: " + certificate.error().detail);
      return false;
    }
    Persist group;  // the way to a final block that was not voted for here
    Finalize done;
    for (auto b = chain.rbegin(); b != chain.rend(); ++b) {
      write_block(**b, group);
      done.ids.push_back((*b)->id);
    }
    if (!group.records.empty()) emit(std::move(group));
    const auto& h = chain.front()->header();
    const Tip tip{h.height, item.id, item.result, h.time, h.view};
    done.proof.form = *certificate;
    emit(std::move(done));
    lazy_.push_back(encode_final(h.height, {*certificate}));
    if (item.view >= cur_) enter(View{item.view.value + 1}, item);
    set_tip(tip, *certificate);
    pace_.final();
    return true;
  }
  return false;
}

void Simplex::set_tip(const Tip& tip, const ledger::Certificate& certificate) {
  std::set<Hash> chain;  // of those that became final
  std::uint64_t worked = 0;
  for (const auto* b = tree_.find(tip.id); b != nullptr; b = tree_.find(b->header().parent)) {
    chain.insert(b->id);
    worked += b->header().tx_root != no_transactions_;
  }
  const bool paused = waits_for_final();
  tip_ = tip;
  tip_certificate_ = certificate;
  if (paused) {  // the view's time began behind a pause that is over now, or shorter
    const auto from = std::max(now_, paused_until());
    if (header_at_) header_at_ = std::min(*header_at_, from);
    if (view_timer_) view_timer_ = std::min(*view_timer_, from + pace_.view_ns());
  }
  floor_ = std::max(floor_, tip_.view);
  fin_height_ = std::max(fin_height_, tip_.height);
  for (const auto& id : chain) tree_.erase(id);
  drop_lost();
  tree_.changed_children(tip_.id);
  finals_changed_ = true;
  know_final();
  const std::pair below(View{tip_.view.value + 1}, Hash{});
  to_vote_final_.erase(to_vote_final_.begin(), to_vote_final_.lower_bound(below));
  if (build_ && build_->parent.id != tip_.id && tree_.find(build_->parent.id) == nullptr) {  // asked on what is lost
    build_.reset();
    built_nothing_ = std::pair(cur_, true);
  }
  own_.erase(own_.begin(), own_.upper_bound(tip_.view.value));
  left_by_.erase(left_by_.begin(), left_by_.upper_bound(tip_.view.value));
  std::erase_if(unwritten_, [&](const VoteItem& item) { return item.view <= tip_.view; });
  if (tip_.view.value > kViewsKeptBelow) pool_.forget(View{tip_.view.value - kViewsKeptBelow});
  awaited_ = 0;
  if (!waits_for_final()) said_it_waits_ = false;
  heard_at_.reset();  // what was wished before that does not count
  if (wanted_at_) want_since_now();  // until here a leader may have waited for the last votes
  for (auto& peer : peers_) {
    peer.want_open = false;
    peer.wishes.left = std::min(kWantBurst, peer.wishes.left + worked);
    for (auto* told : {&peer.told_wishes, &peer.own_wishes}) told->left = std::min(kTellBurst, told->left + worked);
  }
  // Who wanted what is final now says so again, if it wants more.
  others_want_ = others_want_ && std::ranges::any_of(peers_, [this](const Peer& peer) { return wished(peer); });
  retry_wait_ = pace_.sync_ns();
  retry_at_ = now_ + retry_wait_;
}

// What cannot descend from the last final block any more.
void Simplex::drop_lost() {
  Drop drop;
  std::set<Hash> lost;
  for (const auto& id : tree_.from(View{0})) {
    const auto& h = tree_.find(id)->header();
    if (h.view > tip_.view && !lost.contains(h.parent) && (h.parent == tip_.id || h.parent_view > tip_.view)) continue;
    lost.insert(id);
    drop.ids.push_back(id);
  }
  for (const auto& id : drop.ids) tree_.erase(id);
  if (!drop.ids.empty()) emit(std::move(drop));
}

void Simplex::on(const Adopted& in) {
  const auto& h = in.header;
  if (h.height <= tip_.height) return;
  const auto& certificate = in.proof.form;
  const auto& item = certificate.item;
  const Tip tip{h.height, ledger::block_id(h), in.result, h.time, h.view};
  if (h.view >= cur_) enter(View{h.view.value + 1}, {VoteKind::final, h.view, tip.id, in.result});
  set_tip(tip, certificate);
  if (lazy_.size() >= 64) lazy_.erase(lazy_.begin());  // a later one says as much
  if (item.id == tip.id) {
    lazy_.push_back(encode_final(h.height, in.proof));
    return;
  }
  tip_certificate_.reset();
  for (const auto& vote : votes_of(certificate))
    if (auto taken = pool_.take(vote, tip_.view, View{UINT64_MAX}, VotePool::Trust::checked)) report(std::move(taken->contradictions));
  touched_.insert(item.view);
}

}  // namespace dos::consensus
