#include "api/http.hpp"

#include <charconv>

namespace dos::api {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }
int digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool percent_decode(std::string_view in, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '%') {
      out.push_back(in[i]);
      continue;
    }
    if (i + 2 >= in.size()) return false;
    const int high = digit(in[i + 1]), low = digit(in[i + 2]);
    if (high < 0 || low < 0) return false;
    out.push_back(char(high * 16 + low));
    i += 2;
  }
  return true;
}

}  // namespace

Source source_of(const ByteArray<16>& ipv6) {
  constexpr ByteArray<12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  Source s;
  if (std::equal(kMapped.begin(), kMapped.end(), ipv6.begin())) {
    if (ipv6[12] != 127) s.key = ipv6;
  } else if (ipv6 != Source::kLocal) {
    s.key = {};
    std::copy_n(ipv6.begin(), 8, s.key.begin());
  }
  return s;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& h : headers)
    if (h.name.size() == name.size() &&
        std::equal(name.begin(), name.end(), h.name.begin(), [](char a, char b) { return lower(a) == lower(b); }))
      return h.value;
  return {};
}

std::optional<std::string> Target::value(std::string_view name) const {
  for (const auto& q : query)
    if (q.name == name) return q.value;
  return std::nullopt;
}

bool Target::flag(std::string_view name) const {
  const auto v = value(name);
  return v && *v != "0" && *v != "false";
}

Result<Target> parse_target(std::string_view target) {
  Target t;
  if (target.empty() || target[0] != '/') return fail(Errc::malformed, "a request target starts with '/'");
  const auto mark = target.find('?');
  std::string_view path = target.substr(1, mark == std::string_view::npos ? mark : mark - 1);
  while (!path.empty()) {
    const auto slash = path.find('/');
    std::string part;
    if (!percent_decode(path.substr(0, slash), part)) return fail(Errc::malformed, "a broken % escape in the path");
    if (part.empty()) return fail(Errc::malformed, "an empty part in the path");
    t.path.push_back(std::move(part));
    if (t.path.size() > 80) return fail(Errc::limit, "a path of more than 80 parts");
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  std::string_view query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  while (!query.empty()) {
    const auto amp = query.find('&');
    const auto pair = query.substr(0, amp);
    const auto eq = pair.find('=');
    Header q;
    if (!percent_decode(pair.substr(0, eq), q.name) ||
        !percent_decode(eq == std::string_view::npos ? std::string_view{} : pair.substr(eq + 1), q.value))
      return fail(Errc::malformed, "a broken % escape in the query");
    t.query.push_back(std::move(q));
    if (t.query.size() > 32) return fail(Errc::limit, "a query of more than 32 fields");
    if (amp == std::string_view::npos) break;
    query.remove_prefix(amp + 1);
  }
  return t;
}

Result<std::uint64_t> parse_u64(std::string_view text, const char* what) {
  std::uint64_t v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    return fail(Errc::usage, std::string(what) + " is a decimal number");
  return v;
}

Result<Hash> parse_hash(std::string_view text, const char* what) {
  Bytes b;
  if (text.size() != 64 || !unhex(text, b)) return fail(Errc::usage, std::string(what) + " is 64 hex digits");
  Hash h;
  std::copy(b.begin(), b.end(), h.bytes.begin());
  return h;
}

}  // namespace dos::api
