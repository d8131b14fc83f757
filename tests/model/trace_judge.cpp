#include "trace_judge.hpp"

#include <algorithm>

#include "consensus/leader.hpp"
#include "consensus/pace.hpp"
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::model {

using ledger::VoteItem;
using ledger::VoteKind;

namespace {

constexpr int kBlocks = 4096;  // headers in one trace

Stakes stakes_of(const ledger::ValidatorSet& set) {
  std::vector<std::uint64_t> weights;
  for (const auto& m : set.members) weights.push_back(m.weight);
  return {"of the trace", weights, 0};
}
std::string text(const VoteItem& item) {
  const char* kind = item.kind == VoteKind::notar ? "NOTAR" : item.kind == VoteKind::null ? "NULL" : "FINAL";
  return kind + std::string(" in view ") + std::to_string(item.view.value);
}

}  // namespace

TraceJudge::Counts& TraceJudge::Counts::operator+=(const Counts& o) {
  notar += o.notar, null += o.null, final += o.final, answers += o.answers, gates += o.gates, restarts += o.restarts;
  over_gaps += o.over_gaps, after_null += o.after_null, ahead += o.ahead, lost += o.lost;
  return *this;
}

void TraceJudge::begins(const consensus::ChainFacts& facts, const consensus::Tip& genesis) {
  facts_ = facts;
  genesis_ = genesis;
  rules_ = {stakes_of(facts.validators)};
  numbers_[genesis_.id] = 0;
  sides_.resize(facts_.validators.members.size());
  for (auto& s : sides_) s.heard = s.durable = Heard(kBlocks, 0);
}

std::uint16_t TraceJudge::leader(std::uint64_t view) const { return consensus::leader_of(facts_.validators, facts_.chain, View{view}); }

void TraceJudge::complain(std::uint16_t i, const VoteItem& item, const std::string& what) {
  complaints_.push_back("node " + std::to_string(i) + ", " + text(item) + ": " + what);
}

int TraceJudge::number(const Hash& id) const {
  const auto it = numbers_.find(id);
  return it == numbers_.end() ? -1 : it->second;
}

void TraceJudge::room(Side& side, int view) const {
  const auto wanted = std::size_t(view) + 2;
  if (side.own.notar.size() >= wanted) return;
  for (auto* v : {&side.own.notar, &side.own.final, &side.own.null_from}) v->resize(2 * wanted);
  for (auto* h : {&side.heard, &side.durable}) h->null.resize(2 * wanted);
}

// ---- headers and votes

void TraceJudge::learn(const ledger::Header& header) {
  if (number(ledger::block_id(header)) >= 0) return;
  orphans_.emplace(ledger::block_id(header), header);
  for (bool more = true; more;) {
    more = false;
    for (auto it = orphans_.begin(); it != orphans_.end();)
      if (place(it->second)) it = orphans_.erase(it), more = true;
      else ++it;
  }
  auto waiting = std::move(unplaced_);
  unplaced_.clear();
  for (const auto& u : waiting) count(u.node, u.item, u.voter, u.durable);
}

bool TraceJudge::place(const ledger::Header& h) {
  const int parent = number(h.parent);
  if (parent < 0 || int(headers_.size()) >= kBlocks) return false;
  const bool first = parent == 0;
  const auto& p = headers_[std::size_t(parent)];
  const bool wrong = h.height.value != (first ? 0 : p.height.value) + 1 || h.time <= (first ? genesis_.time : p.time) ||
                     h.parent_view != (first ? View{0} : p.view) || h.parent_result != (first ? genesis_.result : oracle_.result(p));
  numbers_[ledger::block_id(h)] = tree_.add({int(h.view.value), parent, !wrong && oracle_.valid(h)});
  headers_.push_back(h);
  wrong_link_.push_back(wrong);
  return true;
}

void TraceJudge::hear(std::uint16_t i, const ledger::Vote& vote, bool durable) {
  if (!verified_.contains(vote.signature.bytes)) {
    if (!consensus::check_vote(facts_.chain, facts_.epoch, facts_.validators, vote)) return;
    verified_.insert(vote.signature.bytes);
  }
  for (const auto& item : vote.ballot.items) {
    if (!durable && item.view.value > sides_[i].view + consensus::kViewsAhead) sides_[i].far_ahead.insert(item.view.value);
    count(i, item, vote.ballot.voter, durable);
  }
}

void TraceJudge::count(std::uint16_t i, const VoteItem& item, std::uint16_t voter, bool durable) {
  Side& s = sides_[i];
  const Mask from = Mask{1} << voter;
  room(s, int(item.view.value));
  const auto add = [&](auto& heard, auto& kept, std::size_t at) {
    heard[at] |= from;
    if (durable) kept[at] |= from;
  };
  if (item.kind == VoteKind::null) return add(s.heard.null, s.durable.null, item.view.value);
  if (item.kind == VoteKind::notar) s.named[{item.view.value, voter}].insert(item.id);
  const int block = number(item.id);
  if (block < 0) return unplaced_.push_back({i, item, voter, durable});
  if (tree_.blocks[std::size_t(block)].view != int(item.view.value)) return;  // a liar's
  if (item.kind == VoteKind::notar) add(s.heard.notar, s.durable.notar, std::size_t(block));
  else if (item.result == oracle_.result(headers_[std::size_t(block)])) add(s.heard.final, s.durable.final, std::size_t(block));
}

void TraceJudge::read(std::uint16_t i, const consensus::EngineRecord& r) {
  Side& s = sides_[i];
  if (r.kind == consensus::RecordKind::vote) {
    if (const auto vote = codec::decode<ledger::Vote>(r.bytes)) hear(i, *vote, true);
  } else if (r.kind == consensus::RecordKind::proposal) {
    if (const auto p = codec::decode<consensus::Proposal>(r.bytes)) {
      learn(p->header);
      s.proposals.insert(ledger::block_id(p->header));
      hear(i, p->vote, true);
    }
  } else if (r.kind == consensus::RecordKind::contents) {
    if (const auto c = codec::decode<consensus::BlockContents>(r.bytes)) s.contents.insert(c->id);
  } else if (r.kind == consensus::RecordKind::final) {
    if (const auto f = codec::decode<consensus::FinalRecord>(r.bytes))
      for (const auto& vote : consensus::votes_of(f->certificate)) hear(i, vote, true);
  } else if (r.kind == consensus::RecordKind::gate) {
    if (const auto g = codec::decode<consensus::GateRecord>(r.bytes)) s.gate = std::max(s.gate, g->floor.value);
  }
}

// ---- what happens

void TraceJudge::started(std::uint16_t i, const consensus::EngineSetup& setup) {
  Side& s = sides_[i];
  ++counts_.restarts;
  s.gate = 0;
  s.named.clear();
  s.silent_leader.clear();
  s.slow_leader.clear();
  s.misled_by.clear();
  s.far_ahead.clear();
  reread(i, setup.records);
  s.heard = s.durable;
  if (setup.tip_proof)
    for (const auto& vote : consensus::votes_of(setup.tip_proof->form)) hear(i, vote, false);
  s.payloads = s.contents;
  s.executed.clear();
  s.tip = std::max(0, number(setup.tip.id));
  const auto is_gate = [](const auto& r) { return r.kind == consensus::RecordKind::gate; };
  const auto sound = setup.journal_intact ? 0 : std::min(setup.sound_from, setup.records.size());
  s.open = std::any_of(setup.records.begin() + std::ptrdiff_t(sound), setup.records.end(), is_gate);
  s.view = std::uint64_t(tree_.blocks[std::size_t(s.tip)].view) + 1;
  s.view_since_ns = now_;
  if (s.ahead) {
    s.lost.insert(int(s.ahead->view.value));
    ++counts_.lost;
  }
  s.ahead.reset();
  s.unsure = s.open ? std::max(highest_signed(s, true), floor_of(s)) + 1 : 0;  // not open: the first start, or a quarantine
}

void TraceJudge::reread(std::uint16_t i, const std::vector<consensus::EngineRecord>& journal) {
  Side& s = sides_[i];
  s.durable = Heard(kBlocks, int(s.heard.null.size()));
  s.proposals.clear();
  s.contents.clear();
  for (const auto& r : journal) read(i, r);
}

// What is left must still show all that votes above the floor rest on.
void TraceJudge::released(std::uint16_t i, const std::vector<consensus::EngineRecord>& journal) {
  Side& s = sides_[i];
  reread(i, journal);
  for (int v = floor_of(s) + 1; s.open && v < int(s.own.notar.size()); ++v) {
    const View view{std::uint64_t(v)};
    const auto id = [&](int block) { return ledger::block_id(headers_[std::size_t(block)]); };
    if (const int b = s.own.notar[std::size_t(v)]; b != 0 && !s.lost.contains(v)) judge_durable(i, {VoteKind::notar, view, id(b), {}});
    if (const int b = s.own.final[std::size_t(v)]; b != 0) judge_durable(i, {VoteKind::final, view, id(b), {}});
    if (s.own.null_from[std::size_t(v) - 1] != 0) judge_durable(i, {VoteKind::null, view, {}, {}});
  }
}

void TraceJudge::takes(std::uint16_t i, const consensus::Input& input, std::uint64_t now_ns, std::uint64_t wall_ms) {
  Side& s = sides_[i];
  now_ = now_ns;
  wall_ = wall_ms;
  if (const auto* in = std::get_if<consensus::Received>(&input)) {
    if (const auto* p = std::get_if<consensus::Proposal>(&in->message)) {
      learn(p->header);
      hear(i, p->vote, false);
    } else if (const auto v = consensus::test::heard_as<consensus::Votes>(in->message)) {
      for (const auto& vote : v->votes) hear(i, vote, false);
    }
  } else if (const auto* in = std::get_if<consensus::PayloadReady>(&input)) {
    if (in->valid) s.payloads.insert(in->id);
  } else if (const auto* in = std::get_if<consensus::Executed>(&input)) {
    s.executed[in->id] = in->valid ? std::optional(in->result) : std::nullopt;
    if (const int block = number(in->id); !in->valid && block > 0) s.misled_by.insert(headers_[std::size_t(block)].proposer);
  } else if (const auto* in = std::get_if<consensus::Adopted>(&input)) {
    learn(in->header);
    if (const int block = number(ledger::block_id(in->header)); block > 0 && tree_.extends(block, s.tip)) s.tip = block;
    for (const auto& vote : consensus::votes_of(in->proof.form)) hear(i, vote, false);
  }
}

void TraceJudge::wrote(std::uint16_t i, const std::vector<consensus::EngineRecord>& records) {
  Side& s = sides_[i];
  std::vector<VoteItem> signed_now;
  const std::uint64_t gate_before = s.gate;
  for (const auto& r : records) {
    std::optional<ledger::Vote> vote;
    if (r.kind == consensus::RecordKind::vote) vote = *codec::decode<ledger::Vote>(r.bytes);
    if (r.kind == consensus::RecordKind::proposal) {
      const auto p = *codec::decode<consensus::Proposal>(r.bytes);
      learn(p.header);
      vote = p.vote;
      if (p.vote.ballot.voter == i) s.payloads.insert(ledger::block_id(p.header));
    }
    if (vote && vote->ballot.voter == i)
      for (const auto& item : vote->ballot.items) {
        room(s, int(item.view.value));
        if (s.ahead == item) s.ahead.reset();  // judged when it was sent
        else if (is_own(s, item)) continue;
        else judge(i, item);
        signed_now.push_back(item);
      }
    if (r.kind == consensus::RecordKind::gate) s.open = true;
    read(i, r);
  }
  if (s.gate > gate_before || (s.gate != 0 && s.gate != gate_before)) {
    ++counts_.gates;
    if (int(s.gate) < highest_signed(s, false))
      complain(i, {VoteKind::null, View{s.gate}, {}, {}}, "the floor after a quarantine is below a vote once given");
  }
  for (const auto& item : signed_now) {
    note_own(i, item);
    judge_durable(i, item);
  }
}

bool TraceJudge::is_own(const Side& s, const VoteItem& item) const {
  const auto v = std::size_t(item.view.value);
  if (v >= s.own.notar.size()) return false;
  if (item.kind == VoteKind::null) return s.own.null_from[v - 1] == int(v);
  const int block = number(item.id);
  return block > 0 && (item.kind == VoteKind::notar ? s.own.notar : s.own.final)[v] == block;
}

void TraceJudge::note_own(std::uint16_t i, const VoteItem& item) {
  Side& s = sides_[i];
  room(s, int(item.view.value));
  const auto v = std::size_t(item.view.value);
  if (item.kind == VoteKind::null) s.own.null_from[v - 1] = int(v);  // by term, which is a view
  else (item.kind == VoteKind::notar ? s.own.notar : s.own.final)[v] = number(item.id);
}

// M2: a header may be sent before it is durable right above the highest durable vote, and not where that may have happened
// before the last start.
void TraceJudge::judge_ahead(std::uint16_t i, const consensus::Proposal& p) {
  Side& s = sides_[i];
  if (p.vote.ballot.voter != i) return;
  learn(p.header);
  const VoteItem item{VoteKind::notar, p.header.view, ledger::block_id(p.header), {}};
  if (is_own(s, item)) return;
  ++counts_.ahead;
  s.payloads.insert(item.id);
  if (int(item.view.value) != highest_signed(s, true) + 1) complain(i, item, "sent before it is durable, not right above a durable vote");
  if (int(item.view.value) <= s.unsure) complain(i, item, "sent where a header may have been lost");
  room(s, int(item.view.value));
  judge(i, item);
  note_own(i, item);
  s.ahead = item;
}

void TraceJudge::gives(std::uint16_t i, const consensus::Output& output) {
  Side& s = sides_[i];
  if (const auto* o = std::get_if<consensus::Persist>(&output)) {
    for (const auto& id : o->payloads) s.contents.insert(id);
    wrote(i, o->records);
  } else if (const auto* o = std::get_if<consensus::Finalize>(&output)) {
    const int block = number(o->ids.back());
    if (block <= 0 || !tree_.extends(block, s.tip)) complaints_.push_back("node " + std::to_string(i) + ": a final block off its chain");
    else s.tip = block;
  } else if (const auto* o = std::get_if<consensus::Send>(&output)) {
    if (const auto* p = std::get_if<consensus::Proposal>(&o->message)) judge_ahead(i, *p);
    if (const auto answer = consensus::test::heard_as<consensus::SignedAnswer>(o->message)) {
      ++counts_.answers;
      const VoteItem about{VoteKind::null, answer->top, {}, {}};
      if (int(answer->top.value) < highest_signed(s, true))
        complain(i, about, "answers a node in quarantine with a view below its own votes");
      if (answer->top.value <= s.gate) complain(i, about, "answers a node in quarantine though it has not passed its own floor");
    }
  }
}

void TraceJudge::rests(std::uint16_t i, const consensus::EngineStatus& status) {
  Side& s = sides_[i];
  if (status.current.value < s.view) complain(i, {VoteKind::null, status.current, {}, {}}, "the current view went back");
  if (status.current.value == s.view) return;
  for (std::uint64_t v = s.view; v < status.current.value; ++v)
    if (!leader_heard(s, int(v))) s.silent_leader.insert(v);
  if (slow(s)) s.slow_leader.insert(leader(s.view));
  s.view = status.current.value;
  s.view_since_ns = now_;
  room(s, int(s.view));
  if (!left(s, s.heard, int(s.view) - 1)) complain(i, {VoteKind::null, status.current, {}, {}}, "entered without evidence");
}

// ---- rules

int TraceJudge::floor_of(const Side& s) const { return std::max(tree_.blocks[std::size_t(s.tip)].view, int(s.gate)); }

int TraceJudge::highest_signed(const Side& s, bool durable) const {
  for (int v = int(s.own.notar.size()) - 1; v > 0; --v) {
    const bool notar = s.own.notar[std::size_t(v)] != 0 && !(durable && (s.lost.contains(v) || (s.ahead && int(s.ahead->view.value) == v)));
    if (notar || s.own.final[std::size_t(v)] != 0 || s.own.null_from[std::size_t(v) - 1] != 0) return v;
  }
  return 0;
}

bool TraceJudge::known_final(const Side& s, int block) const {
  if (tree_.extends(s.tip, block)) return true;
  for (int b = block; b < int(tree_.blocks.size()); ++b)
    if (tree_.extends(b, block) && rules_.finalized(s.heard, 0, b)) return true;
  return false;
}

bool TraceJudge::notarized(const Side& s, const Heard& by, int block) const {
  return rules_.explicitly_notarized(by, 0, block) || rules_.finalized(by, 0, block) || tree_.extends(s.tip, block);
}

bool TraceJudge::left(const Side& s, const Heard& by, int view) const {
  if (tree_.blocks[std::size_t(s.tip)].view == view || rules_.nullified(by, 0, view)) return true;
  for (const int b : tree_.of_view(view))
    if (rules_.finalized(by, 0, b) || (rules_.explicitly_notarized(by, 0, b) && tree_.good_chain(b))) return true;
  return false;
}

void TraceJudge::judge(std::uint16_t i, const VoteItem& item) {
  Side& s = sides_[i];
  const int view = int(item.view.value);
  s.own.floor = floor_of(s);
  s.own.cur = view;
  if (!s.open) complain(i, item, "signed before the gate was open");
  if (item.kind != VoteKind::final) {  // in the view it is in, which it entered on evidence
    if (item.view.value < s.view) complain(i, item, "signed in a view already left");
    if (view > 1 && !left(s, s.heard, view - 1)) complain(i, item, "signed in a view that nothing leads to");
  }
  if (item.kind == VoteKind::null) return judge_null(i, view);
  const int block = number(item.id);
  if (block <= 0) return complain(i, item, "for a block whose ancestors were never seen");
  item.kind == VoteKind::notar ? judge_notar(i, block, item) : judge_final(i, block, item);
}

void TraceJudge::judge_notar(std::uint16_t i, int block, const VoteItem& item) {
  Side& s = sides_[i];
  const auto& h = headers_[std::size_t(block)];
  const int parent = tree_.blocks[std::size_t(block)].parent, parent_view = tree_.blocks[std::size_t(parent)].view;
  ++counts_.notar;
  counts_.over_gaps += parent_view + 1 < int(item.view.value);
  counts_.after_null += s.own.null_from[item.view.value - 1] != 0;
  if (!rules_.may_notarize(tree_, s.heard, 0, s.own, block, notarized(s, s.heard, parent) || known_final(s, parent)))
    complain(i, item, "not allowed by M3");
  if (!s.payloads.contains(item.id)) complain(i, item, "its payload is not held");
  if (h.proposer != leader(h.view.value)) complain(i, item, "its proposer does not lead the view");
  if (wrong_link_[std::size_t(block)] && (parent == 0 || s.executed.contains(h.parent)))
    complain(i, item, "the header contradicts its parent");
  if (const auto e = s.executed.find(item.id); e != s.executed.end() && !e->second) complain(i, item, "known to be invalid");
  if (h.time.value > wall_ + timing_.max_clock_ahead_ms) complain(i, item, "its time has not come");
  if (h.proposer == i)  // M2: on the highest block there is
    for (int v = parent_view + 1; v < int(item.view.value); ++v)
      for (const int b : tree_.of_view(v))
        if (notarized(s, s.heard, b) && tree_.good_chain(b) && s.executed.contains(ledger::block_id(headers_[std::size_t(b)])))
          complain(i, item, "proposed past a certified block of view " + std::to_string(v));
}

void TraceJudge::judge_final(std::uint16_t i, int block, const VoteItem& item) {
  Side& s = sides_[i];
  ++counts_.final;
  if (!rules_.may_finalize(tree_, s.own, block, rules_.explicitly_notarized(s.heard, 0, block))) complain(i, item, "not allowed by M5");
  const auto e = s.executed.find(item.id);
  if (e == s.executed.end() || e->second != item.result) complain(i, item, "not executed, or with another result");
}

void TraceJudge::judge_null(std::uint16_t i, int view) {
  Side& s = sides_[i];
  const VoteItem item{VoteKind::null, View{std::uint64_t(view)}, {}, {}};
  ++counts_.null;
  if (!rules_.may_nullify(s.own)) complain(i, item, "not allowed by M6");
  if (!may_nullify_now(s, i, view)) complain(i, item, "without a reason");
}

bool TraceJudge::slow(const Side& s) const { return now_ > s.view_since_ns + timing_.delta_min_ns / consensus::kPromptPart; }

bool TraceJudge::leader_heard(const Side& s, int view) const {
  const Mask leads = Mask{1} << leader(std::uint64_t(view));
  Mask heard = s.heard.null[std::size_t(view)];
  for (const int b : tree_.of_view(view)) heard |= s.heard.notar[std::size_t(b)] | s.heard.final[std::size_t(b)];
  return (heard & leads) != 0;
}

bool TraceJudge::may_nullify_now(const Side& s, std::uint16_t i, int view) const {
  if (rules_.stakes.weak(s.heard.null[std::size_t(view)])) return true;
  const auto chief = leader(std::uint64_t(view));
  const Mask leads = Mask{1} << chief;
  for (const int b : tree_.of_view(view)) {
    if (!rules_.explicitly_notarized(s.heard, 0, b) || s.far_ahead.contains(std::uint64_t(view))) continue;
    return !tree_.good_chain(b);  // a good one is fetched and executed, however long that takes
  }
  const auto named = s.named.find({std::uint64_t(view), chief});
  if (named != s.named.end() && named->second.size() > 1) return true;
  if ((s.heard.null[std::size_t(view)] & leads) != 0 || chief == i) return true;
  const std::uint64_t since = view == int(s.view) ? s.view_since_ns : now_;
  if (now_ >= since + 6 * timing_.delta_min_ns) return true;
  if (s.misled_by.contains(chief)) return true;
  // It may be passed over for an earlier view of its, which may have ended in this very step.
  if (s.slow_leader.contains(chief) || (view > int(s.view) && leader(s.view) == chief && slow(s))) return true;
  int missed = 0;
  for (const auto u : s.silent_leader) missed += u < std::uint64_t(view) && leader(u) == chief;
  // Views passed within one step are not seen one by one.
  for (std::uint64_t u = s.view; u < std::uint64_t(view); ++u) missed += leader(u) == chief && !leader_heard(s, int(u));
  return missed >= 2;
}

// What stands in the journal must lead back to where the vote was given, and show what it rests on.
void TraceJudge::judge_durable(std::uint16_t i, const VoteItem& item) {
  const Side& s = sides_[i];
  const int tip_view = tree_.blocks[std::size_t(s.tip)].view, view = int(item.view.value);
  const int last = item.kind == VoteKind::final ? view : view - 1;  // N(v), durable with FINAL(v), leaves v and all before
  for (int cur = tip_view + 1; cur < view;) {
    int next = cur;
    for (int w = last; w >= cur && next == cur; --w)
      for (const int b : tree_.of_view(w))
        if ((rules_.explicitly_notarized(s.durable, 0, b) && tree_.good_chain(b)) || rules_.finalized(s.durable, 0, b)) next = w + 1;
    if (next == cur && rules_.nullified(s.durable, 0, cur)) next = cur + 1;
    if (next == cur) return complain(i, item, "no durable evidence of how view " + std::to_string(cur) + " was left");
    cur = next;
  }
  if (item.kind == VoteKind::null) return;
  const int block = number(item.id);
  if (block <= 0) return;
  if (item.kind == VoteKind::notar) {
    const int parent = tree_.blocks[std::size_t(block)].parent;
    if (!notarized(s, s.durable, parent) && !known_final(s, parent)) complain(i, item, "N of its parent is not durable");
    if (!rules_.gap_nullified(s.durable, 0, tree_.blocks[std::size_t(parent)].view, view))
      complain(i, item, "Z of a view between is not durable");
  } else if (!rules_.explicitly_notarized(s.durable, 0, block)) {
    complain(i, item, "its N is not durable");
  }
  for (int b = block; b != s.tip && b != 0 && tree_.blocks[std::size_t(b)].view > tip_view; b = tree_.blocks[std::size_t(b)].parent) {
    const Hash id = ledger::block_id(headers_[std::size_t(b)]);
    if (!s.proposals.contains(id) || !s.contents.contains(id)) complain(i, item, "a block it stands for is not durable");
    if (item.kind == VoteKind::notar) break;
  }
}

}  // namespace dos::model
