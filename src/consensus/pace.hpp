// How long a view is waited for: estimates of one network delay and of local work, by integers only. Local: no rule of
// safety depends on them, and clocks of different nodes need not agree.
#pragma once
#include <algorithm>
#include <cstdint>

namespace dos::consensus {

class Pace {
 public:
  Pace(std::uint64_t delta_min_ns, std::uint64_t delta_max_ns)
      : min_(std::max<std::uint64_t>(delta_min_ns, 1)), max_(std::max(delta_max_ns, min_)), delta_(min_) {}
  void worked(std::uint64_t took_ns) { work_ = std::max(std::min(took_ns, max_), work_ - work_ / 8); }  // decaying maximum
  void too_slow() { delta_ = std::min(max_, delta_ + delta_ / 2 + 1); }  // a view failed although its leader was heard
  void final() { delta_ = std::max(min_, delta_ - delta_ / 10); }
  std::uint64_t delta_ns() const { return delta_; }
  std::uint64_t view_ns() const { return 6 * delta_ + 2 * work_; }  // T(v)
  std::uint64_t sync_ns() const { return 2 * delta_; }              // until help is asked for

 private:
  std::uint64_t min_, max_, delta_, work_ = 0;
};

}  // namespace dos::consensus
