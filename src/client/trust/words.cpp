#include "client/trust/words.hpp"

#include "base/shown_text.hpp"

namespace dos::client {

std::string in_quotes(std::string_view words) { return quoted_text(words, kMaxNodeWords); }

std::string in_quotes(const Error& claim) {
  return claim.detail.empty() ? std::string(error_row(claim.code).title) : in_quotes(std::string_view(claim.detail));
}

std::string told_by(const std::string& node, const Error& claim, bool its_words) {
  return its_words ? node + " says: " + in_quotes(claim) : node + " " + claim.detail;
}

std::string shown_credits(std::uint64_t micro) {
  std::string out = std::to_string(micro / kMicroPerCredit);
  if (micro % kMicroPerCredit != 0) {
    auto part = std::to_string(kMicroPerCredit + micro % kMicroPerCredit).substr(1);
    while (part.ends_with('0')) part.pop_back();
    out += "." + part;
  }
  return out;
}

Result<std::uint64_t> parse_credits(std::string_view text) {
  const auto bad = [&] { return fail(Errc::usage, "'" + shown_text(text, kMaxShownWord) + "' is no amount of credits, like 12 or 0.5"); };
  const auto dot = text.find('.');
  const auto whole = text.substr(0, dot);
  auto part = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  if (whole.empty() || whole.size() > 13 || part.size() > 6 || (dot != std::string_view::npos && part.empty())) return bad();
  std::uint64_t micro = 0;
  for (char c : whole) {
    if (c < '0' || c > '9') return bad();
    micro = micro * 10 + std::uint64_t(c - '0');
  }
  for (std::size_t i = 0; i < 6; ++i) {
    const char c = i < part.size() ? part[i] : '0';
    if (c < '0' || c > '9') return bad();
    micro = micro * 10 + std::uint64_t(c - '0');
  }
  return micro;
}

}  // namespace dos::client
