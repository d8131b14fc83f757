#include "codec/bcs.hpp"

namespace dos::codec {

bool is_utf8(BytesView t) {
  for (std::size_t i = 0; i < t.size();) {
    const std::uint8_t b = t[i];
    int more;
    std::uint32_t cp, least;
    if (b < 0x80) {
      ++i;
      continue;
    } else if ((b & 0xE0) == 0xC0) {
      more = 1, cp = b & 0x1F, least = 0x80;
    } else if ((b & 0xF0) == 0xE0) {
      more = 2, cp = b & 0x0F, least = 0x800;
    } else if ((b & 0xF8) == 0xF0) {
      more = 3, cp = b & 0x07, least = 0x10000;
    } else {
      return false;
    }
    if (t.size() - i <= std::size_t(more)) return false;
    for (int k = 1; k <= more; ++k) {
      if ((t[i + k] & 0xC0) != 0x80) return false;
      cp = cp << 6 | (t[i + k] & 0x3F);
    }
    if (cp < least || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) return false;
    i += 1 + more;
  }
  return true;
}

}  // namespace dos::codec
