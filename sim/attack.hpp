// What one validator that lies costs the others: the same four validators, the same people at work, once quiet and once with a
// liar. In simulated time, so timers and rules are measured, not the machine; a seed gives the same figures to the bit.
#pragma once
#include "sim/run.hpp"

namespace dos::sim {

inline constexpr std::uint64_t kAttackSeconds = 60;  // simulated, each of the two, unless told otherwise

struct Measured {
  std::uint64_t transactions = 0;  // final
  SimTime p50 = 0, p99 = 0;        // from signing to final
  SimTime acknowledged_p99 = 0, stored_p99 = 0;  // of guests, if there are any
  std::uint64_t in_vain = 0;                     // they asked: no strong set answered
  std::uint64_t lies = 0;                        // told
  std::vector<std::string> failures;
};
struct Attack {
  LiarKind kind = LiarKind::none;
  Measured quiet, attacked;
  double throughput() const;  // attacked / quiet
  double p99() const;
};

// Four validators of one weight, so far apart and a tenth more at times, no fault but the last one's lies (none: quiet).
struct AttackSetting {
  std::uint64_t seed = 1, seconds = kAttackSeconds;
  SimTime delay = 20 * kMs;
  bool guests = false;
};
Measured measure_work(LiarKind kind, const Modules& modules, const AttackSetting& setting);
// The same quiet and with the liar; with guests in both, if it lies to them.
Attack measure_attack(LiarKind kind, const Modules& modules, AttackSetting setting);

}  // namespace dos::sim
