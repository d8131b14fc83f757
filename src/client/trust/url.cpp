#include <charconv>

#include "client/trust/http.hpp"

namespace dos::client {
namespace {

bool loopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

}  // namespace

std::string Url::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return std::string(tls ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  auto rest = text;
  if (rest.starts_with("https://")) url.tls = true, rest.remove_prefix(8);
  else if (rest.starts_with("http://")) rest.remove_prefix(7);
  else return fail(Errc::usage, "'" + std::string(text) + "' is no http:// or https:// address");
  while (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return fail(Errc::usage, "'" + std::string(text) + "' has no closing bracket");
    url.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (rest.starts_with(':')) port = rest.substr(1);
    else if (!rest.empty()) return fail(Errc::usage, "'" + std::string(text) + "' is no address");
  } else {
    const auto colon = rest.find(':');
    url.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon + 1);
  }
  for (unsigned char c : url.host)
    if (c <= 0x20 || c >= 0x7f || c == '/' || c == '?' || c == '#' || c == '@')
      return fail(Errc::usage, "'" + std::string(text) + "' is no address");
  unsigned number = url.tls ? 443 : 80;
  if (!port.empty()) {
    const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (bad != std::errc() || end != port.data() + port.size()) number = 0;
  }
  if (url.host.empty() || number == 0 || number > 65535) return fail(Errc::usage, "'" + std::string(text) + "' is no address");
  url.port = std::uint16_t(number);
  if (!url.tls && !loopback(url.host)) return fail(Errc::usage, "plain http is for this machine only; use https:// for " + url.host);
  return url;
}

}  // namespace dos::client
