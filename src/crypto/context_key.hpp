// The key that BLAKE3 derive_key makes of a context string, at compile time: the one compression that would otherwise be
// repeated for every hash. Contexts of 1 to 64 bytes (one block). BLAKE3 paper, section 2.3 and table 3.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dos::crypto {

using ContextKey = std::array<std::uint8_t, 32>;

constexpr ContextKey context_key(std::string_view context) {
  constexpr std::array<std::uint32_t, 8> kIv{0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                             0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
  constexpr std::array<std::uint8_t, 16> kPermutation{2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
  constexpr std::uint32_t kFlags = 1u << 0 | 1u << 1 | 1u << 3 | 1u << 5;  // CHUNK_START, CHUNK_END, ROOT, DERIVE_KEY_CONTEXT

  std::array<std::uint32_t, 16> m{};
  for (std::size_t i = 0; i < context.size(); ++i) m[i / 4] |= std::uint32_t(std::uint8_t(context[i])) << (8 * (i % 4));
  std::array<std::uint32_t, 16> v{};
  for (std::size_t i = 0; i < 8; ++i) v[i] = kIv[i];
  for (std::size_t i = 0; i < 4; ++i) v[8 + i] = kIv[i];
  v[14] = std::uint32_t(context.size());
  v[15] = kFlags;

  auto g = [&](int a, int b, int c, int d, std::uint32_t x, std::uint32_t y) {
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 7);
  };
  for (int round = 0; round < 7; ++round) {
    for (int i = 0; i < 4; ++i) g(i, 4 + i, 8 + i, 12 + i, m[2 * i], m[2 * i + 1]);
    for (int i = 0; i < 4; ++i) g(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[8 + 2 * i], m[9 + 2 * i]);
    auto next = m;
    for (std::size_t i = 0; i < 16; ++i) next[i] = m[kPermutation[i]];
    m = next;
  }
  ContextKey key{};
  for (std::size_t i = 0; i < 32; ++i) key[i] = std::uint8_t((v[i / 4] ^ v[8 + i / 4]) >> (8 * (i % 4)));
  return key;
}

}  // namespace dos::crypto
