#include "client/trust/words.hpp"

#include <time.h>

#include <cstdio>

#include "base/shown_text.hpp"

namespace dos::client {

std::string in_quotes(std::string_view words) { return quoted_text(words, kMaxNodeWords); }

std::string in_quotes(const Error& claim) {
  return claim.detail.empty() ? std::string(error_row(claim.code).title) : in_quotes(std::string_view(claim.detail));
}

std::string told_by(const std::string& node, const Error& claim, bool its_words) {
  return its_words ? node + " says: " + in_quotes(claim) : node + " " + claim.detail;
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
