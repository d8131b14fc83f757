// What storage costs: bytes times time, at a price for a MiB and a year of 365 days (docs/spec/execution.md).
#pragma once
#include "ledger/state_formats.hpp"

namespace dos::ledger {

struct Rent {
  std::uint64_t whole = 0;    // millionths of a credit; 2^64 - 1 stands for all that is more
  bool part_of_one = false;   // and a part of one more, which who stores pays whole
};
Rent rent_for(const Params& params, std::uint64_t bytes, std::uint64_t ms);

}  // namespace dos::ledger
