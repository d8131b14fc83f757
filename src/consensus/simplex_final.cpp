// M1 and M7: a view is left on evidence; blocks become final with their ancestors; and what must never be seen together.
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

void Simplex::enter(View view, const VoteItem& by) {
  const auto chief = leader(by.view);
  const bool heard = pool_.voted(by.view, chief) || chief == facts_.voter;
  if (by.kind == VoteKind::null) {
    ++counts_.nullified;
    if (!heard) ++help_.peers[chief].missed;
  }
  // Also where N came at last: this node has given NULL, so it cannot give FINAL, and others may need that.
  if (heard && turn_.expired && !turn_.n_in_time && by.view == views_.cur && tree_.count(by.view) > 0) pace_.too_slow(chief);
  // Blocks that are final elsewhere say that this node was away.
  const bool judged = by.view == views_.cur && by.kind != VoteKind::final && !turn_.n_seen && !turn_.passing && chief != facts_.voter;
  if (const auto waited = waited_ns(); judged && waited) pace_.waited(chief, now_, *waited);
  if (judged) leader_answered();
  // Where views fail that this node waits for, others may be passing over leaders that it does not.
  if (by.kind != VoteKind::final) final_.awaited += view.value - views_.cur.value - (turn_.at_once ? 1 : 0);
  if (final_.awaited > kPassOverViews) pace_.forgive();
  views_.left_by[by.view.value] = by;
  views_.unwritten.push_back(by);
  View low = view;
  while (low > views_.cur && pool_.nullified(View{low.value - 1})) low = View{low.value - 1};
  if (low > views_.cur) views_.null_low = low;  // else what was held below cur joins on
  views_.cur = view;
  extend_null_run();
  turn_.entered_at = now_;
  turn_.timer.reset();
  help_.retry_at.reset();
  turn_.expired = turn_.late_again = turn_.others_want = turn_.n_seen = turn_.n_in_time = turn_.passing = turn_.at_once = false;
  turn_.header_at.reset();
  wish_.heard_at.reset();
  if (wish_.wanted_at) want_since_now();
  for (std::uint16_t i = 0; i < help_.peers.size() && !turn_.others_want; ++i) turn_.others_want = wished(help_.peers[i]) && may_want(i);
  if (tree_.count(views_.cur) > 0) turn_.header_at = std::max(now_, paused_until());
  for (const auto& id : tree_.at(views_.cur)) tree_.changed(*tree_.find(id));  // its turn to be executed
  proposer_.build.reset();
  proposer_.built_nothing.reset();
  turn_.unsettled_tries = 0;
  if (waits_for_final() && !std::exchange(final_.said_it_waits, true)) emit(StopVoting{why_it_waits()});
}

void Simplex::extend_null_run() {
  while (views_.null_low.value > final_.tip.view.value + 1 && pool_.nullified(View{views_.null_low.value - 1}))
    views_.null_low = View{views_.null_low.value - 1};
}

bool Simplex::advance() {
  const auto by = rules::leaves_by(seen());
  if (!by) return false;
  enter(View{by->view.value + 1}, *by);
  if (by->kind == VoteKind::null) broadcast(Have{facts_.epoch, {*by}});  // views that fail are where votes were lost
  return true;
}

// More than a third lies, or this node's own memory does: in either case nothing more may be signed or served.
void Simplex::find_contradictions() {
  for (const View view : std::exchange(touched_, {})) {
    if (view <= final_.tip.view) continue;
    if (view == views_.cur && !pool_.notarized(view).empty() && turn_.header_at && !std::exchange(turn_.n_seen, true)) {
      turn_.n_in_time = !turn_.expired;
      pace_.saw_n(leader(view), now_, now_ - std::min(now_, *turn_.header_at));
      if (!turn_.passing) {
        pace_.waited(leader(view), now_, *waited_ns());
        leader_answered();
      }
    }
    if (auto why = rules::contradiction(seen(), view); !why.empty()) return halt(std::move(why));
    final_.changed |= !pool_.finalized(view).empty();
    if (view.value + 1 == views_.null_low.value) extend_null_run();
    for (const auto& id : tree_.at(view)) tree_.changed(*tree_.find(id));
  }
}

// A weak set holds an honest validator that got another result: then this node does not vote on.
void Simplex::compare_result(const Block& b) {
  const auto others = rules::judge_result(seen(), facts_.validators, b);
  if (others == rules::Others::agree) return;
  const auto where = "block " + std::to_string(b.header().height.value) + " of view " + std::to_string(b.header().view.value);
  if (others == rules::Others::refute) halt(where + " is final with another result than the one computed here");
  else stop("other validators computed another result of " + where);
}

// From every F down to the tip, or as far as headers are here. All F lie on one chain, so most ways run into one that was gone.
void Simplex::know_final() {
  if (!std::exchange(final_.changed, false)) return;
  final_.known.clear();
  final_.reaching.clear();
  std::map<Hash, bool> reaches;
  for (auto f = pool_.finals().rbegin(); f != pool_.finals().rend() && f->view > final_.tip.view; ++f) {
    auto way = rules::way_down(seen(), f->id, reaches);
    for (const auto& id : way.ids) {
      final_.known.insert(id);
      reaches.emplace(id, way.linked);
      if (const auto* b = tree_.find(id)) tree_.settle(*b), tree_.changed(*b);
    }
    if (!way.halt.empty()) return halt(std::move(way.halt));
    if (way.linked) final_.reaching.push_back(*f);
  }
}

// M7: the highest block with F, once it and all its ancestors are held and executed here.
bool Simplex::finalize() {
  know_final();
  if (stopped_.for_good) return false;
  for (const auto& reaches : final_.reaching) {
    const VoteItem item = reaches;  // what follows makes the list anew
    std::vector<Block*> chain;
    if (const auto* head = tree_.find(item.id); !head->result) continue;  // a lower one may be finished already
    for (Hash id = item.id; id != final_.tip.id; id = chain.back()->header().parent) chain.push_back(tree_.find(id));
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
    if (item.view >= views_.cur) enter(View{item.view.value + 1}, item);
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
  final_.tip = tip;
  final_.certificate = certificate;
  if (paused) {  // the view's time began behind a pause that is over now, or shorter
    const auto from = std::max(now_, paused_until());
    if (turn_.header_at) turn_.header_at = std::min(*turn_.header_at, from);
    if (turn_.timer) turn_.timer = std::min(*turn_.timer, from + pace_.view_ns());
  }
  own_.floor = std::max(own_.floor, final_.tip.view);
  own_.fin_height = std::max(own_.fin_height, final_.tip.height);
  for (const auto& id : chain) tree_.erase(id);
  drop_lost();
  tree_.changed_children(final_.tip.id);
  final_.changed = true;
  know_final();
  const std::pair below(View{final_.tip.view.value + 1}, Hash{});
  final_.to_vote.erase(final_.to_vote.begin(), final_.to_vote.lower_bound(below));
  if (proposer_.build && proposer_.build->parent.id != final_.tip.id &&
      tree_.find(proposer_.build->parent.id) == nullptr) {  // asked on what is lost
    proposer_.build.reset();
    proposer_.built_nothing = std::pair(views_.cur, true);
  }
  own_.votes.erase(own_.votes.begin(), own_.votes.upper_bound(final_.tip.view.value));
  views_.left_by.erase(views_.left_by.begin(), views_.left_by.upper_bound(final_.tip.view.value));
  std::erase_if(views_.unwritten, [&](const VoteItem& item) { return item.view <= final_.tip.view; });
  if (final_.tip.view.value > kViewsKeptBelow) pool_.forget(View{final_.tip.view.value - kViewsKeptBelow});
  final_.awaited = 0;
  if (!waits_for_final()) final_.said_it_waits = false;
  wish_.heard_at.reset();  // what was wished before that does not count
  if (wish_.wanted_at) want_since_now();  // until here a leader may have waited for the last votes
  for (auto& peer : help_.peers) {
    peer.want_open = false;
    peer.wishes.left = std::min(kWantBurst, peer.wishes.left + worked);
    for (auto* told : {&peer.told_wishes, &peer.own_wishes}) told->left = std::min(kTellBurst, told->left + worked);
  }
  // Who wanted what is final now says so again, if it wants more.
  turn_.others_want = turn_.others_want && std::ranges::any_of(help_.peers, [this](const PeerSeen& peer) { return wished(peer); });
  help_.retry_wait = pace_.sync_ns();
  help_.retry_at = now_ + help_.retry_wait;
}

// What cannot descend from the last final block any more.
void Simplex::drop_lost() {
  Drop drop;
  std::set<Hash> lost;
  for (const auto& id : tree_.from(View{0})) {
    const auto& h = tree_.find(id)->header();
    if (h.view > final_.tip.view && !lost.contains(h.parent) && (h.parent == final_.tip.id || h.parent_view > final_.tip.view)) continue;
    lost.insert(id);
    drop.ids.push_back(id);
  }
  for (const auto& id : drop.ids) tree_.erase(id);
  if (!drop.ids.empty()) emit(std::move(drop));
}

void Simplex::on(const Adopted& in) {
  const auto& h = in.header;
  if (h.height <= final_.tip.height) return;
  const auto& certificate = in.proof.form;
  const auto& item = certificate.item;
  const Tip tip{h.height, ledger::block_id(h), in.result, h.time, h.view};
  if (h.view >= views_.cur) enter(View{h.view.value + 1}, {VoteKind::final, h.view, tip.id, in.result});
  set_tip(tip, certificate);
  if (lazy_.size() >= 64) lazy_.erase(lazy_.begin());  // a later one says as much
  if (item.id == tip.id) {
    lazy_.push_back(encode_final(h.height, in.proof));
    return;
  }
  final_.certificate.reset();
  for (const auto& vote : votes_of(certificate))
    if (auto taken = pool_.take(vote, final_.tip.view, View{UINT64_MAX}, VotePool::Trust::checked))
      report(std::move(taken->contradictions));
  touched_.insert(item.view);
}

}  // namespace dos::consensus
