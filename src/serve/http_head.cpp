#include "serve/http_head.hpp"

#include <algorithm>

#include "serve/http_server.hpp"

namespace dos::serve {
namespace {

bool is_token(char c) {  // RFC 9110, 5.6.2
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }
bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}
std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// uri-host [":" port] (RFC 9110, 7.2); the empty one is well formed.
bool well_formed_host(std::string_view host) {
  std::size_t at = 0;
  if (host.starts_with('[')) {
    at = host.find(']');
    if (at == std::string_view::npos || at == 1) return false;
    for (const char c : host.substr(1, at - 1))
      if (!is_token(c) && c != ':') return false;
    ++at;
  } else {
    while (at < host.size() && host[at] != ':') {
      const char c = host[at++];
      if (!(is_token(c) || c == '(' || c == ')' || c == ',' || c == ';' || c == '=') || c == '#' || c == '^' || c == '`' || c == '|')
        return false;
    }
  }
  if (at == host.size()) return true;
  if (host[at] != ':' || host.size() - at > 6) return false;
  return std::all_of(host.begin() + std::ptrdiff_t(at) + 1, host.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string_view> values_of(const ParsedHead& head, std::string_view name) {
  std::vector<std::string_view> all;
  for (const auto& f : head.fields)
    if (same_word(f.name, name)) all.push_back(f.value);
  return all;
}

// How long the body is has to be beyond doubt: two readings of one request are how requests are smuggled.
std::optional<HeadFault> judge_framing(const ParsedHead& head) {
  const auto codings = values_of(head, "Transfer-Encoding");
  if (codings.empty()) return std::nullopt;
  if (head.version < 11) return HeadFault{400, Errc::malformed, "HTTP/1.0 has no Transfer-Encoding"};
  if (!values_of(head, "Content-Length").empty())
    return HeadFault{400, Errc::malformed, "a request has a Content-Length or a Transfer-Encoding, not both"};
  if (codings.size() == 1 && same_word(trimmed(codings[0]), "chunked") && head.chunked) return std::nullopt;
  for (const auto value : codings)
    if (trimmed(value).empty()) return HeadFault{400, Errc::malformed, "an empty Transfer-Encoding"};
  const auto first = trimmed(codings[0].substr(0, codings[0].find(',')));
  if (same_word(first, "chunked")) return HeadFault{400, Errc::malformed, "chunked is the last transfer coding, and comes once"};
  return HeadFault{501, Errc::usage, "this node knows one transfer coding: chunked"};
}

struct Place {
  std::string target;
  std::optional<std::string_view> authority;  // of the absolute form
  bool well_formed = true;
};
Place place_of(std::string_view target) {  // RFC 9112, 3.2
  if (target.find('#') != std::string_view::npos) return {{}, {}, false};
  if (target.starts_with('/')) return {std::string(target), {}, true};
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos || !(same_word(target.substr(0, scheme), "http") || same_word(target.substr(0, scheme), "https")))
    return {{}, {}, false};
  const auto rest = target.substr(scheme + 3);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  const auto authority = rest.substr(0, end);
  const auto path = rest.substr(end);
  if (authority.empty() || authority.find('@') != std::string_view::npos) return {{}, {}, false};
  return {(path.starts_with('/') ? "" : "/") + std::string(path), authority, true};
}

constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"};

}  // namespace

HeadScanner::State HeadScanner::bad(int status, Errc code, const char* detail) {
  fault_ = {status, code, detail};
  return State::bad;
}

HeadScanner::State HeadScanner::scan(std::string_view all) {
  for (; at_ < all.size();) {
    const char c = all[at_];
    if (at_ - begin_ >= kMaxHeadBytes) return bad(431, Errc::limit, "the request's head is larger than 16 KiB");
    if (lines_ == 0 && at_ - begin_ >= kMaxRequestLineBytes) return bad(414, Errc::limit, "the request target is longer than 8 KiB");
    if (cr_ != (c == '\n')) return bad(400, Errc::malformed, "each line of a request's head ends with CR LF");
    if (c == '\n') {
      ++at_;
      if (const auto state = end_line(); state != State::more) return state;
      continue;
    }
    if (c == '\r') {
      cr_ = true;
      ++at_;
      continue;
    }
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
      return bad(400, Errc::malformed, "a control character in the request's head");
    if (at_ == line_ && lines_ > 0 && (c == ' ' || c == '\t')) return bad(400, Errc::malformed, "a folded line in the request's head");
    if (at_ == line_ && lines_ == 0 && !is_token(c)) return bad(400, Errc::malformed, "a request starts with its method");
    ++at_;
  }
  return State::more;
}

HeadScanner::State HeadScanner::end_line() {
  cr_ = false;
  const bool empty = at_ - line_ == 2;
  line_ = at_;
  if (!empty) {
    if (++lines_ > kMaxHeadFields + 1) return bad(431, Errc::limit, "the request's head has more than 100 fields");
    return State::more;
  }
  if (lines_ > 0) return State::whole;
  if (++empty_ > kMaxEmptyLines) return bad(400, Errc::malformed, "too many empty lines before a request");
  begin_ = at_;
  return State::more;
}

HeadFault fault_of_line(std::string_view line) {
  const auto version = line.substr(line.rfind(' ') + 1);
  const auto digit = [&](std::size_t i) { return version[i] >= '0' && version[i] <= '9'; };
  const bool named = version.size() == 8 && version.starts_with("HTTP/") && digit(5) && version[6] == '.' && digit(7);
  if (named && version != "HTTP/1.0" && version != "HTTP/1.1") return {505, Errc::usage, "this node speaks HTTP/1.1"};
  if (!named) return {400, Errc::malformed, "a request line is: method, target, HTTP/1.1, with one space between"};
  return {400, Errc::malformed, "the request's head is not well formed"};
}

Judged judge_head(const ParsedHead& head, const HttpConfig& config) {
  const auto no = [](int status, Errc code, const char* detail) { return Judged{HeadFault{status, code, detail}, {}}; };
  if (auto fault = judge_framing(head)) return {fault, {}};
  const auto hosts = values_of(head, "Host");
  if (hosts.size() > 1) return no(400, Errc::malformed, "a request has one Host");
  if (hosts.empty() && head.version >= 11) return no(400, Errc::malformed, "a request of HTTP/1.1 has a Host");
  const auto host = hosts.empty() ? std::string_view{} : trimmed(hosts[0]);
  if (!well_formed_host(host)) return no(400, Errc::malformed, "the Host is not HOST or HOST:PORT");

  if (head.method == "CONNECT") return no(501, Errc::usage, "this node is no proxy");
  if (std::find(std::begin(kMethods), std::end(kMethods), head.method) == std::end(kMethods))
    return no(501, Errc::usage, "no route takes that method; GET /v1 lists them");
  Judged judged;
  std::optional<std::string_view> authority = hosts.empty() ? std::nullopt : std::optional(host);
  if (head.target == "*") {
    if (head.method != "OPTIONS") return no(400, Errc::malformed, "the target * is for OPTIONS alone");
    judged.plan.target = "*";
  } else {
    auto place = place_of(head.target);
    if (!place.well_formed) return no(400, Errc::malformed, "a request target is /PATH, or http://HOST/PATH of this node");
    if (place.authority) {
      authority = place.authority;  // it counts, not the Host beside it (RFC 9112, 3.2.2)
      if (!well_formed_host(*authority)) return no(400, Errc::malformed, "the target's host is not HOST or HOST:PORT");
    }
    judged.plan.target = std::move(place.target);
  }
  // A page that some browser shows always sends a Host; programs of HTTP/1.0 need not.
  if (authority && !host_allowed(*authority, config))
    return no(421, Errc::usage, "this Host is not this node: on loopback, use 127.0.0.1 or localhost");

  for (const auto value : values_of(head, "Expect")) {
    if (head.version < 11) break;  // RFC 9110, 10.1.1: to be ignored
    if (!same_word(trimmed(value), "100-continue")) return no(417, Errc::usage, "the one expectation that is met is 100-continue");
    judged.plan.wants_continue = head.chunked || head.length.value_or(0) > 0;
  }
  return judged;
}

}  // namespace dos::serve
