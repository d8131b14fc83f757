#include "store/crc32c.hpp"

namespace dos::store {
namespace {

struct Tables {
  std::uint32_t t[8][256];
};

constexpr Tables make_tables() {
  Tables out{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = (c & 1) != 0 ? (c >> 1) ^ 0x82F63B78u : c >> 1;
    out.t[0][i] = c;
  }
  for (std::uint32_t i = 0; i < 256; ++i)
    for (int s = 1; s < 8; ++s) out.t[s][i] = (out.t[s - 1][i] >> 8) ^ out.t[0][out.t[s - 1][i] & 0xFF];
  return out;
}
constexpr Tables kTables = make_tables();

std::uint32_t portable(const std::uint8_t* p, std::size_t n, std::uint32_t c) {
  const auto& t = kTables.t;
  for (; n >= 8; n -= 8, p += 8) {
    const std::uint32_t low = c ^ (p[0] | p[1] << 8 | p[2] << 16 | std::uint32_t(p[3]) << 24);
    c = t[7][low & 0xFF] ^ t[6][low >> 8 & 0xFF] ^ t[5][low >> 16 & 0xFF] ^ t[4][low >> 24] ^ t[3][p[4]] ^ t[2][p[5]] ^ t[1][p[6]] ^
        t[0][p[7]];
  }
  for (; n > 0; --n, ++p) c = (c >> 8) ^ t[0][(c ^ *p) & 0xFF];
  return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t with_sse42(const std::uint8_t* p, std::size_t n, std::uint32_t c) {
  std::uint64_t wide = c;
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  c = std::uint32_t(wide);
  for (; n > 0; --n, ++p) c = __builtin_ia32_crc32qi(c, *p);
  return c;
}
#endif

}  // namespace

std::uint32_t crc32c(BytesView data, std::uint32_t before) {
  const std::uint32_t c = ~before;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~with_sse42(data.data(), data.size(), c);
#endif
  return ~portable(data.data(), data.size(), c);
}

}  // namespace dos::store
