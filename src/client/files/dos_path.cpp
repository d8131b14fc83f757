#include "client/files/dos_path.hpp"

#include <utf8proc.h>

#include <charconv>
#include <cstdlib>

#include "base/shown_text.hpp"
#include "modules/fs/formats.hpp"

namespace dos::client {
namespace {

constexpr std::size_t kShownNameBytes = 60;
std::string shown(std::string_view name) { return shown_text(name, kShownNameBytes); }

// Scripts and emoji need them, and shown_text writes them out where they are not seen.
bool joins(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with("\u200c") || text.substr(at).starts_with("\u200d") ||
         (text.substr(at, 2) == "\xef\xb8" && at + 2 < text.size() && static_cast<unsigned char>(text[at + 2]) < 0x90);
}

template <class N>
bool number(std::string_view digits, N& out) {
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return !digits.empty() && bad == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

std::string DosPath::text() const {
  std::string out;
  for (const auto& c : components) out += "/" + c;
  return out.empty() ? "/" : out;
}

DosPath DosPath::parent() const {
  DosPath p = *this;
  if (!p.components.empty()) p.components.pop_back();
  return p;
}

DosPath DosPath::below(std::string name) const {
  DosPath p{components, false};
  p.components.push_back(std::move(name));
  return p;
}

Status must_fit(const DosPath& path) {
  if (path.components.size() <= kMaxPathDepth) return {};
  return fail(Errc::bad_name,
              "a path has at most " + std::to_string(kMaxPathDepth) + " components, this one " + std::to_string(path.components.size()));
}

Result<std::string> normal_name(std::string_view name) {
  if (!codec::is_utf8(as_bytes(name))) return fail(Errc::bad_name, "'" + shown(name) + "' is not UTF-8");
  std::string out(name);
  bool ascii = true;
  for (unsigned char c : name) ascii = ascii && c < 0x80;
  if (!ascii) {
    utf8proc_uint8_t* made = nullptr;
    const auto n = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()), utf8proc_ssize_t(name.size()), &made,
                                utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (n < 0) {
      std::free(made);
      return fail(Errc::bad_name, "'" + shown(name) + "' is not valid Unicode");
    }
    out.assign(reinterpret_cast<const char*>(made), std::size_t(n));
    std::free(made);
  }
  if (!fs::valid_name(out)) return fail(Errc::bad_name, "'" + shown(name) + "'");
  return out;
}

Status may_be_given(std::string_view name) {
  std::string plain;  // without what joins
  for (std::size_t i = 0; i < name.size(); ++i)
    if (joins(name, i)) i += 2;
    else plain += name[i];
  if (shown_as_it_is(plain)) return {};
  return fail(Errc::bad_name, "'" + shown(name) + "' has characters that are not seen or turn the text around; no new name may");
}

Result<DosPath> parse_path(std::string_view text, std::string_view home) {
  DosPath path;
  if (text.empty()) return fail(Errc::usage, "an empty path");
  std::string_view rest = text;
  if (rest.starts_with('~')) {
    rest.remove_prefix(1);
    if (!rest.empty() && !rest.starts_with('/')) return fail(Errc::usage, "'" + shown(text) + "': write /home/NAME for another's home");
    path.components = {"home", std::string(home)};
  } else if (!rest.starts_with('/')) {
    path.components = {"home", std::string(home)};
  }
  path.folder = rest.ends_with('/');
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!path.components.empty()) path.components.pop_back();
      continue;
    }
    DOS_ASSIGN(auto name, normal_name(part));
    path.components.push_back(std::move(name));
  }
  DOS_TRY(must_fit(path));
  return path;
}

Result<PathSpec> parse_path_spec(std::string_view text, std::string_view home) {
  PathSpec spec;
  const auto mark = text.rfind('@');
  if (mark != std::string_view::npos && text.find('/', mark) == std::string_view::npos) {
    const auto tail = text.substr(mark + 1);
    std::uint64_t height = 0;
    std::uint32_t revision = 0;
    if (tail.starts_with('#') && number(tail.substr(1), height)) spec.height = Height(height);
    else if (number(tail, revision) && revision > 0) spec.revision = revision;
    if (spec.height || spec.revision) text = text.substr(0, mark);
  }
  DOS_ASSIGN(spec.path, parse_path(text, home));
  return spec;
}

}  // namespace dos::client
