// What comes in: proposals and votes of others, and what the caller answers. Nothing is decided here, only noted; the rules
// run afterwards (simplex.cpp, pump).
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

void Simplex::on(const Demand& in) {
  wish_.demand = in;
  if (!in.pending) want_nothing();
  else if (!wish_.wanted_at) want_since_now();
  proposer_.built_nothing.reset();
}

void Simplex::on(const PeerUp& in) {
  if (in.peer >= help_.peers.size() || in.peer == facts_.voter) return;
  help_.peers[in.peer].missed = 0;
  if (!gate_.open) ask_signed(in.peer);
  tell_status(in.peer, true);
  // All that was signed and is not settled: it may have been lost with the last link, or with the power.
  send_votes(in.peer, pool_.votes_by(facts_.voter, final_.tip.view));
  if (const auto* b = own_proposal(views_.cur)) emit(Send{in.peer, b->proposal});
}

void Simplex::on(const Received& in) {
  if (in.from >= help_.peers.size() || in.from == facts_.voter) return;
  const auto heard = read_message(in.message);
  if (!heard) return emit(Punish{in.from, heard.error().detail});
  std::visit([&](const auto& message) { receive(in.from, message); }, *heard);
}

bool Simplex::header_fits(const ledger::Header& h) const {
  return h.version == 1 && h.engine == 1 && h.chain == facts_.chain && h.epoch == facts_.epoch && h.proposer == leader(h.view) &&
         h.valset == valset_ && h.next_valset == valset_ && h.parent_view < h.view && h.height.value > 0 &&
         h.payload.len <= kMaxPayloadBytes && h.payload.shard_root.is_zero() && codec::encode(h).size() <= kMaxHeaderBytes;
}

void Simplex::receive(std::uint16_t from, const Proposal& p) {
  const auto& h = p.header;
  if (h.view <= final_.tip.view) return;
  if (h.view.value > views_.cur.value + kViewsAhead) return tell_status(from, false);  // somebody is far ahead: ask for help
  const Hash id = ledger::block_id(h);
  if (tree_.find(id) != nullptr) return;
  const VoteItem item{VoteKind::notar, h.view, id, Hash{}};
  const auto& items = p.vote.ballot.items;
  if (!header_fits(h) || p.vote.ballot.voter != h.proposer || std::find(items.begin(), items.end(), item) == items.end()) {
    emit(Punish{from, "a header that no rule allows"});
    return;
  }
  if (tree_.count(h.view) >= kHeadersAView && !pool_.weak(item)) return;
  bool refused = false;
  if (!take_vote(from, p.vote, refused)) return;
  if (!pool_.voted_for(item, h.proposer)) {
    // Its vote was over the bound, or is kept unchecked since the block needs no more votes.
    if (!pool_.weak(item)) return;
    if (!check_vote(facts_.chain, facts_.epoch, facts_.validators, p.vote)) {
      emit(Punish{from, "a header with a vote that does not verify"});
      return;
    }
  }
  // A header of a view that was given up meanwhile: the network is slower than thought.
  if (h.view < views_.cur && pool_.nullified(h.view) && tree_.count(h.view) == 0) pace_.too_slow(h.proposer);
  // Judged by the clock when the header comes, not when its payload does. The way from its leader may take what a view may.
  const auto behind_ms = timing_.max_clock_behind_ms + pace_.view_ns() / 1'000'000;
  tree_.add(with_checked_vote(p, item)).back_dated = rules::back_dated(h.time, wall_, behind_ms, seen().unfinal_views());
  final_.changed = true;
  if (h.view == views_.cur && !turn_.header_at) {  // the first header arms T(v) anew, once
    turn_.header_at = std::max(now_, paused_until());
    turn_.timer = *turn_.header_at + pace_.view_ns();
  }
}

// The vote that verified, where the leader's was here before its header: what came with the header was not looked at, and who
// passes it on would be at fault.
Proposal Simplex::with_checked_vote(const Proposal& p, const VoteItem& item) const {
  for (const auto& held : pool_.votes_at(p.header.proposer, item.view)) {
    const auto& items = held->vote.ballot.items;
    if (std::find(items.begin(), items.end(), item) != items.end()) return {p.header, held->vote};
  }
  return p;
}

bool Simplex::take_vote(std::uint16_t from, const ledger::Vote& vote, bool& refused) {
  const auto& ballot = vote.ballot;
  if (ballot.voter == facts_.voter) {
    if (take_own_vote(vote)) return true;
    emit(Punish{from, "a vote in this validator's name that its key did not sign"});
    return false;
  }
  const View below{final_.tip.view.value > kViewsKeptBelow ? final_.tip.view.value - kViewsKeptBelow : 0};
  auto taken =
      pool_.take(vote, below, View{views_.cur.value + kViewsAhead}, ballot.voter == from ? VotePool::Trust::sender : VotePool::Trust::none);
  if (!taken) {
    emit(Punish{from, taken.error().detail});
    return false;
  }
  refused |= taken->refused;
  if (ballot.voter == from) help_.peers[from].missed = 0;  // it is there, whether or not this vote was needed
  if (taken->fresh) {
    auto& peer = help_.peers[ballot.voter];
    peer.missed = 0;
    for (const auto& item : ballot.items) {
      peer.heard = std::max(peer.heard, item.view);
      if (item.view > final_.tip.view) touched_.insert(item.view);
    }
  }
  report(std::move(taken->contradictions));
  return true;
}

// Own votes come back in answers. One that is not known was signed elsewhere with this key, or before a disk was lost. But
// the NOTAR of an own header may be one that power took from the journal: then it is this node's NOTAR of that view again.
// False: the key did not sign it.
bool Simplex::take_own_vote(const ledger::Vote& vote) {
  const auto& items = vote.ballot.items;
  const bool known = std::ranges::all_of(items, [&](const VoteItem& item) {
    return item.view <= std::max(final_.tip.view, gate_.floor) || pool_.voted_for(item, facts_.voter);
  });
  if (known || !gate_.open) return true;
  const auto& item = items.front();
  const bool again =
      items.size() == 1 && item.kind == VoteKind::notar && leads(item.view) && item.view <= own_.unsure && own_.notar(item.view) == nullptr;
  if (!again && !stopped_.why.empty()) return true;  // nothing follows from it any more
  if (!check_vote(facts_.chain, facts_.epoch, facts_.validators, vote)) return false;
  if (again) {
    own_.note(item);
    (void)pool_.take(vote, final_.tip.view, View{UINT64_MAX}, VotePool::Trust::checked);
    touched_.insert(item.view);
    return true;
  }
  stop(
      "a vote with this validator's key was heard that is not in its journal: the key is in use elsewhere, or the data folder "
      "is an old copy");
  return true;
}

void Simplex::receive(std::uint16_t from, const Votes& m) {
  if (m.votes.empty() || m.votes.size() > kMaxVotesPerMessage) {
    emit(Punish{from, "a message with no votes or too many"});
    return;
  }
  std::vector<const ledger::Vote*> again;
  std::uint64_t ahead = 0;
  for (const auto& vote : m.votes) {
    bool refused = false;
    if (!take_vote(from, vote, refused)) return;
    if (refused) again.push_back(&vote);
    for (const auto& item : vote.ballot.items) ahead = std::max(ahead, item.view.value);
  }
  for (const auto* vote : again) {  // those behind them in the message may have made room
    bool refused = false;
    if (!take_vote(from, *vote, refused)) return;
  }
  if (ahead > views_.cur.value + kViewsAhead) tell_status(from, false);
}

void Simplex::on(const PayloadReady& in) {
  auto* block = tree_.find(in.id);
  if (block == nullptr || block->payload || block->bad) return;
  if (!in.valid) return mark_bad(*block);
  tree_.hold(*block);
  held_.loaded.emplace(block->header().view, block->id);
  tree_.changed(*block);
}

void Simplex::on(const Executed& in) {
  auto* block = tree_.find(in.id);
  if (block != nullptr) pace_.worked(block->header().proposer, in.took_ns);
  if (block == nullptr || !block->asked || block->result || block->bad) return;  // not asked: it was let go meanwhile
  if (block->signed_result && (!in.valid || in.result != *block->signed_result))
    return halt("block " + std::to_string(block->header().height.value) + " gives another result than this node signed before its restart");
  if (!in.valid) {
    pace_.misled(block->header().proposer, now_, in.took_ns);
    return mark_bad(*block);
  }
  block->result = in.result;
  tree_.changed(*block);
  tree_.changed_children(block->id);
}

}  // namespace dos::consensus
