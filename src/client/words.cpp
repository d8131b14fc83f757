#include "client/words.hpp"

#include <time.h>

#include <cstdio>

namespace dos::client {

std::string in_quotes(std::string_view words) {
  auto end = std::min(words.size(), kMaxNodeWords);
  if (end < words.size())  // not within a character
    while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xC0) == 0x80) --end;
  std::string out = "\"";
  for (const char c : words.substr(0, end)) {
    const auto u = static_cast<unsigned char>(c);
    out += u < 0x20 || u == 0x7f ? ' ' : c == '"' ? '\'' : c;
  }
  return out + (end < words.size() ? "...\"" : "\"");
}

std::string in_quotes(const Error& claim) {
  return in_quotes(claim.detail.empty() ? std::string_view(error_row(claim.code).title) : std::string_view(claim.detail));
}

std::string utc_text(TimeMs time) {
  const auto seconds = time_t(time.value / 1000);
  tm t{};
  if (::gmtime_r(&seconds, &t) == nullptr) return std::to_string(time.value) + " ms";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                t.tm_min, t.tm_sec, unsigned(time.value % 1000));
  return buffer;
}

}  // namespace dos::client
