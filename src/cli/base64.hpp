// Base64 (RFC 4648, section 4) for content in JSON.
#pragma once
#include "base/bytes.hpp"

namespace dos::cli {

inline std::string base64(BytesView in) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((in.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const auto left = in.size() - i;
    const std::uint32_t v = std::uint32_t(in[i]) << 16 | (left > 1 ? std::uint32_t(in[i + 1]) << 8 : 0) | (left > 2 ? std::uint32_t(in[i + 2]) : 0);
    out += kAlphabet[v >> 18];
    out += kAlphabet[v >> 12 & 63];
    out += left > 1 ? kAlphabet[v >> 6 & 63] : '=';
    out += left > 2 ? kAlphabet[v & 63] : '=';
  }
  return out;
}

}  // namespace dos::cli
