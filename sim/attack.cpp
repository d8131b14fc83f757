#include "sim/attack.hpp"

#include <algorithm>

namespace dos::sim {
namespace {

Plan work_plan(std::uint64_t seed, LiarKind kind, std::uint64_t seconds) {
  Plan plan;
  plan.seed = seed;
  plan.weights.assign(4, 1);
  plan.liars.assign(4, LiarKind::none);
  plan.liars.back() = kind;
  plan.disk_unsafe.assign(4, false);
  plan.path.delay = 20 * kMs;
  plan.path.jitter = 2 * kMs;
  plan.ask_liars = false;
  plan.clients = 4;
  plan.think_ms = 40;
  plan.faults_until = seconds * kSecond;
  return plan;
}

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

}  // namespace

double Attack::throughput() const { return ratio(double(attacked.transactions), double(quiet.transactions)); }
double Attack::p99() const { return ratio(double(attacked.p99), double(quiet.p99)); }

Measured measure_work(LiarKind kind, std::uint64_t seed, const Modules& modules, std::uint64_t seconds) {
  auto report = run_plan(work_plan(seed, kind, seconds), modules);
  auto& times = report.latencies;
  std::sort(times.begin(), times.end());
  const auto at = [&](std::size_t percent) { return times.empty() ? 0 : times[(times.size() - 1) * percent / 100]; };
  return {times.size(), at(50), at(99), std::move(report.failures)};
}

Attack measure_attack(LiarKind kind, std::uint64_t seed, const Modules& modules, std::uint64_t seconds) {
  return {kind, measure_work(LiarKind::none, seed, modules, seconds), measure_work(kind, seed, modules, seconds)};
}

}  // namespace dos::sim
