// When to dial again: soon at first, so that nodes of one machine that start together find each other within tens of
// milliseconds, then ever more rarely, and never in step with others.
#pragma once
#include <algorithm>

#include "base/edge.hpp"

namespace dos::links {

class Retry {
 public:
  Retry(std::uint64_t first_ms, std::uint64_t last_ms) : last_(last_ms), next_(first_ms) {}

  // Somewhere in the upper half of the wait that is due; the one after is twice as long, up to the last.
  std::uint64_t wait_ms(Entropy& entropy) {
    std::uint8_t r[2];
    entropy.fill(r);
    const auto whole = next_;
    next_ = std::min(last_, next_ * 2);
    return whole / 2 + (whole - whole / 2) * (r[0] | std::uint64_t(r[1]) << 8) / 65'535;
  }

 private:
  std::uint64_t last_, next_;
};

}  // namespace dos::links
