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
  StatusReport s{facts_.epoch,
                 views_.cur,
                 final_.tip.view,
                 final_.tip.height,
                 final_.tip.id,
                 {},
                 wish_.demand.pending || wish_.demand.block || unfinal_work() || undecided()};
  const auto views = pool_.views(final_.tip.view);
  for (auto view = views.rbegin(); view != views.rend() && s.held.size() < kMaxStatusItems; ++view)  // the last ones matter most
    for (const auto& item : pool_.items(*view))
      if (pool_.strong(item) && s.held.size() < kMaxStatusItems) s.held.push_back(item);
  return s;
}

void Simplex::tell_status(std::uint16_t to, bool always) {
  auto& peer = help_.peers[to];
  const bool news = !peer.told || peer.told_current != views_.cur || peer.told_final != final_.tip.height;
  const auto gap = news ? pace_.sync_ns() : kMaxRetryNs / 2;
  if (!always && peer.told && now_ < peer.told_ns + gap) return;
  peer.told = true;
  peer.told_ns = now_;
  peer.told_current = views_.cur;
  peer.told_final = final_.tip.height;
  auto status = own_status();
  if (status.wants) wished_of(to);
  emit(Send{to, std::move(status)});
}

bool Simplex::may_answer(std::uint16_t from) {
  auto& peer = help_.peers[from];
  const auto refill = (now_ - std::min(now_, peer.refilled_ns)) / kAnswerEveryNs;
  if (refill > 0) {
    peer.answers = std::min(kAnswerBurst, peer.answers + std::min(refill, kAnswerBurst));
    peer.refilled_ns = now_;
  }
  if (peer.answers == 0) return false;
  --peer.answers;
  return true;
}

// A wish costs everybody a block, so a peer has one at a time, and no more than one a second and one for each block with transactions.
// Who needs more gives its own NULL, and leads.
bool Simplex::may_want(std::uint16_t from) {
  auto& peer = help_.peers[from];
  if (peer.want_open) return true;
  if (!peer.wishes.take(now_, kWantEveryNs)) return false;
  peer.want_open = true;
  return true;
}

// The second may begin later where it is heard.
bool Simplex::may_tell(std::uint16_t to) { return help_.peers[to].told_wishes.take(now_, kWantEveryNs + pace_.sync_ns()); }

// That peer may hear it although here it was not counted on.
void Simplex::wished_of(std::uint16_t to) {
  if (!may_tell(to)) help_.peers[to].told_wishes.taken_ns = now_;
}

// One goes to it that it did not ask for: who asks and asks uses up no wishes by which it is judged.
void Simplex::count_on(std::uint16_t to) {
  auto& own = help_.peers[to].own_wishes;
  if (!own.take(now_, kWantEveryNs + pace_.sync_ns())) own.taken_ns = now_;
  else if (to == leader(views_.cur) && !wish_.heard_at) wish_.heard_at = now_;
}

// In this view, by who knew of the last final block: it may have come before this node entered the view, or before that block was
// final here.
bool Simplex::wished(const PeerSeen& peer) const { return peer.wish_view == views_.cur && peer.wish_final >= final_.tip.height; }

// With the votes by which this view was entered: it may lack them.
void Simplex::tell_leader() {
  wish_.tell_at.reset();
  const auto chief = leader(views_.cur);
  if (turn_.header_at || !wish_.wanted_at || chief == facts_.voter || passes_over(chief) || !may_tell(chief)) return;
  count_on(chief);
  wish_.told_at = now_;
  if (const auto wait = pace_.late_again_ns(chief, now_)) wish_.give_up_at = now_ + *wait;
  if (const auto left = views_.left_by.find(views_.cur.value - 1); left != views_.left_by.end())
    send_votes(chief, pool_.votes_for(left->second));
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
  help_.retry_wait = std::min(2 * help_.retry_wait, std::max(kMaxRetryNs, pace_.sync_ns()));
  help_.retry_at = now_ + help_.retry_wait;
  auto status = own_status();
  if (status.wants)
    for (std::uint16_t i = 0; i < help_.peers.size(); ++i) wished_of(i), count_on(i);
  broadcast(std::move(status));
  std::vector<HeldVoteRef> mine;
  for (const View view : {own_.fin_high, views_.cur})
    if (view > final_.tip.view && (mine.empty() || own_.fin_high != views_.cur))
      for (auto& held : pool_.votes_at(facts_.voter, view)) mine.push_back(std::move(held));
  send_votes(Send::kEverybody, mine);
  if (pool_.notarized(views_.cur).empty())
    if (const auto* b = own_proposal(views_.cur)) broadcast(b->proposal);
}

void Simplex::receive(std::uint16_t from, const Have& m) {
  if (m.epoch != facts_.epoch || m.certificates.size() > kMaxNamed) return;
  // Each peer has its part of the room: what one makes up does not keep out what the others name.
  auto first_named = std::size_t(std::ranges::count_if(help_.gets, [&](const auto& g) { return g.second.holders.front() == from; }));
  for (const auto& item : m.certificates) {
    if (item.view <= final_.tip.view || item.view.value > views_.cur.value + kViewsAhead || pool_.strong(item)) continue;
    auto it = help_.gets.find(item);
    if (it == help_.gets.end()) {
      if (first_named >= std::max<std::size_t>(1, kMaxWants / help_.peers.size())) return;
      ++first_named;
      // Most often the votes themselves are on their way.
      Want want;
      want.wait_ns = pace_.delta_ns();
      want.due_ns = now_ + want.wait_ns;
      it = help_.gets.emplace(item, std::move(want)).first;
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
    if (item.view <= final_.tip.view) {
      if (!tip_sent && final_.certificate)
        for (auto& vote : votes_of(*final_.certificate)) answer.votes.push_back(std::move(vote));
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
    help_.peers[from].wish_view = m.current;
    help_.peers[from].wish_final = m.final_height;
    if (m.current == views_.cur && !turn_.others_want) turn_.others_want = may_want(from);
  }
  if (!may_answer(from)) return;
  const auto* theirs = tree_.find(m.final_id);
  const bool next_is_here = m.final_height.value == final_.tip.height.value + 1 && theirs != nullptr && theirs->payload;
  if (m.final_height > final_.tip.height && !next_is_here) emit(CatchUp{m.final_height, from});
  const bool behind = m.final_height < final_.tip.height || m.current < views_.cur;
  const bool ahead = m.final_height > final_.tip.height || m.current > views_.cur;

  Votes answer;
  const auto add = [&answer](const ledger::Vote& vote) {
    for (const auto& other : answer.votes)
      if (other.signature == vote.signature) return;
    if (answer.votes.size() < kHelpVotes) answer.votes.push_back(vote);
  };
  if (m.floor < final_.tip.view && final_.certificate)
    for (const auto& vote : votes_of(*final_.certificate)) add(vote);
  const std::set<VoteItem> held(m.held.begin(), m.held.end());
  // First what leads on from where it is, then what lies behind it.
  auto views = pool_.views(std::max(m.floor, final_.tip.view));
  const auto ahead_of_it = std::ranges::lower_bound(views, m.current);
  std::reverse(views.begin(), ahead_of_it);
  std::rotate(views.begin(), ahead_of_it, views.end());
  for (const View view : views) {
    if (answer.votes.size() >= kHelpVotes) break;
    for (const auto& item : pool_.items(view)) {
      // Certificates it lacks; and where it stands, every single vote, since none may be held as a certificate by anybody.
      const bool lacks = pool_.strong(item) ? !held.contains(item) : view == m.current || view == own_.fin_high;
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
  auto it = help_.fetches.find(id);
  if (!leader_alone && (it == help_.fetches.end() || it->second.tries < kTriesOfOthers)) std::erase(holders, leader(view));
  if (it == help_.fetches.end()) {
    if (help_.fetches.size() >= kMaxWants) return;
    it = help_.fetches.emplace(id, Want{now_ + wait, wait, 0, {}, view, header_known}).first;
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
  const auto low = std::max(final_.tip.view.value, views_.cur.value > 32 ? views_.cur.value - 32 : 0);
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
    const bool on_tip = h.parent == final_.tip.id || h.parent_view <= final_.tip.view;
    if (b->bad || (b->payload && (on_tip || (parent != nullptr && (parent->payload || parent->bad))))) {
      complete.push_back(b);
      continue;
    }
    const VoteItem notar{VoteKind::notar, h.view, id, Hash{}};
    const bool now = h.view >= views_.cur && h.view.value <= views_.cur.value + kFetchAhead;
    const bool matters = now || final_.known.contains(id) || pool_.weak(notar);
    if (!matters) continue;
    if (!b->payload && !wanted.contains(id)) want_block(id, h.view, true, {h.proposer}, wanted);
    if (on_tip) continue;
    auto holders = pool_.voters(notar);
    if (parent == nullptr) want_block(h.parent, h.parent_view, false, std::move(holders), wanted);
    else if (!parent->payload && !parent->bad && !wanted.contains(h.parent))
      want_block(h.parent, h.parent_view, true, std::move(holders), wanted);
    // More than a few blocks away from the last final one: whole ranges come faster.
    if (final_.known.contains(id) && parent == nullptr && h.height.value > final_.tip.height.value + 8)
      if (auto it = help_.fetches.find(h.parent); it != help_.fetches.end() && now_ >= it->second.due_ns && !it->second.holders.empty())
        emit(CatchUp{Height{h.height.value - 1}, it->second.holders[it->second.tries % it->second.holders.size()]});
  }
  for (const auto* b : complete) tree_.complete(*b);
  std::erase_if(help_.fetches, [&](const auto& f) { return !wanted.contains(f.first); });
}

void Simplex::chase_wants() {
  std::map<std::uint16_t, Get> asks;
  for (auto it = help_.gets.begin(); it != help_.gets.end();) {
    auto& want = it->second;
    if (it->first.view <= final_.tip.view || pool_.strong(it->first) || want.tries >= kMaxGets) {
      it = help_.gets.erase(it);
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
  for (auto& [id, want] : help_.fetches) {
    if (now_ < want.due_ns) continue;
    ++want.tries;
    want.wait_ns = std::min(2 * want.wait_ns, std::max(kMaxRetryNs, pace_.sync_ns()));
    want.due_ns = now_ + want.wait_ns;
    emit(Fetch{id, want.view, want.holders, want.header_known});
  }
}

}  // namespace dos::consensus
