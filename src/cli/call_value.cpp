#include "cli/call_value.hpp"

#include <charconv>

#include "base/text.hpp"
#include "cli/run.hpp"
#include "client/home/private_file.hpp"
#include "client/trust/json_text.hpp"
#include "ledger/state_formats.hpp"

namespace dos::cli {
namespace {

using Kind = ValueType::Kind;
constexpr std::uint64_t kMaxArgumentFile = 1 << 20;  // transactions are smaller

class Reader {
 public:
  Reader(const ValueSource& source, codec::Encoder& out, CallValue& value) : source_(source), out_(out), value_(value) {}

  Status text(const std::string& where, const ValueType& t, const std::string& given) {
    switch (t.kind) {
      case Kind::text:
      case Kind::name: return put_text(where, t, given);
      case Kind::boolean:
        if (given != "true" && given != "false") return bad(where, t, "'" + safe(given) + "' is neither true nor false");
        codec::write(out_, given == "true");
        return {};
      case Kind::bytes:
      case Kind::hash:
      case Kind::id: return put_bytes(where, t, given);
      case Kind::option:
        if (given == "none") {
          out_.out.push_back(0);
          value_.absent = true;
          return {};
        }
        out_.out.push_back(1);
        return text(where, t.fields[0].type, given);
      case Kind::list:
      case Kind::record:
      case Kind::choice: return put_document(where, t, given);
      default: return put_integer(where, t, given);
    }
  }

  Status json(const std::string& where, const ValueType& t, const nlohmann::json& j) {
    switch (t.kind) {
      case Kind::option: out_.out.push_back(j.is_null() ? 0 : 1); return j.is_null() ? Status() : json(where, t.fields[0].type, j);
      case Kind::list: {
        if (!j.is_array()) return bad(where, t, "a JSON array is needed");
        out_.uleb(j.size());
        for (std::size_t i = 0; i < j.size(); ++i) DOS_TRY(json(where + "[" + std::to_string(i) + "]", t.fields[0].type, j[i]));
        return {};
      }
      case Kind::record: return put_record(where, t, j);
      case Kind::choice: return put_choice(where, t, j);
      case Kind::boolean:
        if (!j.is_boolean()) return bad(where, t, "true or false is needed");
        codec::write(out_, j.get<bool>());
        return {};
      default:
        if (j.is_number_unsigned()) return text(where, t, std::to_string(j.get<std::uint64_t>()));
        if (!j.is_string())
          return bad(where, t, "text" + std::string(integer_bytes(t.kind) != 0 ? " or a number" : "") + " in JSON is needed");
        return text(where, t, j.get<std::string>());
    }
  }

 private:
  static std::unexpected<Error> bad(const std::string& where, const ValueType& t, const std::string& what) {
    return fail(Errc::usage, where + " (" + t.shown + "): " + what);
  }

  Status put_text(const std::string& where, const ValueType& t, const std::string& given) {
    if (!codec::is_utf8(as_bytes(given))) return bad(where, t, "is not UTF-8");
    if (t.kind == Kind::name && !ledger::valid_account_name(given)) return bad(where, t, "'" + safe(given) + "' is no account name");
    codec::write(out_, given);
    append(value_.key, as_bytes(given));
    return {};
  }

  Status put_bytes(const std::string& where, const ValueType& t, const std::string& given) {
    Bytes b;
    if (given.starts_with('@')) {
      DOS_ASSIGN(b, client::read_regular(given.substr(1), kMaxArgumentFile));
    } else if (given.starts_with("base64:")) {
      if (!unbase64(std::string_view(given).substr(7), b)) return bad(where, t, "what follows base64: is not base64");
    } else if (t.kind == Kind::id && (given.starts_with('/') || given.starts_with('~'))) {
      DOS_ASSIGN(const auto id, source_.at_path(given));
      b.assign(id.begin(), id.end());
    } else {
      std::string_view digits = given;
      if (digits.starts_with("0x") || (t.kind == Kind::hash && digits.starts_with("b3:"))) digits.remove_prefix(digits[0] == '0' ? 2 : 3);
      if (!unhex(digits, b))
        return bad(where, t, "'" + safe(given) + "' is neither hex, base64:TEXT nor @FILE" + (t.kind == Kind::id ? ", nor a /path" : ""));
    }
    const std::size_t fixed = t.kind == Kind::hash ? 32 : t.kind == Kind::id ? 16 : b.size();
    if (b.size() != fixed) return bad(where, t, "has " + std::to_string(b.size()) + " bytes; " + std::to_string(fixed) + " are needed");
    if (t.kind == Kind::bytes) codec::write(out_, b);
    else out_.raw(b);
    append(value_.key, b);
    return {};
  }

  Status put_integer(const std::string& where, const ValueType& t, const std::string& given) {
    const unsigned bytes = integer_bytes(t.kind);
    std::uint64_t n = 0;
    if (t.kind == Kind::credits) {
      auto amount = parse_credits(given);
      if (!amount) return bad(where, t, "'" + safe(given) + "' is no amount, like 12.5");
      n = *amount;
    } else if (t.kind == Kind::time && given.starts_with('+')) {
      const auto ahead = parse_duration(std::string_view(given).substr(1));
      if (!ahead) return bad(where, t, "'" + safe(given) + "' is no time; milliseconds since 1970, or +30d from now");
      n = source_.now.value + std::uint64_t(ahead->count());
    } else {
      const bool base16 = given.starts_with("0x");
      const char* const begin = given.data() + (base16 ? 2 : 0);
      const char* const end = given.data() + given.size();
      const auto [at, wrong] = std::from_chars(begin, end, n, base16 ? 16 : 10);
      if (wrong == std::errc::result_out_of_range || (wrong == std::errc() && at == end && bytes < 8 && n >> (8 * bytes) != 0))
        return bad(where, t, safe(given) + " does not fit into " + std::to_string(8 * bytes) + " bits");
      if (wrong != std::errc() || at != end) return bad(where, t, "'" + safe(given) + "' is no whole number");
    }
    for (unsigned i = 0; i < bytes; ++i) out_.out.push_back(std::uint8_t(n >> (8 * i)));
    for (unsigned i = bytes; i-- > 0;) value_.key.push_back(std::uint8_t(n >> (8 * i)));
    value_.number = n;
    return {};
  }

  Status put_document(const std::string& where, const ValueType& t, const std::string& given) {
    std::string document = given;
    if (given.starts_with('@')) {
      DOS_ASSIGN(const auto file, client::read_regular(given.substr(1), kMaxArgumentFile));
      document = as_text(file);
    }
    const auto j = client::parse_json(document, kMaxArgumentFile, "");
    if (!j) return bad(where, t, j.error().detail);
    return json(where, t, *j);
  }

  Status put_record(const std::string& where, const ValueType& t, const nlohmann::json& j) {
    if (!j.is_object()) return bad(where, t, "a JSON object is needed");
    for (const auto& f : t.fields) {
      const auto it = j.find(f.name);
      if (it == j.end() && f.type.kind != Kind::option) return bad(where, t, "the field '" + f.name + "' is missing");
      DOS_TRY(json(where + "." + f.name, f.type, it == j.end() ? nlohmann::json() : *it));
    }
    for (const auto& [name, unused] : j.items())
      if (std::ranges::none_of(t.fields, [&](const auto& f) { return f.name == name; }))
        return bad(where, t, "there is no field '" + safe(name) + "'");
    return {};
  }

  Status put_choice(const std::string& where, const ValueType& t, const nlohmann::json& j) {
    std::string labels;
    for (std::size_t i = 0; i < t.fields.size(); ++i) {
      labels += (i == 0 ? "" : " or ") + t.fields[i].name;
      if (!j.is_object() || j.size() != 1 || j.begin().key() != t.fields[i].name) continue;
      out_.uleb(i);
      return json(where + "." + t.fields[i].name, t.fields[i].type, j.begin().value());
    }
    return bad(where, t, "a JSON object with just one of " + labels + " is needed");
  }

  const ValueSource& source_;
  codec::Encoder& out_;
  CallValue& value_;
};

bool bit(codec::Decoder& in) {
  const auto b = in.integer<std::uint8_t>();
  if (b > 1) in.refuse();
  return b == 1;
}

}  // namespace

Result<CallValue> parse_value(const ValueField& field, const std::string& text, const ValueSource& source) {
  CallValue value;
  codec::Encoder out;
  DOS_TRY(Reader(source, out, value).text(field.name, field.type, text));
  value.bcs = std::move(out.out);
  return value;
}

Result<Json> show_value(const ValueType& type, codec::Decoder& in) {
  Json out;
  switch (type.kind) {
    case Kind::u8: out = in.integer<std::uint8_t>(); break;
    case Kind::u16: out = in.integer<std::uint16_t>(); break;
    case Kind::u32: out = in.integer<std::uint32_t>(); break;
    case Kind::u64:
    case Kind::time: out = std::to_string(in.integer<std::uint64_t>()); break;
    case Kind::credits: out = shown_credits(in.integer<std::uint64_t>()); break;
    case Kind::boolean: out = bit(in); break;
    case Kind::hash: out = hex(in.raw(32)); break;
    case Kind::id: out = hex(in.raw(16)); break;
    case Kind::bytes: out = hex(in.raw(in.length())); break;
    case Kind::text:
    case Kind::name: {
      const auto text = in.raw(in.length());
      if (!codec::is_utf8(text)) in.refuse();  // else no JSON could hold it
      else out = as_text(text);
      break;
    }
    case Kind::option: {
      const bool present = bit(in);
      if (present && in.ok()) { DOS_ASSIGN(out, show_value(type.fields[0].type, in)); }
      break;
    }
    case Kind::list: {
      out = Json::array();
      for (auto n = in.length(); n > 0 && in.ok(); --n) {
        DOS_ASSIGN(auto element, show_value(type.fields[0].type, in));
        out.push_back(std::move(element));
      }
      break;
    }
    case Kind::record:
      out = Json::object();
      for (const auto& f : type.fields) { DOS_ASSIGN(out[f.name], show_value(f.type, in)); }
      break;
    case Kind::choice: {
      const auto label = in.uleb();
      if (label >= type.fields.size()) return fail(Errc::malformed, "a result is not of its type " + type.shown);
      DOS_ASSIGN(out[type.fields[label].name], show_value(type.fields[label].type, in));
      break;
    }
  }
  if (!in.ok()) return fail(Errc::malformed, "a result is not of its type " + type.shown);
  return out;
}

}  // namespace dos::cli
