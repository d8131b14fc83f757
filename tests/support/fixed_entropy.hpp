// Entropy for tests: bytes that follow from a number, or bytes given outright.
#pragma once
#include <gtest/gtest.h>

#include "base/edge.hpp"

namespace dos::test {

struct CountingEntropy final : Entropy {
  std::uint64_t next;
  explicit CountingEntropy(std::uint64_t start = 1) : next(start) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) {
      next = next * 6364136223846793005u + 1442695040888963407u;
      b = std::uint8_t(next >> 56);
    }
  }
};

struct GivenEntropy final : Entropy {
  Bytes bytes;
  explicit GivenEntropy(Bytes b) : bytes(std::move(b)) {}
  void fill(std::span<std::uint8_t> out) override {
    ASSERT_LE(out.size(), bytes.size());
    std::copy_n(bytes.begin(), out.size(), out.begin());
    bytes.erase(bytes.begin(), bytes.begin() + std::ptrdiff_t(out.size()));
  }
};

}  // namespace dos::test
