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
  // From a view's first header until it had N: a decaying maximum, under which the estimate does not fall.
  void saw_view(std::uint64_t took_ns) { seen_ = std::max(std::min(took_ns, max_), seen_ - seen_ / 8); }
  void too_slow() { delta_ = std::min(max_, delta_ + delta_ / 2 + 1); }  // a view failed although its leader was heard
  // A liar that leads can make its views fail as slow ones do: what honest ones show takes that back quickly.
  void final() { delta_ = std::max({min_, seen_, delta_ - delta_ / 4}); }
  std::uint64_t delta_ns() const { return delta_; }
  std::uint64_t view_ns() const { return 6 * delta_ + 2 * work_; }  // T(v)
  std::uint64_t sync_ns() const { return 2 * delta_; }              // until help is asked for

 private:
  std::uint64_t min_, max_, delta_, work_ = 0, seen_ = 0;
};

}  // namespace dos::consensus
