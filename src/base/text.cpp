#include "base/text.hpp"

#include <cstdio>

namespace dos {

std::string base64(BytesView in) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((in.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const auto left = in.size() - i;
    const std::uint32_t v =
        std::uint32_t(in[i]) << 16 | (left > 1 ? std::uint32_t(in[i + 1]) << 8 : 0) | (left > 2 ? std::uint32_t(in[i + 2]) : 0);
    out += kAlphabet[v >> 18];
    out += kAlphabet[v >> 12 & 63];
    out += left > 1 ? kAlphabet[v >> 6 & 63] : '=';
    out += left > 2 ? kAlphabet[v & 63] : '=';
  }
  return out;
}

bool unbase64(std::string_view text, Bytes& out) {
  const auto digit = [](char c) -> int {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
  };
  if (text.size() % 4 != 0) return false;
  const std::size_t pad = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t have = i + 4 == text.size() ? 4 - pad : 4;
    std::uint32_t v = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const int d = j < have ? digit(text[i + j]) : 0;
      if (d < 0) return false;
      v = v << 6 | std::uint32_t(d);
    }
    if ((have == 3 && (v & 0xff) != 0) || (have == 2 && (v & 0xffff) != 0)) return false;
    for (std::size_t j = 0; j + 1 < have; ++j) out.push_back(std::uint8_t(v >> (16 - 8 * j)));
  }
  return true;
}

std::string utc_text(TimeMs time) {
  // Days to a civil date: Howard Hinnant, "chrono-compatible low-level date algorithms".
  const std::uint64_t days = time.value / 86'400'000, ms = time.value % 86'400'000;
  const std::uint64_t z = days + 719'468, era = z / 146'097, doe = z % 146'097;
  const std::uint64_t yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  const std::uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  const std::uint64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
  const std::uint64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  char text[160];
  std::snprintf(text, sizeof text, "%04llu-%02llu-%02lluT%02llu:%02llu:%02llu.%03lluZ", (unsigned long long)year, (unsigned long long)month,
                (unsigned long long)day, (unsigned long long)(ms / 3'600'000), (unsigned long long)(ms / 60'000 % 60),
                (unsigned long long)(ms / 1000 % 60), (unsigned long long)(ms % 1000));
  return text;
}

std::string error_name(Errc code) {
  char text[16];
  std::snprintf(text, sizeof text, "DOS-E%04u", unsigned(code));
  return text;
}

}  // namespace dos
