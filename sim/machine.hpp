// One simulated machine: disk, clock, entropy and at most one running process on one thread. It can lose power between two calls or
// at any write, stand still, be started again, and its blocking calls take time.
#pragma once
#include <deque>

#include "fakes/disk.hpp"
#include "fakes/network.hpp"

namespace dos::sim {

using namespace fakes;

struct Process {
  virtual ~Process() = default;
  virtual void start() = 0;
  virtual void wake() = 0;
  virtual std::optional<std::uint64_t> wakeup_ns() const = 0;  // by the machine's monotonic clock
};

class SimLog final : public Log {
 public:
  SimLog(Schedule& schedule, Trace& trace, Machine machine) : schedule_(schedule), trace_(trace), machine_(machine) {}
  void write(LogLevel level, std::string_view module, std::string_view message) override;
  std::deque<std::string> last;  // warnings and errors, for a failing run's report

 private:
  Schedule& schedule_;
  Trace& trace_;
  Machine machine_;
};

class SimMachine final : public MachineDoor {
 public:
  // What a process gets from its machine. All of it outlives the process.
  struct Boot {
    SimMachine& machine;
    Clock& clock;
    Entropy& entropy;
    Log& log;
    Transport& transport;
  };
  using Program = std::function<Result<std::unique_ptr<Process>>(Boot)>;

  SimMachine(Schedule& schedule, SimNet& net, Trace& trace, Random random, Machine place, SimClock clock, Program program);
  ~SimMachine() override;

  Machine place() const { return place_; }
  bool on() const { return process_ != nullptr; }
  bool starting() const { return starting_; }  // its end, which is being told, came before it ran
  bool paused() const { return paused_; }
  Process* process() const { return process_.get(); }
  const std::string& why_off() const { return why_off_; }  // the last end of the process, if it was not our cut
  std::uint64_t starts() const { return starts_; }

  void power_on();                     // disk as its power left it; then the program
  void power_off(SimTime half_open);   // now, not in a call of its own
  void pause();
  void resume();
  void stop_after_call(std::string why) { stop_ = std::move(why); }  // from within: the process has to end

  SimTime local_now() const override { return std::max(clock.now(), schedule_.now()); }
  void call(std::function<void()> action) override;

  SimDisk disk;
  SimClock clock;
  SimLog log;
  SimTime sync_ns = 200'000;           // how long a sync blocks
  std::function<void()> on_off;        // the process ended (power or its own decision)

 private:
  void pump();
  void after_call();
  void arm();
  void end(std::string why, SimTime half_open);

  Schedule& schedule_;
  SimNet& net_;
  Trace& trace_;
  Random random_;
  Machine place_;
  Program program_;
  std::unique_ptr<SimEntropy> entropy_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Process> process_;
  std::deque<std::function<void()>> calls_;
  bool running_ = false, paused_ = false, starting_ = false, pumping_later_ = false;
  std::optional<std::string> stop_;
  std::string why_off_;
  std::uint64_t life_ = 0, starts_ = 0;
  std::optional<SimTime> armed_;
};

}  // namespace dos::sim
