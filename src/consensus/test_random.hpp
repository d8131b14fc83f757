// Numbers and key material that follow from a seed. Tests only.
#pragma once
#include "base/edge.hpp"

namespace dos::consensus::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : s_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  std::uint64_t next() {  // splitmix64 (Steele, Lea, Flood, 2014)
    std::uint64_t z = (s_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }
  bool chance(std::uint64_t in_thousand) { return below(1000) < in_thousand; }

 private:
  std::uint64_t s_;
};
struct TestEntropy final : Entropy {
  explicit TestEntropy(std::uint64_t seed) : random(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) b = std::uint8_t(random.next());
  }
  Random random;
};

}  // namespace dos::consensus::test
