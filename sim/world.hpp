// Everything of one run in one place: plan, schedule, network, machines, checkers. Machines 0 to n-1 are the validators in the
// order of the genesis; what lies behind are second instances of lying ones (twins).
#pragma once
#include "ledger/blob.hpp"
#include "sim/checkers/agreement.hpp"
#include "sim/checkers/votes.hpp"
#include "sim/machine.hpp"
#include "sim/plan.hpp"

namespace dos::sim {

struct World {
  explicit World(Plan p) : plan(std::move(p)), random(plan.seed), net(schedule, random.fork("net"), counters, trace) {}

  Plan plan;
  Random random;
  Trace trace;
  FaultCounters counters;
  Failures failures;
  Schedule schedule;
  SimNet net;
  std::vector<std::unique_ptr<SimMachine>> machines;
  Agreement agreement{failures};
  VoteWatch votes{failures};
  std::function<std::optional<Machine>()> leader;        // of the moment, as far as anybody knows
  std::function<void(SimMachine&)> wipe;                 // gives the machine a disk as it was before its first start

  std::uint32_t validator(Machine m) const { return m < plan.validators() ? m : twin_of.at(m); }
  bool honest(Machine m) const { return plan.honest(validator(m)); }
  std::map<Machine, std::uint32_t> twin_of;
  std::vector<ledger::BlobManifest> known_content;       // what guests are about to store; others may know it, too
  SimTime now() const { return schedule.now(); }
  void say(const std::function<std::string()>& line) { trace.say(now(), Trace::kNobody, line); }
};

}  // namespace dos::sim
