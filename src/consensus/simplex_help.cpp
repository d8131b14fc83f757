// M8: who lacks votes or blocks gets them. While something is wanted and nothing moves, a node says where it is, with
// exponential back-off; whoever has more answers, at a bounded pace. Only checked votes are ever handed on.
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

namespace {
constexpr std::uint32_t kTriesOfOthers = 2;  // for a block, before its leader is asked
constexpr std::uint32_t kMaxGets = 6;   // then whoever claimed to hold it is not believed
}  // namespace

StatusReport Simplex::own_status() const {
  StatusReport s{
      facts_.epoch, cur_, tip_.view, tip_.height, tip_.id, {}, demand_.pending || demand_.block || unfinal_work() || undecided()};
  const auto views = pool_.views(tip_.view);
  for (auto view = views.rbegin(); view != views.rend() && s.held.size() < kMaxStatusItems; ++view)  // the last ones matter most
    for (const auto& item : pool_.items(*view))
      if (pool_.strong(item) && s.held.size() < kMaxStatusItems) s.held.push_back(item);
  return s;
}

void Simplex::tell_status(std::uint16_t to, bool always) {
  auto& peer = peers_[to];
  const bool news = !peer.told || peer.told_current != cur_ || peer.told_final != tip_.height;
  const auto gap = news ? pace_.sync_ns() : kMaxRetryNs / 2;
  if (!always && peer.told && now_ < peer.told_ns + gap) return;
  peer.told = true;
  peer.told_ns = now_;
  peer.told_current = cur_;
  peer.told_final = tip_.height;
  auto status = own_status();
  if (status.wants) wished_of(to);
  emit(Send{to, std::move(status)});
}

bool Simplex::may_answer(std::uint16_t from) {
  auto& peer = peers_[from];
  const auto refill = (now_ - std::min(now_, peer.refilled_ns)) / kAnswerEveryNs;
  if (refill > 0) {
    peer.answers = std::min(kAnswerBurst, peer.answers + std::min(refill, kAnswerBurst));
    peer.refilled_ns = now_;
  }
  if (peer.answers == 0) return false;
  --peer.answers;
  return true;
}

bool Simplex::Wishes::take(std::uint64_t now_ns, std::uint64_t every_ns) {
  if (left == 0 && now_ns >= taken_ns + every_ns) left = 1;
  if (left == 0) return false;
  --left;
  taken_ns = now_ns;
  return true;
}

// A wish costs everybody a block, so a peer has one at a time, and no more than one a second and one for each block with transactions.
// Who needs more gives its own NULL, and leads.
bool Simplex::may_want(std::uint16_t from) {
  auto& peer = peers_[from];
  if (peer.want_open) return true;
  if (!peer.wishes.take(now_, kWantEveryNs)) return false;
  peer.want_open = true;
  return true;
}

// The second may begin later where it is heard.
bool Simplex::may_tell(std::uint16_t to) { return peers_[to].told_wishes.take(now_, kWantEveryNs + pace_.sync_ns()); }

// That peer may hear it although here it was not counted on.
void Simplex::wished_of(std::uint16_t to) {
  if (!may_tell(to)) peers_[to].told_wishes.taken_ns = now_;
}

// One goes to it that it did not ask for: who asks and asks uses up no wishes by which it is judged.
void Simplex::count_on(std::uint16_t to) {
  auto& own = peers_[to].own_wishes;
  if (!own.take(now_, kWantEveryNs + pace_.sync_ns())) own.taken_ns = now_;
  else if (to == leader(cur_) && !heard_at_) heard_at_ = now_;
}

// In this view, by who knew of the last final block: it may have come before this node entered the view, or before that block was
// final here.
bool Simplex::wished(const Peer& peer) const { return peer.wish_view == cur_ && peer.wish_final >= tip_.height; }

// With the votes by which this view was entered: it may lack them.
void Simplex::tell_leader() {
  tell_at_.reset();
  const auto chief = leader(cur_);
  if (header_at_ || !wanted_at_ || chief == facts_.voter || passes_over(chief) || !may_tell(chief)) return;
  count_on(chief);
  told_at_ = now_;
  if (const auto wait = pace_.late_again_ns(chief, now_)) give_up_at_ = now_ + *wait;
  if (const auto left = left_by_.find(cur_.value - 1); left != left_by_.end()) send_votes(chief, pool_.votes_for(left->second));
  emit(Send{chief, own_status()});
}

// The last views first: what the others wait for now.
void Simplex::send_votes(std::uint16_t to, const std::vector<HeldVoteRef>& votes) {
  for (auto next = votes.rbegin(); next != votes.rend();) {
    Votes message;
    for (; next != votes.rend() && message.votes.size() < kHelpVotes; ++next) message.votes.push_back((*next)->vote);
    if (to == Send::kEverybody) broadcast(std::move(message));
    else emit(Send{to, std::move(message)});
  }
}

// Nothing moved for a while although something is wanted.
void Simplex::retry() {
  retry_wait_ = std::min(2 * retry_wait_, std::max(kMaxRetryNs, pace_.sync_ns()));
  retry_at_ = now_ + retry_wait_;
  auto status = own_status();
  if (status.wants)
    for (std::uint16_t i = 0; i < peers_.size(); ++i) wished_of(i), count_on(i);
  broadcast(std::move(status));
  std::vector<HeldVoteRef> mine;
  for (const View view : {fin_high_, cur_})
    if (view > tip_.view && (mine.empty() || fin_high_ != cur_))
      for (auto& held : pool_.votes_at(facts_.voter, view)) mine.push_back(std::move(held));
  send_votes(Send::kEverybody, mine);
  if (pool_.notarized(cur_).empty())
    if (const auto* b = own_proposal(cur_)) broadcast(b->proposal);
}

void Simplex::receive(std::uint16_t from, const Have& m) {
  if (m.epoch != facts_.epoch || m.certificates.size() > kMaxNamed) return;
  // Each peer has its part of the room: what one makes up does not keep out what the others name.
  auto first_named = std::size_t(std::ranges::count_if(gets_, [&](const auto& g) { return g.second.holders.front() == from; }));
  for (const auto& item : m.certificates) {
    if (item.view <= tip_.view || item.view.value > cur_.value + kViewsAhead || pool_.strong(item)) continue;
    auto it = gets_.find(item);
    if (it == gets_.end()) {
      if (first_named >= std::max<std::size_t>(1, kMaxWants / peers_.size())) return;
      ++first_named;
      // Most often the votes themselves are on their way.
      Want want;
      want.wait_ns = pace_.delta_ns();
      want.due_ns = now_ + want.wait_ns;
      it = gets_.emplace(item, std::move(want)).first;
    }
    auto& holders = it->second.holders;
    if (std::find(holders.begin(), holders.end(), from) == holders.end()) holders.push_back(from);
  }
}

void Simplex::receive(std::uint16_t from, const Get& m) {
  if (m.epoch != facts_.epoch || m.certificates.size() > kMaxNamed || !may_answer(from)) return;
  Votes answer;
  bool tip_sent = false;
  for (const auto& item : m.certificates) {
    if (item.view <= tip_.view) {
      if (!tip_sent && tip_certificate_)
        for (auto& vote : votes_of(*tip_certificate_)) answer.votes.push_back(std::move(vote));
      tip_sent = true;
      continue;
    }
    if (!pool_.strong(item) || answer.votes.size() >= kHelpVotes) continue;
    for (const auto& held : pool_.votes_for(item)) answer.votes.push_back(held->vote);
  }
  if (!answer.votes.empty() && answer.votes.size() <= kMaxVotesPerMessage) emit(Send{from, std::move(answer)});
}

void Simplex::receive(std::uint16_t from, const StatusReport& m) {
  if (m.epoch != facts_.epoch || m.held.size() > kMaxStatusItems) return;
  if (m.wants) {  // at a pace of its own
    peers_[from].wish_view = m.current;
    peers_[from].wish_final = m.final_height;
    if (m.current == cur_ && !others_want_) others_want_ = may_want(from);
  }
  if (!may_answer(from)) return;
  const auto* theirs = tree_.find(m.final_id);
  const bool next_is_here = m.final_height.value == tip_.height.value + 1 && theirs != nullptr && theirs->payload;
  if (m.final_height > tip_.height && !next_is_here) emit(CatchUp{m.final_height, from});
  const bool behind = m.final_height < tip_.height || m.current < cur_;
  const bool ahead = m.final_height > tip_.height || m.current > cur_;

  Votes answer;
  const auto add = [&answer](const ledger::Vote& vote) {
    for (const auto& other : answer.votes)
      if (other.signature == vote.signature) return;
    if (answer.votes.size() < kHelpVotes) answer.votes.push_back(vote);
  };
  if (m.floor < tip_.view && tip_certificate_)
    for (const auto& vote : votes_of(*tip_certificate_)) add(vote);
  const std::set<VoteItem> held(m.held.begin(), m.held.end());
  // First what leads on from where it is, then what lies behind it.
  auto views = pool_.views(std::max(m.floor, tip_.view));
  const auto ahead_of_it = std::ranges::lower_bound(views, m.current);
  std::reverse(views.begin(), ahead_of_it);
  std::rotate(views.begin(), ahead_of_it, views.end());
  for (const View view : views) {
    if (answer.votes.size() >= kHelpVotes) break;
    for (const auto& item : pool_.items(view)) {
      // Certificates it lacks; and where it stands, every single vote, since none may be held as a certificate by anybody.
      const bool lacks = pool_.strong(item) ? !held.contains(item) : view == m.current || view == fin_high_;
      if (!lacks) continue;
      for (const auto& vote : pool_.votes_for(item)) add(vote->vote);
    }
  }
  if (!answer.votes.empty()) emit(Send{from, std::move(answer)});
  if (const auto* b = own_proposal(m.current); b != nullptr && !held.contains({VoteKind::notar, m.current, b->id, Hash{}}))
    emit(Send{from, b->proposal});
  if (behind || ahead) tell_status(from, false);
}

void Simplex::want_block(const Hash& id, View view, bool header_known, std::vector<std::uint16_t> holders, std::set<Hash>& wanted) {
  const bool named_already = !wanted.insert(id).second;
  // It may be on its way: a payload takes longer than a vote. What others have voted for must have come to them; its leader
  // may be as slow as it likes, and is asked when they were.
  const bool leader_alone = holders.size() == 1 && holders.front() == leader(view);
  const auto wait = leader_alone ? 4 * pace_.delta_ns() : pace_.repair_ns();
  auto it = fetches_.find(id);
  if (!leader_alone && (it == fetches_.end() || it->second.tries < kTriesOfOthers)) std::erase(holders, leader(view));
  if (it == fetches_.end()) {
    if (fetches_.size() >= kMaxWants) return;
    it = fetches_.emplace(id, Want{now_ + wait, wait, 0, {}, view, header_known}).first;
  } else if (it->second.tries == 0 && now_ + wait < it->second.due_ns) {
    it->second.wait_ns = wait;
    it->second.due_ns = now_ + wait;
  }
  // All who may have it, for whichever reason it is wanted: a liar's child of the block must not leave the liar alone.
  auto& all = it->second.holders;
  if (!named_already) all.clear();
  for (const auto holder : holders)
    if (holder != facts_.voter && std::find(all.begin(), all.end(), holder) == all.end()) all.push_back(holder);
  it->second.view = view;
  it->second.header_known = header_known;
}

// Blocks that an honest validator must hold and this node does not.
void Simplex::note_missing() {
  std::set<Hash> wanted;
  const auto low = std::max(tip_.view.value, cur_.value > 32 ? cur_.value - 32 : 0);
  for (const View view : pool_.views(View{low}))
    for (const auto& item : pool_.items(view)) {
      if (item.kind == VoteKind::null || !pool_.weak(item)) continue;
      const auto* b = tree_.find(item.id);
      if (b == nullptr) want_block(item.id, view, false, pool_.voters(item), wanted);
      else if (!b->payload && !b->bad) want_block(item.id, view, true, pool_.voters(item), wanted);
    }
  std::vector<const Block*> complete;
  for (const auto& [view, id] : tree_.incomplete()) {
    const auto* b = tree_.find(id);
    const auto& h = b->header();
    const auto* parent = tree_.find(h.parent);
    const bool on_tip = h.parent == tip_.id || h.parent_view <= tip_.view;
    if (b->bad || (b->payload && (on_tip || (parent != nullptr && (parent->payload || parent->bad))))) {
      complete.push_back(b);
      continue;
    }
    const VoteItem notar{VoteKind::notar, h.view, id, Hash{}};
    const bool now = h.view >= cur_ && h.view.value <= cur_.value + kFetchAhead;
    const bool matters = now || known_final_.contains(id) || pool_.weak(notar);
    if (!matters) continue;
    if (!b->payload && !wanted.contains(id)) want_block(id, h.view, true, {h.proposer}, wanted);
    if (on_tip) continue;
    auto holders = pool_.voters(notar);
    if (parent == nullptr) want_block(h.parent, h.parent_view, false, std::move(holders), wanted);
    else if (!parent->payload && !parent->bad && !wanted.contains(h.parent))
      want_block(h.parent, h.parent_view, true, std::move(holders), wanted);
    // More than a few blocks away from the last final one: whole ranges come faster.
    if (known_final_.contains(id) && parent == nullptr && h.height.value > tip_.height.value + 8)
      if (auto it = fetches_.find(h.parent); it != fetches_.end() && now_ >= it->second.due_ns && !it->second.holders.empty())
        emit(CatchUp{Height{h.height.value - 1}, it->second.holders[it->second.tries % it->second.holders.size()]});
  }
  for (const auto* b : complete) tree_.complete(*b);
  std::erase_if(fetches_, [&](const auto& f) { return !wanted.contains(f.first); });
}

void Simplex::chase_wants() {
  std::map<std::uint16_t, Get> asks;
  for (auto it = gets_.begin(); it != gets_.end();) {
    auto& want = it->second;
    if (it->first.view <= tip_.view || pool_.strong(it->first) || want.tries >= kMaxGets) {
      it = gets_.erase(it);
      continue;
    }
    if (now_ >= want.due_ns) {
      auto& ask = asks[want.holders[want.tries % want.holders.size()]];
      ask.epoch = facts_.epoch;
      if (ask.certificates.size() < kMaxNamed) ask.certificates.push_back(it->first);
      ++want.tries;
      want.wait_ns *= 2;
      want.due_ns = now_ + want.wait_ns;
    }
    ++it;
  }
  for (auto& [to, ask] : asks) emit(Send{to, std::move(ask)});
  for (auto& [id, want] : fetches_) {
    if (now_ < want.due_ns) continue;
    ++want.tries;
    want.wait_ns = std::min(2 * want.wait_ns, std::max(kMaxRetryNs, pace_.sync_ns()));
    want.due_ns = now_ + want.wait_ns;
    emit(Fetch{id, want.view, want.holders, want.header_known});
  }
}

}  // namespace dos::consensus
