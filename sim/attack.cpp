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
  plan.guests = setting.guests;
  plan.clients = 4;
  plan.think_ms = 40;
  plan.faults_until = setting.seconds * kSecond;
  return plan;
}

SimTime at_percent(std::vector<SimTime>& times, std::size_t percent) {
  std::sort(times.begin(), times.end());
  return times.empty() ? 0 : times[(times.size() - 1) * percent / 100];
}

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

}  // namespace

double Attack::throughput() const { return ratio(double(attacked.transactions), double(quiet.transactions)); }
double Attack::p99() const { return ratio(double(attacked.p99), double(quiet.p99)); }

Measured measure_work(LiarKind kind, const Modules& modules, const AttackSetting& setting) {
  auto report = run_plan(work_plan(kind, setting), modules);
  std::uint64_t lies = 0;
  for (auto k = std::size_t(FaultKind::liar_equivocated); k < kFaultKinds; ++k) lies += report.counters.fired[k];
  return {report.latencies.size(),
          at_percent(report.latencies, 50),
          at_percent(report.latencies, 99),
          at_percent(report.acknowledged, 99),
          at_percent(report.stored, 99),
          report.in_vain,
          lies,
          std::move(report.failures)};
}

Attack measure_attack(LiarKind kind, const Modules& modules, AttackSetting setting) {
  setting.guests = setting.guests || lies_to_guests(kind);
  return {kind, measure_work(LiarKind::none, modules, setting), measure_work(kind, modules, setting)};
}

}  // namespace dos::sim
