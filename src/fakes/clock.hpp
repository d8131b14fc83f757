// One machine's clocks on the schedule's time: skew, drift, and the time that its own blocking calls (a slow fdatasync) take.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/edge.hpp"

namespace dos::fakes {

using SimTime = std::uint64_t;  // ns since the run began
inline constexpr SimTime kMs = 1'000'000, kSecond = 1'000'000'000;
inline constexpr std::uint64_t kEpochMs = 1'800'000'000'000;  // wall time at SimTime 0

class SimClock final : public Clock {
 public:
  SimClock() = default;
  SimClock(std::int64_t skew_ms, std::int32_t drift_ppm, std::uint64_t monotonic_base_ns)
      : skew_ms_(skew_ms), drift_ppm_(drift_ppm), base_ns_(monotonic_base_ns) {}

  void set(SimTime now) { now_ = std::max(now_, now); }  // the schedule's time, when it calls this machine
  void busy(SimTime ns) { now_ += ns; }                  // the machine's one thread was blocked that long
  SimTime now() const { return now_; }

  std::uint64_t wall_ms() override { return std::uint64_t(std::int64_t(kEpochMs) + skew_ms_ + std::int64_t(drifted(now_) / kMs)); }
  std::uint64_t monotonic_ns() override { return base_ns_ + drifted(now_); }
  void step_wall(std::int64_t ms) { skew_ms_ += ms; }  // as an administrator or NTP does

  // The first schedule time at which monotonic_ns() is at least `ns`.
  SimTime when(std::uint64_t ns) const {
    if (ns <= base_ns_) return 0;
    const auto wanted = ns - base_ns_;
    auto t = SimTime(__uint128_t(wanted) * 1'000'000 / std::uint64_t(1'000'000 + drift_ppm_));
    while (drifted(t) < wanted) ++t;
    return t;
  }

 private:
  std::uint64_t drifted(SimTime t) const { return SimTime(__uint128_t(t) * std::uint64_t(1'000'000 + drift_ppm_) / 1'000'000); }
  SimTime now_ = 0;
  std::int64_t skew_ms_ = 0;
  std::int32_t drift_ppm_ = 0;
  std::uint64_t base_ns_ = 0;
};

}  // namespace dos::fakes
