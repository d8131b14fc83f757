#include "sim/run.hpp"

#include "sim/checkers/bounds.hpp"
#include "sim/checkers/ending.hpp"
#include "sim/engines/engines.hpp"

namespace dos::sim {
namespace {

constexpr SimTime kBoundsEvery = 50 * kMs;
constexpr std::uint64_t kMostSteps = 5'000'000;  // a loop without time passing would never end

class Run final : private ReplicaWatch {
 public:
  Run(const Plan& plan, const Modules& modules, const RunOptions& options)
      : world_(plan), bank_(world_.failures), wire_(world_), modules_(modules) {
    world_.trace.print = options.print;
    prepare();
  }
  Report run();

 private:
  void prepare();
  void add_machine(std::uint32_t validator);
  bool stop() const { return world_.failures.any() || world_.schedule.steps() > kMostSteps; }
  std::optional<Machine> leader() const;
  void opened(Machine machine, replica::Replica& replica) override;
  void final_block(Machine machine, const chain::MadeBlock& made) override;
  void refused(Machine, const Hash&, const Error&) override {}
  void settle(Report& report);
  void watch_bounds() {
    check_bounds(world_);
    world_.schedule.after(kBoundsEvery, [this] { watch_bounds(); });
  }

  World world_;
  Bank bank_;
  Wire wire_;
  const Modules& modules_;
  ReplicaSetting setting_;
  std::optional<Clients> clients_;
  std::optional<Guests> guests_;
  std::optional<Nemesis> nemesis_;
};

void Run::prepare() {
  const auto& plan = world_.plan;
  const auto genesis = make_genesis(plan, modules_);
  setting_.modules = &modules_;
  setting_.genesis = codec::encode(genesis);
  setting_.chain = ledger::genesis_hash(genesis);
  setting_.engine = engine_numbered(plan.engine);
  setting_.code = modules_.installed();
  for (std::uint32_t v = 0; v < plan.validators(); ++v) {
    const auto name = "v" + std::to_string(v + 1);
    setting_.vote_keys.push_back(key_of("vote " + name, vote_key_type(plan.suite)));
    setting_.node_keys.push_back(key_of("node " + name, node_key_type(plan.suite)));
  }
  world_.net.tap = &wire_;
  world_.leader = [this] { return leader(); };
  world_.wipe = [this](SimMachine& m) { m.disk = modules_.installed(); };
  for (std::uint32_t v = 0; v < plan.validators(); ++v) add_machine(v);
  for (std::uint32_t v = 0; v < plan.validators(); ++v) {
    const auto kind = plan.liars[v];
    if (kind == LiarKind::none) continue;
    if (kind == LiarKind::twins) add_machine(v);
    else wire_.add(v, make_liar(kind, {world_, setting_, v, v}, world_.random.fork("liar", v)));
  }
  // Who dials a validator with a twin reaches one of the two, and not always the same.
  auto random = std::make_shared<Random>(world_.random.fork("route"));
  world_.net.route = [this, random](Machine, Machine found) {
    for (const auto& [machine, validator] : world_.twin_of)
      if (validator == found && random->below(2) == 0) return machine;
    return found;
  };
  nemesis_.emplace(world_, world_.random.fork("nemesis"));
  clients_.emplace(world_, setting_, bank_, world_.random.fork("clients"));
  if (plan.guests) guests_.emplace(world_, world_.random.fork("guests"));
}

void Run::add_machine(std::uint32_t validator) {
  const auto name = "v" + std::to_string(validator + 1);
  const auto place = world_.net.add(name, 7000, crypto::key_id(setting_.node_keys[validator].public_key()));
  if (place >= world_.plan.validators()) world_.twin_of[place] = validator;
  auto random = world_.random.fork("machine", place);
  std::int64_t skew = 0;
  std::int32_t drift = 0;
  if (world_.plan.has(FaultKind::clock_skewed)) {
    skew = std::int64_t(random.between(0, 400)) - 200;
    world_.counters.count(FaultKind::clock_skewed);
  }
  if (world_.plan.has(FaultKind::clock_drifting)) {
    drift = std::int32_t(random.between(0, 40'000)) - 20'000;
    world_.counters.count(FaultKind::clock_drifting);
  }
  const SimClock clock(skew, drift, random.between(kSecond, 1'000'000 * kSecond));
  auto program = [this](SimMachine::Boot boot) { return ReplicaProcess::open(world_, setting_, *this, boot); };
  world_.machines.push_back(
      std::make_unique<SimMachine>(world_.schedule, world_.net, world_.trace, random.fork("life"), place, clock, std::move(program)));
  auto& m = *world_.machines.back();
  m.disk = modules_.installed();
  m.disk.lose_syncs = world_.plan.disks_lie;
  if (world_.honest(place)) world_.votes.watch(place, m.disk, "journal");
  world_.schedule.at(random.between(0, 200 * kMs), [&m] { m.power_on(); });
}

std::optional<Machine> Run::leader() const {
  std::optional<Machine> found;
  View highest{0};
  for (const auto& m : world_.machines) {
    if (!m->on() || !world_.honest(m->place())) continue;
    const auto engine = static_cast<ReplicaProcess*>(m->process())->replica().status().engine;
    if (found && engine.current <= highest) continue;
    highest = engine.current;
    found = engine.leader;
  }
  return found;
}

void Run::opened(Machine machine, replica::Replica& replica) {
  if (!world_.honest(machine)) return;
  const auto& chain = replica.chain();
  const auto tip = chain.tip();
  // A block may be on disk of which nobody could tell before the power went.
  for (auto h = world_.agreement.highest().value + 1; h <= tip.height.value; ++h) {
    const auto block = chain::read_block(chain.finals().archive(), Height{h});
    if (!block) {
      world_.failures.add("archive",
                          "v" + std::to_string(machine + 1) + " cannot read its block " + std::to_string(h) + ": " + block.error().detail);
      return;
    }
    world_.agreement.opened(machine, Height{h}, fact_of(*block));
    clients_->final_block(*block);
  }
  if (tip.height.value == 0) {
    world_.agreement.opened(machine, Height{0}, {});
    return;
  }
  const auto block = chain::read_block(chain.finals().archive(), tip.height);
  if (!block || ledger::block_id(block->anchor.header) != tip.id)
    world_.failures.add("archive", "v" + std::to_string(machine + 1) + " opened at a block that its archive does not hold");
  else world_.agreement.opened(machine, tip.height, fact_of(*block));
}

void Run::final_block(Machine machine, const chain::MadeBlock& made) {
  if (!world_.honest(machine)) return;
  if (world_.agreement.final_block(machine, made.anchor.header.height, fact_of(made))) clients_->final_block(made);
}

// Everything is healed: in bounded time all clients have their answers and all honest nodes the same state.
void Run::settle(Report& report) {
  const auto healed = world_.now();
  const auto before = world_.agreement.highest();
  if (guests_) guests_->stop();
  nemesis_->heal();
  world_.schedule.run_until(healed + kSecond, [this] { return stop(); });
  clients_->stop_making();
  std::string missing = "nothing was looked at";
  while (!stop() && world_.now() < healed + world_.plan.settle_within) {
    missing = what_is_missing(world_, before, *clients_);
    if (missing.empty()) break;
    world_.schedule.run_until(world_.now() + 20 * kMs, [this] { return stop(); });
  }
  report.settled_in = world_.now() - healed;
  if (world_.failures.any()) return;
  if (world_.schedule.steps() > kMostSteps) return world_.failures.add("progress", "more than " + std::to_string(kMostSteps) + " events");
  if (!missing.empty())
    return world_.failures.add("progress",
                               std::to_string(world_.plan.settle_within / kSecond) + " s after everything was healed, " + missing);
  check_ending(world_, bank_);
  if (guests_) guests_->check_ending();
}

Report Run::run() {
  Report report;
  report.plan = world_.plan.text();
  world_.say([&] { return report.plan; });
  nemesis_->start();
  clients_->start();
  if (guests_) guests_->start();
  watch_bounds();
  if (world_.schedule.run_until(world_.plan.faults_until, [this] { return stop(); }) || !world_.failures.any()) settle(report);
  report.failures = world_.failures.all();
  for (const auto& f : report.failures) world_.say([&] { return "FAILED  " + f; });
  report.digest = world_.trace.digest();
  report.counters = world_.counters;
  report.counters.count(FaultKind::header_lost, world_.votes.lost());
  report.height = world_.agreement.highest();
  report.ended = world_.now();
  report.steps = world_.schedule.steps();
  report.transactions = bank_.applied();
  report.votes = world_.votes.votes();
  report.latencies = clients_->latencies();
  if (guests_) {
    report.acknowledged = guests_->acknowledged();
    report.stored = guests_->stored();
    report.in_vain = guests_->in_vain();
  }
  for (const auto& m : world_.machines) {
    report.starts += m->starts();
    if (!report.failures.empty())
      for (const auto& line : m->log.last) report.last_words.push_back(line);
    if (m->on() && world_.honest(m->place()))
      report.views = std::max(report.views, static_cast<ReplicaProcess*>(m->process())->replica().status().engine.current.value);
  }
  return report;
}

}  // namespace

Report run_plan(const Plan& plan, const Modules& modules, const RunOptions& options) { return Run(plan, modules, options).run(); }

}  // namespace dos::sim
