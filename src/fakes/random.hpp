// Every draw of a simulated run. SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers on every machine and library.
// `fork` gives a stream of its own to each consumer, so that one more draw here moves nothing elsewhere.
#pragma once
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/edge.hpp"

namespace dos::fakes {

class Random {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed) : state_(seed) {}
  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }

  std::uint64_t operator()() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : (*this)() % n; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }  // both included
  bool chance(std::uint64_t per_million) { return below(1'000'000) < per_million; }
  Random fork(std::string_view name, std::uint64_t number = 0) const {
    std::uint64_t h = state_ ^ (number * 0xD6E8FEB86659FD93ull);
    for (const char c : name) h = (h ^ std::uint8_t(c)) * 0x100000001B3ull;
    Random made(h);
    made();
    return made;
  }

 private:
  std::uint64_t state_;
};

// "Cryptographically secure" in the simulation means: from the seed.
class SimEntropy final : public Entropy {
 public:
  explicit SimEntropy(Random random) : random_(random) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) b = std::uint8_t(random_() >> 32);
  }

 private:
  Random random_;
};

}  // namespace dos::fakes
