// What happens when: events in order of time, and of their making where times are equal. One thread, no clock of its own.
#pragma once
#include <functional>
#include <queue>
#include <vector>

#include "fakes/clock.hpp"

namespace dos::fakes {

class Schedule {
 public:
  using Action = std::function<void()>;
  SimTime now() const { return now_; }
  std::uint64_t steps() const { return steps_; }
  bool empty() const { return events_.empty(); }

  void at(SimTime time, Action action) { events_.push({std::max(time, now_), made_++, std::move(action)}); }
  void after(SimTime wait, Action action) { at(now_ + wait, std::move(action)); }

  // Runs what is due up to `end`, until `stop` says so (asked before each event). False if stopped.
  bool run_until(SimTime end, const std::function<bool()>& stop = {}) {
    while (!events_.empty() && events_.top().time <= end) {
      if (stop && stop()) return false;
      now_ = events_.top().time;
      Action action = std::move(const_cast<Event&>(events_.top()).action);  // the order rests on time and number only
      events_.pop();
      ++steps_;
      action();
    }
    if (stop && stop()) return false;
    now_ = std::max(now_, end);
    return true;
  }

 private:
  struct Event {
    SimTime time;
    std::uint64_t number;
    Action action;
    bool operator<(const Event& o) const { return time != o.time ? time > o.time : number > o.number; }
  };
  std::priority_queue<Event> events_;
  SimTime now_ = 0;
  std::uint64_t made_ = 0, steps_ = 0;
};

}  // namespace dos::fakes
