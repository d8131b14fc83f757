#include "sim/attack.hpp"

#include <algorithm>

namespace dos::sim {
namespace {

Plan work_plan(LiarKind kind, const AttackSetting& setting) {
  Plan plan;
  plan.seed = setting.seed;
  plan.weights.assign(4, 1);
  plan.liars.assign(4, LiarKind::none);
  plan.liars.back() = kind;
  plan.disk_unsafe.assign(4, false);
  plan.path.delay = setting.delay;
  plan.path.jitter = setting.delay / 10;
  plan.ask_liars = false;
  plan.clients = 4;
  plan.think_ms = 40;
  plan.faults_until = setting.seconds * kSecond;
  return plan;
}

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

}  // namespace

double Attack::throughput() const { return ratio(double(attacked.transactions), double(quiet.transactions)); }
double Attack::p99() const { return ratio(double(attacked.p99), double(quiet.p99)); }

Measured measure_work(LiarKind kind, const Modules& modules, const AttackSetting& setting) {
  auto report = run_plan(work_plan(kind, setting), modules);
  auto& times = report.latencies;
  std::sort(times.begin(), times.end());
  const auto at = [&](std::size_t percent) { return times.empty() ? 0 : times[(times.size() - 1) * percent / 100]; };
  return {times.size(), at(50), at(99), std::move(report.failures)};
}

Attack measure_attack(LiarKind kind, const Modules& modules, const AttackSetting& setting) {
  return {kind, measure_work(LiarKind::none, modules, setting), measure_work(kind, modules, setting)};
}

}  // namespace dos::sim
