// What one validator that lies costs the others: the same four validators, the same people at work, once quiet and once with a
// liar. In simulated time, so timers and rules are measured, not the machine; a seed gives the same figures to the bit.
#pragma once
#include "sim/run.hpp"

namespace dos::sim {

inline constexpr std::uint64_t kAttackSeconds = 60;  // simulated, each of the two, unless told otherwise

struct Measured {
  std::uint64_t transactions = 0;  // final
  SimTime p50 = 0, p99 = 0;        // from signing to final
  std::vector<std::string> failures;
};
struct Attack {
  LiarKind kind = LiarKind::none;
  Measured quiet, attacked;
  double throughput() const;  // attacked / quiet
  double p99() const;
};

// Four validators of one weight, 20 ms apart, no fault but the last one's lies (none: quiet).
Measured measure_work(LiarKind kind, std::uint64_t seed, const Modules& modules, std::uint64_t seconds = kAttackSeconds);
// The same quiet and with the liar.
Attack measure_attack(LiarKind kind, std::uint64_t seed, const Modules& modules, std::uint64_t seconds = kAttackSeconds);

}  // namespace dos::sim
