#include "cli/value_type.hpp"

#include <optional>

namespace dos::cli {
namespace {

using Kind = ValueType::Kind;
constexpr unsigned kMaxNesting = 16;

struct Scalar {
  std::string_view name;
  Kind kind;
};
constexpr Scalar kScalars[] = {{"u8", Kind::u8},        {"u16", Kind::u16},  {"u32", Kind::u32},         {"u64", Kind::u64},
                               {"bool", Kind::boolean}, {"str", Kind::text}, {"name", Kind::name},       {"bytes", Kind::bytes},
                               {"hash", Kind::hash},    {"id", Kind::id},    {"credits", Kind::credits}, {"time", Kind::time}};

// Splits at `separator` outside of <>. The blank of "struct NAME" separates nothing.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  std::size_t from = 0;
  int open = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size()) {
      open += text[i] == '<' ? 1 : text[i] == '>' ? -1 : 0;
      if (open != 0 || text[i] != separator) continue;
      if (separator == ' ' && text.substr(from, i - from).ends_with(":struct")) continue;
    }
    if (i > from) out.push_back(text.substr(from, i - from));
    from = i + 1;
  }
  return out;
}

class Parser {
 public:
  explicit Parser(const Records& records) : records_(records) {}

  Result<std::vector<ValueField>> fields(std::string_view spec, char separator) {
    if (++depth_ > kMaxNesting) return fail(Errc::internal, "the types of a call table are nested too deep");
    std::vector<ValueField> out;
    for (const auto part : split(spec, separator)) {
      const auto colon = part.find(':');
      if (colon == std::string_view::npos || colon == 0) return bad(part);
      DOS_ASSIGN(auto t, type(part.substr(colon + 1)));
      out.push_back({std::string(part.substr(0, colon)), std::move(t)});
    }
    --depth_;
    return out;
  }

 private:
  static std::unexpected<Error> bad(std::string_view what) {
    return fail(Errc::internal, "a call table has no type '" + std::string(what) + "'");
  }

  Result<ValueType> type(std::string_view text) {
    for (const auto& s : kScalars)
      if (text == s.name) return ValueType{s.kind, std::string(text), {}};
    const auto inside = [&](std::string_view word) -> std::optional<std::string_view> {
      if (!text.starts_with(word) || !text.ends_with('>')) return std::nullopt;
      return text.substr(word.size(), text.size() - word.size() - 1);
    };
    ValueType out;
    out.shown = text;
    if (const auto element = inside("opt<")) return wrapped(std::move(out), Kind::option, *element);
    if (const auto element = inside("list<")) return wrapped(std::move(out), Kind::list, *element);
    if (const auto choices = inside("one<")) {
      out.kind = Kind::choice;
      DOS_ASSIGN(out.fields, fields(*choices, '|'));
      return out;
    }
    if (text.starts_with("struct ")) {
      const auto it = records_.find(text.substr(7));
      if (it == records_.end()) return bad(text);
      out.kind = Kind::record;
      DOS_ASSIGN(out.fields, fields(it->second, ' '));
      return out;
    }
    return bad(text);
  }

  Result<ValueType> wrapped(ValueType out, Kind kind, std::string_view element) {
    out.kind = kind;
    DOS_ASSIGN(auto t, type(element));
    out.fields.push_back({"", std::move(t)});
    return out;
  }

  const Records& records_;
  unsigned depth_ = 0;
};

}  // namespace

Result<std::vector<ValueField>> parse_fields(std::string_view spec, const Records& records) { return Parser(records).fields(spec, ' '); }

unsigned integer_bytes(Kind kind) {
  switch (kind) {
    case Kind::u8: return 1;
    case Kind::u16: return 2;
    case Kind::u32: return 4;
    case Kind::u64:
    case Kind::credits:
    case Kind::time: return 8;
    default: return 0;
  }
}

}  // namespace dos::cli
