// What goes wrong, when: draws events among the kinds that the plan has on, and starts again what went off, as an operator would.
// After heal() nothing goes wrong any more except what liars do.
#pragma once
#include "sim/world.hpp"

namespace dos::sim {

class Nemesis {
 public:
  Nemesis(World& world, Random random);
  void start();
  void heal();
  bool calm() const { return healed_; }

 private:
  struct State {                       // of one machine
    bool armed = false;                // a disk fault waits for its write
    bool starting_again = false;
    bool rotted = false;
  };
  void next();
  void happen(FaultKind kind);
  SimMachine* someone_on();
  SimMachine* someone_unsafe();
  void went_off(SimMachine& m);
  void start_again(SimMachine& m, SimTime wait);
  void arm(SimMachine& m, SimDisk::Fault fault, std::uint64_t writes_ahead);
  void cut_power(SimMachine& m);
  void rot(SimMachine& m);
  void lie(SimMachine& m);
  // nemesis_network.cpp
  void partition(FaultKind kind);
  void end_partition();
  void follow_leader(SimTime until, std::uint64_t number);
  void isolate(Machine m);
  void slow_link();
  void set_paths(bool faulty);
  void block(Machine from, Machine to, bool blocked);
  SimTime some_time(SimTime low, SimTime high) { return random_.between(low, high); }

  World& world_;
  Random random_;
  std::vector<FaultKind> kinds_;
  std::map<Machine, State> states_;
  std::uint64_t partition_ = 0;        // number of the present one
  bool parted_ = false, healed_ = false;
};

}  // namespace dos::sim
