// A gate of one thread that counts how often it was taken alone: each time, its driver would have waited for all readers.
#pragma once
#include "chain/read_gate.hpp"

namespace dos::chain {

struct CountedGate final : ReadGate {
  explicit CountedGate(int& alone) : alone(alone) {}
  void lock() override { ++alone; }
  void unlock() override {}
  void lock_shared() override {}
  void unlock_shared() override {}
  int& alone;
};

}  // namespace dos::chain
