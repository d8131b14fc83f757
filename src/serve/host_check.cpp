#include "serve/http_server.hpp"

namespace dos::serve {
namespace {

std::string_view without_port(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const auto end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool is_ip_literal(std::string_view host) {
  if (host.find(':') != std::string_view::npos) return true;  // came in brackets
  for (char c : host)
    if ((c < '0' || c > '9') && c != '.') return false;
  return !host.empty();
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ip_literal(host));
}

bool host_allowed(std::string_view host_header, const HttpConfig& config) {
  std::string host(without_port(host_header));
  for (char& c : host) c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;  // names are the same in any case
  if (is_loopback(host)) return true;
  if (is_loopback(config.host)) return false;
  if (is_ip_literal(host)) return true;
  for (const auto& name : config.names)
    if (name == host) return true;
  return false;
}

}  // namespace dos::serve
