#include "sim/machine.hpp"

namespace dos::sim {

void SimLog::write(LogLevel level, std::string_view module, std::string_view message) {
  trace_.note(schedule_.now(), machine_, "log", as_bytes(message));
  trace_.say(schedule_.now(), machine_, [&] { return std::string(module) + ": " + std::string(message); });
  if (level < LogLevel::warn) return;
  last.push_back(std::to_string(schedule_.now() / kMs) + " ms  v" + std::to_string(machine_ + 1) + "  " + std::string(message));
  if (last.size() > 12) last.pop_front();
}

SimMachine::SimMachine(Schedule& schedule, SimNet& net, Trace& trace, Random random, Machine place, SimClock c, Program program)
    : clock(c),
      log(schedule, trace, place),
      schedule_(schedule),
      net_(net),
      trace_(trace),
      random_(random),
      place_(place),
      program_(std::move(program)) {
  disk.on_sync = [this] { clock.busy(sync_ns / 2 + random_.below(sync_ns + 1)); };
}
SimMachine::~SimMachine() = default;

void SimMachine::power_on() {
  if (process_) return;
  ++starts_;
  const auto life = ++life_;
  trace_.note(schedule_.now(), place_, "power on");
  trace_.say(schedule_.now(), place_, [&] { return "starts, number " + std::to_string(starts_); });
  clock.set(schedule_.now());
  entropy_ = std::make_unique<SimEntropy>(random_.fork("entropy", starts_));
  transport_ = net_.boot(place_, *this);
  stop_.reset();
  paused_ = false;
  armed_.reset();
  running_ = starting_ = true;
  auto made = program_({*this, clock, *entropy_, log, *transport_});
  running_ = false;
  if (life != life_) return;
  if (!made) return end(made.error().detail.empty() ? std::string(error_row(made.error().code).title) : made.error().detail, 0);
  starting_ = false;
  process_ = std::move(*made);
  call([this] { process_->start(); });
}

void SimMachine::end(std::string why, SimTime half_open) {
  ++life_;
  why_off_ = std::move(why);
  trace_.note(schedule_.now(), place_, "off", as_bytes(why_off_));
  trace_.say(schedule_.now(), place_, [&] { return "is off: " + why_off_; });
  net_.died(place_, half_open);
  calls_.clear();
  process_.reset();
  transport_.reset();
  if (on_off) on_off();
}

void SimMachine::power_off(SimTime half_open) {
  disk.cut_power();
  if (process_) end("power cut", half_open);
}

void SimMachine::pause() { paused_ = true; }

void SimMachine::resume() {
  if (!paused_) return;
  paused_ = false;
  pump();
}

void SimMachine::call(std::function<void()> action) {
  if (!process_) return;  // nobody is there to hear it
  calls_.push_back(std::move(action));
  pump();
}

// One call at a time; the next when the machine's own time, which blocking calls push ahead, has been reached.
void SimMachine::pump() {
  if (running_) return;
  while (process_ && !paused_ && !calls_.empty()) {
    if (clock.now() > schedule_.now()) {
      if (pumping_later_) return;
      pumping_later_ = true;
      schedule_.at(clock.now(), [this] {
        pumping_later_ = false;
        pump();
      });
      return;
    }
    clock.set(schedule_.now());
    auto action = std::move(calls_.front());
    calls_.pop_front();
    running_ = true;
    action();
    running_ = false;
    after_call();
  }
}

void SimMachine::after_call() {
  if (disk.off()) return end("power cut at write " + std::to_string(disk.site()), random_.chance(500'000) ? 2 * kSecond : 0);
  if (stop_) return end(*stop_, 0);
  arm();
}

void SimMachine::arm() {
  const auto wanted = process_->wakeup_ns();
  if (!wanted) return;
  const auto time = std::max(clock.when(*wanted), schedule_.now());
  if (armed_ && *armed_ <= time) return;
  armed_ = time;
  schedule_.at(time, [this, time, life = life_] {
    if (life != life_ || !process_) return;
    if (armed_ == time) armed_.reset();
    call([this] {
      const auto due = process_->wakeup_ns();
      if (due && *due <= clock.monotonic_ns()) {
        trace_.note(schedule_.now(), place_, "wake");
        process_->wake();
      }
    });
  });
}

}  // namespace dos::sim
