// Base64 (RFC 4648, section 4): content in JSON, arguments of calls.
#pragma once
#include "base/bytes.hpp"

namespace dos::cli {

inline std::string base64(BytesView in) {
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

// False: a length that is no multiple of four, another alphabet, padding inside, or bits after the end.
inline bool unbase64(std::string_view text, Bytes& out) {
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

}  // namespace dos::cli
