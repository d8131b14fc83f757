// A request and its answer, free of any HTTP library: what the handlers, their tests and the fuzzer see.
#pragma once
#include <functional>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::api {

struct Header {
  std::string name, value;
};
// Who asks, as far as a node can tell: an IPv4 address (mapped into IPv6), or the first 64 bits of an IPv6 address, for whoever has
// one address of such a network has them all. Everything on this machine is one source: the default.
struct Source {
  ByteArray<16> key = kLocal;
  static constexpr ByteArray<16> kLocal{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};  // ::1
  bool local() const { return key == kLocal; }
  auto operator<=>(const Source&) const = default;
};
Source source_of(const ByteArray<16>& ipv6);  // IPv4 as ::ffff:a.b.c.d

struct Request {
  std::string method, target;
  std::vector<Header> headers;
  Bytes body;
  Source source;
  std::size_t body_paid = 0;  // bytes of it, or more, that were charged to the source as they came
  std::string_view header(std::string_view name) const;  // case-insensitive; empty when absent
};
struct Response {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::vector<Header> headers;
  std::string body;
  std::optional<std::size_t> length{};  // of the body that GET would have, in the answer to HEAD
  Response& with(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
    return *this;
  }
};
using Reply = std::function<void(Response)>;  // called exactly once, from any thread

// The path of a request target, split and percent-decoded, and its query. malformed: bad escapes, no leading '/', empty
// components, more than 80 components.
struct Target {
  std::vector<std::string> path;
  std::vector<Header> query;
  std::optional<std::string> value(std::string_view name) const;  // the first with that name
  bool flag(std::string_view name) const;                         // present and not "0" or "false"
};
Result<Target> parse_target(std::string_view target);
Result<std::uint64_t> parse_u64(std::string_view text, const char* what);  // decimal digits only; usage
Result<Hash> parse_hash(std::string_view text, const char* what);          // 64 hex digits; usage

}  // namespace dos::api
