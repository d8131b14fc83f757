// Randomness for tests: the same every time.
#pragma once
#include "base/edge.hpp"
#include "crypto/hash.hpp"

namespace dos::client {

struct TestEntropy final : Entropy {
  explicit TestEntropy(std::uint64_t seed = 1) : at(seed << 32) {}
  void fill(std::span<std::uint8_t> out) override {
    Bytes number;
    append_be(number, ++at);
    crypto::derive(crypto::domain::kSeed, number, out);
  }
  std::uint64_t at;
};

}  // namespace dos::client
