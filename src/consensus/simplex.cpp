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
      pool_(facts_),
      tree_(no_transactions_),
      pace_(weights_of(facts_.validators), facts_.voter, timing_.delta_min_ns, timing_.delta_max_ns) {
  gate_.key_unused = setup.key_unused;
  final_.tip = setup.tip;
  if (setup.tip_proof) final_.certificate = setup.tip_proof->form;
  help_.peers.resize(facts_.validators.members.size());
}

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
  if (stopped_.for_good) return {};
  now_ = now_ns;
  wall_ = wall_ms;
  out_.clear();
  std::visit([this](const auto& in) { on(in); }, input);
  pump();
  if (!stopped_.for_good) unload_old();
  if (!stopped_.for_good) run_timers();
  return std::exchange(out_, {});
}

// The order is that of latency: what others wait for goes out first.
void Simplex::pump() {
  turn_.judge_at.reset();
  proposer_.propose_at.reset();
  for (bool again = true; again && !stopped_.for_good;) {
    find_contradictions();
    look_at_changed();
    again = vote_final() || finalize() || advance() || notarize() || propose() || execute_ready() || nullify() || tree_.any_changed();
  }
}

// The rules below look only at what votes, payloads or results have touched.
void Simplex::look_at_changed() {
  for (const auto& key : tree_.take_changed()) {
    auto& b = *tree_.find(key.second);
    held_.to_execute.insert(key);
    if (b.result) compare_result(b);
    if (!pool_.strong({VoteKind::notar, key.first, b.id, Hash{}})) continue;
    tree_.settle(b);
    if (b.result && !b.bad) final_.to_vote.insert(key);
  }
}

std::uint16_t Simplex::leader(View view) const {
  if (views_.led_by.first != view || view.value == 0) views_.led_by = {view, leader_of(facts_.validators, facts_.chain, view)};
  return views_.led_by.second;
}

void Simplex::broadcast(Said message) {
  if (facts_.validators.members.size() > 1) emit(Send{Send::kEverybody, std::move(message)});
}

void Simplex::stop(std::string why) {
  if (!stopped_.why.empty()) return;
  stopped_.why = why;
  emit(StopVoting{std::move(why)});
}

std::string Simplex::why_it_waits() const {
  return "no block became final in the last " + std::to_string(timing_.max_unfinal_views) + " views; it votes seldom until one has";
}

void Simplex::halt(std::string why) {
  if (stopped_.for_good) return;
  stopped_.for_good = true;
  stopped_.why = why;
  emit(Halt{std::move(why)});
}

void Simplex::report(std::vector<Contradiction> found) {
  for (auto& c : found) {
    ++counts_.evidence;
    auto what =
        "signed two votes that no honest one signs: " + hex(codec::encode(c.first.ballot)) + " and " + hex(codec::encode(c.second.ballot));
    emit(Misbehaviour{c.voter, std::move(what), codec::encode(c.first), codec::encode(c.second)});
  }
}

// ---- timers

// One validator's NULL makes the leader go on: it is a wish like any, heard once a second, or the others would pass view after
// view as fast as it refuses them.
bool Simplex::null_seen() {
  const VoteItem null{VoteKind::null, views_.cur, Hash{}, Hash{}};
  if (pool_.weak(null)) return true;
  const auto voters = pool_.voters(null);
  return std::ranges::any_of(voters, [this](std::uint16_t voter) { return voter == facts_.voter || may_want(voter); });
}

bool Simplex::passes_over(std::uint16_t chief) const {
  return final_.awaited <= kPassOverViews && seen().unfinal_views() <= kTroubledViews && pace_.passed_over(chief, now_);
}

// What waits here the leader need not have, or may not be able to use: after two delays it is told that a block is wanted, and
// from then on it is its own time, if it must have heard that: who wishes too often is not heard. After its header all is.
std::optional<std::uint64_t> Simplex::waited_ns() const {
  if (!turn_.header_at && !wish_.wanted_at) return std::nullopt;
  const auto told_at = wish_.wanted_at && wish_.heard_at ? std::max(*wish_.wanted_at + pace_.sync_ns(), *wish_.heard_at) : now_;
  return now_ - std::min({now_, turn_.header_at.value_or(now_), told_at});
}

// A quiet chain waits for nothing: a view's time runs only while somebody wants something, here or, by what was heard of
// this view, elsewhere. One validator's word about later views is no reason: it could keep a network at rest running for nothing.
bool Simplex::has_work() const {
  return wish_.demand.pending || wish_.demand.block || turn_.others_want || !final_.known.empty() || tree_.count(views_.cur) > 0 ||
         unfinal_work() || pool_.any_at(views_.cur) || pool_.weak_above(views_.cur) || undecided() || waits_for_final();
}

// A block was notarized and may be final elsewhere, though nobody waits for what is in it: votes for it were lost. No view's time
// runs for that, and it is asked for some times only.
bool Simplex::unsettled() const { return gate_.open && turn_.unsettled_tries < kUnsettledTries && rules::open_end(seen()); }

// FINAL and NULL were split between the others: no votes for it will ever come, and who asks what is newest has no answer. A child
// makes it final.
bool Simplex::undecided() const { return gate_.open && turn_.unsettled_tries >= kUnsettledTries && rules::open_end(seen()); }

// Gossip takes one step: what waits here the leader need not have. Once it was told it has no reason to wait.
void Simplex::want_since_now() {
  want_nothing();
  wish_.wanted_at = std::max(now_, paused_until());
  if (pace_.tell_ns() < pace_.sync_ns()) wish_.tell_at = *wish_.wanted_at + pace_.tell_ns();
}

void Simplex::want_nothing() {
  wish_.wanted_at.reset();
  wish_.tell_at.reset();
  wish_.told_at.reset();
  wish_.give_up_at.reset();
}

void Simplex::leader_answered() {
  if (!wish_.told_at) return;
  const auto told = *std::exchange(wish_.told_at, std::nullopt);
  pace_.answered(leader(views_.cur), now_, std::max(turn_.header_at.value_or(now_), told) - told);
}

void Simplex::run_timers() {
  if (!gate_.open && gate_.ask_at && now_ >= *gate_.ask_at) ask_signed(Send::kEverybody);
  if (has_work()) {
    if (!turn_.timer) turn_.timer = std::max(now_, paused_until()) + pace_.view_ns();
    if (!turn_.expired && now_ >= *turn_.timer) {
      turn_.expired = true;
      pump();
    }
    if (!help_.retry_at) {
      help_.retry_wait = pace_.sync_ns();
      help_.retry_at = now_ + help_.retry_wait;
      // Transactions reach the leader by gossip; that a block is wanted it can only learn so.
      if (wish_.demand.block && !leads(views_.cur) && !tree_.any_upto(views_.cur)) help_.retry_at = now_;
    }
    if (wish_.tell_at && now_ >= *wish_.tell_at) tell_leader();
    if (wish_.give_up_at && now_ >= *wish_.give_up_at) {
      wish_.give_up_at.reset();
      turn_.late_again = !turn_.header_at;
      pump();
    }
    if (now_ >= *help_.retry_at) retry();
    note_missing();
  } else {
    turn_.timer.reset();
    turn_.expired = false;
    help_.fetches.clear();
    if (!unsettled()) help_.retry_at.reset();
    else if (!help_.retry_at) {
      help_.retry_wait = pace_.sync_ns();
      help_.retry_at = now_ + help_.retry_wait;
    } else if (now_ >= *help_.retry_at) {
      retry();
      if (++turn_.unsettled_tries >= kUnsettledTries) help_.retry_at.reset();
    }
  }
  chase_wants();
}

std::optional<std::uint64_t> Simplex::deadline_ns() const {
  if (stopped_.for_good) return std::nullopt;
  std::optional<std::uint64_t> first;
  const auto at = [&first](const std::optional<std::uint64_t>& t) {
    if (t && (!first || *t < *first)) first = t;
  };
  if (!turn_.expired) at(turn_.timer);
  at(help_.retry_at);
  at(turn_.judge_at);
  at(proposer_.propose_at);
  at(gate_.ask_at);
  at(wish_.tell_at);
  at(wish_.give_up_at);
  if (now_ < paused_until()) at(paused_until());
  for (const auto& [item, want] : help_.gets) at(want.due_ns);
  for (const auto& [id, want] : help_.fetches) at(want.due_ns);
  return first;
}

EngineStatus Simplex::status() const {
  EngineStatus s;
  s.current = views_.cur;
  s.floor = own_.floor;
  s.leader = leader(views_.cur);
  s.fin_voted = std::max(own_.fin_height, final_.tip.height);
  s.votes = gate_.open && stopped_.why.empty() && !waits_for_final();
  // What was signed at or below the gate's floor is not known here; blocks final above it are descendants of all that was.
  s.acks = gate_.open && stopped_.why.empty() && (gate_.floor.value == 0 || final_.tip.view > gate_.floor);
  if (!stopped_.why.empty()) s.why_not = stopped_.why;
  else if (!gate_.open)
    s.why_not = "it cannot know what its key has signed, and asks the other validators: " + std::to_string(gate_.answers.size()) + " of " +
                std::to_string(facts_.validators.members.size() - 1) + " have answered";
  else if (waits_for_final()) s.why_not = why_it_waits();
  for (std::size_t i = 0; i < help_.peers.size(); ++i)
    s.heard.push_back(i == facts_.voter || (help_.peers[i].heard.value > 0 && help_.peers[i].heard.value + 8 >= views_.cur.value));
  s.nullified = counts_.nullified;
  s.evidence = counts_.evidence;
  s.headers = tree_.size();
  s.votes_held = pool_.size();
  s.wants = help_.gets.size() + help_.fetches.size();
  return s;
}

}  // namespace dos::consensus
