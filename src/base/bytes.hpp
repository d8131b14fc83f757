// Byte strings and 32-byte hashes. Shared by host and guests (wasm32, no exceptions): standard library headers only.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dos {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

// A BLAKE3-256 digest. Zero is never the digest of anything and stands for "none" where a format says so.
struct Hash {
  ByteArray<32> bytes{};
  constexpr bool is_zero() const {
    for (auto b : bytes)
      if (b != 0) return false;
    return true;
  }
  // Bytewise. The first eight bytes, read as one number, nearly always decide: searches in trees of hashes are made of this.
  friend constexpr std::strong_ordering operator<=>(const Hash& a, const Hash& b) {
    if (!std::is_constant_evaluated())
      if (const auto x = head(a), y = head(b); x != y) return x <=> y;
    return a.bytes <=> b.bytes;
  }
  friend constexpr bool operator==(const Hash&, const Hash&) = default;
  BytesView view() const { return bytes; }

 private:
  static std::uint64_t head(const Hash& h) {
    std::uint64_t v;
    std::memcpy(&v, h.bytes.data(), sizeof v);
    return std::endian::native == std::endian::little ? __builtin_bswap64(v) : v;
  }
};

inline BytesView as_bytes(std::string_view s) { return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()}; }
inline std::string_view as_text(BytesView b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }
inline Bytes to_bytes(BytesView b) { return Bytes(b.begin(), b.end()); }
inline Bytes to_bytes(std::string_view s) { return to_bytes(as_bytes(s)); }
inline void append(Bytes& out, BytesView b) { out.insert(out.end(), b.begin(), b.end()); }

// Bytewise order: the one order of keys.
inline int compare(BytesView a, BytesView b) {
  const std::size_t n = std::min(a.size(), b.size());
  if (n != 0)
    if (int c = std::memcmp(a.data(), b.data(), n); c != 0) return c;
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}
inline bool equal(BytesView a, BytesView b) { return compare(a, b) == 0; }
inline bool starts_with(BytesView s, BytesView prefix) { return s.size() >= prefix.size() && equal(s.first(prefix.size()), prefix); }

// Big-endian integers, for keys only: their byte order is their numeric order.
template <class U>
void append_be(Bytes& out, U v) {
  for (int shift = (int(sizeof(U)) - 1) * 8; shift >= 0; shift -= 8) out.push_back(std::uint8_t(v >> shift));
}
template <class U>
U read_be(BytesView b) {  // b.size() >= sizeof(U)
  U v = 0;
  for (std::size_t i = 0; i < sizeof(U); ++i) v = U((v << 8) | b[i]);
  return v;
}

std::string hex(BytesView b);                        // lower case
bool unhex(std::string_view text, Bytes& out);       // false: odd length or a character that is not hex

}  // namespace dos
