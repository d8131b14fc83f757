#include "consensus/simplex.hpp"

#include "consensus/leader.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

namespace {
std::vector<std::uint64_t> weights_of(const ledger::ValidatorSet& set) {
  std::vector<std::uint64_t> weights;
  for (const auto& member : set.members) weights.push_back(member.weight);
  return weights;
}
}  // namespace

Simplex::Simplex(EngineSetup setup, Entropy& entropy)
    : facts_(std::move(setup.facts)),
      key_(setup.key),
      timing_(setup.timing),
      entropy_(&entropy),
      valset_(ledger::valset_hash(facts_.validators)),
      no_transactions_(ledger::tx_root({})),
      key_unused_(setup.key_unused),
      tip_(setup.tip),
      tip_certificate_(setup.tip_proof ? std::optional(setup.tip_proof->form) : std::nullopt),
      pool_(facts_),
      tree_(no_transactions_),
      peers_(facts_.validators.members.size()),
      pace_(weights_of(facts_.validators), facts_.voter, timing_.delta_min_ns, timing_.delta_max_ns) {}

Result<std::unique_ptr<Engine>> make_simplex(EngineSetup setup, Entropy& entropy) {
  const auto& members = setup.facts.validators.members;
  const auto voter = setup.facts.voter;
  if (members.size() > kMaxValidators || setup.key == nullptr || voter >= members.size() ||
      members[voter].vote_key != setup.key->public_key())
    return fail(Errc::no_key, "the vote key is not that of a validator of this epoch");
  auto records = std::move(setup.records);
  EngineSetup rest = setup;
  auto engine = std::make_unique<Simplex>(std::move(setup), entropy);
  rest.records = std::move(records);
  DOS_TRY(engine->restore(rest));
  return std::unique_ptr<Engine>(std::move(engine));
}

Outputs Simplex::step(std::uint64_t now_ns, std::uint64_t wall_ms, Input input) {
  if (halted_) return {};
  now_ = now_ns;
  wall_ = wall_ms;
  out_.clear();
  std::visit([this](const auto& in) { on(in); }, input);
  pump();
  if (!halted_) unload_old();
  if (!halted_) run_timers();
  return std::exchange(out_, {});
}

// The order is that of latency: what others wait for goes out first.
void Simplex::pump() {
  judge_at_.reset();
  propose_at_.reset();
  for (bool again = true; again && !halted_;) {
    find_contradictions();
    look_at_changed();
    again = vote_final() || finalize() || advance() || notarize() || propose() || execute_ready() || nullify() || tree_.any_changed();
  }
}

// The rules below look only at what votes, payloads or results have touched.
void Simplex::look_at_changed() {
  for (const auto& key : tree_.take_changed()) {
    auto& b = *tree_.find(key.second);
    to_execute_.insert(key);
    if (b.result) compare_result(b);
    if (!pool_.strong({VoteKind::notar, key.first, b.id, Hash{}})) continue;
    tree_.settle(b);
    if (b.result && !b.bad) to_vote_final_.insert(key);
  }
}

std::uint16_t Simplex::leader(View view) const {
  if (led_by_.first != view || view.value == 0) led_by_ = {view, leader_of(facts_.validators, facts_.chain, view)};
  return led_by_.second;
}

void Simplex::broadcast(Said message) {
  if (facts_.validators.members.size() > 1) emit(Send{Send::kEverybody, std::move(message)});
}

void Simplex::stop(std::string why) {
  if (!stopped_.empty()) return;
  stopped_ = why;
  emit(StopVoting{std::move(why)});
}

std::string Simplex::why_it_waits() const {
  return "no block became final in the last " + std::to_string(timing_.max_unfinal_views) + " views; it votes seldom until one has";
}

std::uint64_t Simplex::paused_until() const {
  if (!waits_for_final()) return 0;
  const auto doubled = std::min<std::uint64_t>((cur_.value - tip_.view.value - timing_.max_unfinal_views) / kUnfinalPauseDoubles, 32);
  return entered_at_ + std::min(kUnfinalPauseNs << doubled, kMaxUnfinalPauseNs);
}

void Simplex::halt(std::string why) {
  if (halted_) return;
  halted_ = true;
  stopped_ = why;
  emit(Halt{std::move(why)});
}

void Simplex::report(std::vector<Contradiction> found) {
  for (auto& c : found) {
    ++evidence_;
    auto what =
        "signed two votes that no honest one signs: " + hex(codec::encode(c.first.ballot)) + " and " + hex(codec::encode(c.second.ballot));
    emit(Misbehaviour{c.voter, std::move(what), codec::encode(c.first), codec::encode(c.second)});
  }
}

// ---- timers

// One validator's NULL makes the leader go on: it is a wish like any, heard once a second, or the others would pass view after
// view as fast as it refuses them.
bool Simplex::null_seen() {
  const VoteItem null{VoteKind::null, cur_, Hash{}, Hash{}};
  if (pool_.weak(null)) return true;
  const auto voters = pool_.voters(null);
  return std::ranges::any_of(voters, [this](std::uint16_t voter) { return voter == facts_.voter || may_want(voter); });
}

bool Simplex::passes_over(std::uint16_t chief) const {
  return awaited_ <= kPassOverViews && cur_.value - tip_.view.value <= kTroubledViews && pace_.passed_over(chief, now_);
}

// What waits here the leader need not have, or may not be able to use: after two delays it is told that a block is wanted, and
// from then on it is its own time, if it must have heard that: who wishes too often is not heard. After its header all is.
std::optional<std::uint64_t> Simplex::waited_ns() const {
  if (!header_at_ && !wanted_at_) return std::nullopt;
  const auto told_at = wanted_at_ && heard_at_ ? std::max(*wanted_at_ + pace_.sync_ns(), *heard_at_) : now_;
  return now_ - std::min({now_, header_at_.value_or(now_), told_at});
}

// A quiet chain waits for nothing: a view's time runs only while somebody wants something, here or, by what was heard of
// this view, elsewhere. One validator's word about later views is no reason: it could keep a network at rest running for nothing.
bool Simplex::has_work() const {
  return demand_.pending || demand_.block || others_want_ || !known_final_.empty() || tree_.count(cur_) > 0 || unfinal_work() ||
         pool_.any_at(cur_) || pool_.weak_above(cur_) || undecided() || waits_for_final();
}

// A block was notarized and may be final elsewhere, though nobody waits for what is in it: votes for it were lost. No view's time
// runs for that, and it is asked for some times only.
bool Simplex::unsettled() const { return gate_open_ && unsettled_tries_ < kUnsettledTries && open_end(); }

// FINAL and NULL were split between the others: no votes for it will ever come, and who asks what is newest has no answer. A child
// makes it final.
bool Simplex::undecided() const { return gate_open_ && unsettled_tries_ >= kUnsettledTries && open_end(); }

bool Simplex::open_end() const {
  for (auto left = left_by_.rbegin(); left != left_by_.rend(); ++left)
    if (left->second.kind == VoteKind::notar) return left->first > tip_.view.value && !pool_.nullified(View{left->first});
  return false;
}

// Gossip takes one step: what waits here the leader need not have. Once it was told it has no reason to wait.
void Simplex::want_since_now() {
  want_nothing();
  wanted_at_ = std::max(now_, paused_until());
  if (pace_.tell_ns() < pace_.sync_ns()) tell_at_ = *wanted_at_ + pace_.tell_ns();
}

void Simplex::want_nothing() {
  wanted_at_.reset();
  tell_at_.reset();
  told_at_.reset();
  give_up_at_.reset();
}

void Simplex::leader_answered() {
  if (!told_at_) return;
  const auto told = *std::exchange(told_at_, std::nullopt);
  pace_.answered(leader(cur_), now_, std::max(header_at_.value_or(now_), told) - told);
}

void Simplex::run_timers() {
  if (!gate_open_ && ask_at_ && now_ >= *ask_at_) ask_signed(Send::kEverybody);
  if (has_work()) {
    if (!view_timer_) view_timer_ = std::max(now_, paused_until()) + pace_.view_ns();
    if (!view_expired_ && now_ >= *view_timer_) {
      view_expired_ = true;
      pump();
    }
    if (!retry_at_) {
      retry_wait_ = pace_.sync_ns();
      retry_at_ = now_ + retry_wait_;
      // Transactions reach the leader by gossip; that a block is wanted it can only learn so.
      if (demand_.block && !leads(cur_) && !tree_.any_upto(cur_)) retry_at_ = now_;
    }
    if (tell_at_ && now_ >= *tell_at_) tell_leader();
    if (give_up_at_ && now_ >= *give_up_at_) {
      give_up_at_.reset();
      late_again_ = !header_at_;
      pump();
    }
    if (now_ >= *retry_at_) retry();
    note_missing();
  } else {
    view_timer_.reset();
    view_expired_ = false;
    fetches_.clear();
    if (!unsettled()) retry_at_.reset();
    else if (!retry_at_) {
      retry_wait_ = pace_.sync_ns();
      retry_at_ = now_ + retry_wait_;
    } else if (now_ >= *retry_at_) {
      retry();
      if (++unsettled_tries_ >= kUnsettledTries) retry_at_.reset();
    }
  }
  chase_wants();
}

std::optional<std::uint64_t> Simplex::deadline_ns() const {
  if (halted_) return std::nullopt;
  std::optional<std::uint64_t> first;
  const auto at = [&first](const std::optional<std::uint64_t>& t) {
    if (t && (!first || *t < *first)) first = t;
  };
  if (!view_expired_) at(view_timer_);
  at(retry_at_);
  at(judge_at_);
  at(propose_at_);
  at(ask_at_);
  at(tell_at_);
  at(give_up_at_);
  if (now_ < paused_until()) at(paused_until());
  for (const auto& [item, want] : gets_) at(want.due_ns);
  for (const auto& [id, want] : fetches_) at(want.due_ns);
  return first;
}

EngineStatus Simplex::status() const {
  EngineStatus s;
  s.current = cur_;
  s.floor = floor_;
  s.leader = leader(cur_);
  s.fin_voted = std::max(fin_height_, tip_.height);
  s.votes = gate_open_ && stopped_.empty() && !waits_for_final();
  // What was signed at or below the gate's floor is not known here; blocks final above it are descendants of all that was.
  s.acks = gate_open_ && stopped_.empty() && (gate_floor_.value == 0 || tip_.view > gate_floor_);
  if (!stopped_.empty()) s.why_not = stopped_;
  else if (!gate_open_)
    s.why_not = "it cannot know what its key has signed, and asks the other validators: " + std::to_string(answers_.size()) + " of " +
                std::to_string(facts_.validators.members.size() - 1) + " have answered";
  else if (waits_for_final()) s.why_not = why_it_waits();
  for (std::size_t i = 0; i < peers_.size(); ++i)
    s.heard.push_back(i == facts_.voter || (peers_[i].heard.value > 0 && peers_[i].heard.value + 8 >= cur_.value));
  s.nullified = nullified_;
  s.evidence = evidence_;
  s.headers = tree_.size();
  s.votes_held = pool_.size();
  s.wants = gets_.size() + fetches_.size();
  return s;
}

}  // namespace dos::consensus
