// One seed, from the first start of its validators to the state that they all end in.
#pragma once
#include "sim/clients.hpp"
#include "sim/guests.hpp"
#include "sim/nemesis.hpp"
#include "sim/wire.hpp"

namespace dos::sim {

struct Report {
  std::vector<std::string> failures;  // none: the run is good
  std::vector<std::string> last_words;  // warnings and errors of the nodes, when it is not
  std::string plan, digest;
  FaultCounters counters;
  Height height;
  SimTime ended = 0, settled_in = 0;
  std::uint64_t steps = 0, transactions = 0, votes = 0, starts = 0, views = 0;
  std::vector<SimTime> latencies;  // of the clients' transactions, from signing to a final block
  std::vector<SimTime> acknowledged, stored;  // what the guests asked for
  std::uint64_t in_vain = 0;                  // of both: no strong set
};

struct RunOptions {
  std::function<void(const std::string& line)> print;  // the trace
};

Report run_plan(const Plan& plan, const Modules& modules, const RunOptions& options = {});

}  // namespace dos::sim
