// The operating system's randomness (getrandom) for the client: keys, nonces, salts.
#pragma once
#include "base/edge.hpp"

namespace dos::client {

struct SystemEntropy final : Entropy {
  void fill(std::span<std::uint8_t> out) override;
};

template <std::size_t N>
ByteArray<N> draw(Entropy& entropy) {
  ByteArray<N> out;
  entropy.fill(out);
  return out;
}

}  // namespace dos::client
