#include "cli/call_args.hpp"

#include <charconv>
#include <sstream>

#include "cli/output.hpp"
#include "modules/credit/calls.hpp"
#include "modules/fs/calls.hpp"
#include "modules/id/calls.hpp"
#include "modules/msg/calls.hpp"

namespace dos::cli {
namespace {

std::vector<std::string> words(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string w; std::getline(in, w, separator);)
    if (const auto a = w.find_first_not_of(' '); a != std::string::npos) out.push_back(w.substr(a, w.find_last_not_of(' ') - a + 1));
  return out;
}

struct Value {
  Bytes bcs;  // in the arguments
  Bytes key;  // in a key pattern
  std::uint64_t number = 0;
};

Result<Value> parse_value(const std::string& name, const std::string& type, const std::string& text) {
  const auto bad = [&](const char* what) { return fail(Errc::usage, name + " is " + what + ", not '" + safe(text) + "'"); };
  Value v;
  codec::Encoder e;
  const auto number = [&](unsigned bytes) {
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), v.number);
    if (wrong != std::errc() || end != text.data() + text.size() || (bytes < 8 && v.number >> (8 * bytes) != 0)) return false;
    for (unsigned i = 0; i < bytes; ++i) e.out.push_back(std::uint8_t(v.number >> (8 * i)));
    for (unsigned i = bytes; i-- > 0;) v.key.push_back(std::uint8_t(v.number >> (8 * i)));
    return true;
  };
  if (type == "str" || type == "name") {
    if (!codec::is_utf8(as_bytes(text))) return bad("text in UTF-8");
    codec::write(e, text);
    v.key = to_bytes(text);
  } else if (type == "bytes" || type == "hash" || type == "id") {
    if (!unhex(text, v.key)) return bad("bytes in hex");
    if (type == "hash" && v.key.size() != 32) return bad("32 bytes in hex");
    if (type == "id" && v.key.size() != 16) return bad("16 bytes in hex");
    if (type == "bytes") codec::write(e, v.key);
    else e.raw(v.key);
  } else if (type == "bool") {
    if (text != "true" && text != "false") return bad("true or false");
    codec::write(e, text == "true");
  } else if (type == "credits") {
    DOS_ASSIGN(v.number, parse_credits(text));
    codec::write(e, v.number);
  } else if (type == "u8" || type == "u16" || type == "u32" || type == "u64" || type == "time") {
    if (!number(type == "u8" ? 1 : type == "u16" ? 2 : type == "u32" ? 4 : 8)) return bad("a number");
  } else {
    return fail(Errc::not_in_release, "dos call with arguments of type " + type + "; the commands make such calls");
  }
  v.bcs = std::move(e.out);
  return v;
}

}  // namespace

std::vector<FoundCall> all_calls() {
  std::vector<FoundCall> out;
  const auto add = [&](const char* module, std::uint16_t number, std::vector<ledger::CallRow> rows) {
    for (auto& r : rows) out.push_back({module, number, std::move(r)});
  };
  add("fs", ledger::kFsModule, ledger::call_rows(fs::kCalls));
  add("id", ledger::kIdModule, ledger::call_rows(id::kCalls));
  add("msg", ledger::kMsgModule, ledger::call_rows(msg::kCalls));
  add("credit", ledger::kCreditModule, ledger::call_rows(credit::kCalls));
  return out;
}

Result<FoundCall> find_call(std::string_view name) {
  unsigned number = 0;
  auto digits = name;
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  const bool is_number = bad == std::errc() && end == digits.data() + digits.size();
  for (auto& c : all_calls())
    if (c.module + "." + c.row.name == name || (is_number && c.row.number == number)) return c;
  return fail(Errc::no_such_call, "'" + safe(name) + "'");
}

Result<client::Draft> draft_call(const FoundCall& call, const std::vector<std::string>& args, const std::string& sender) {
  const auto wanted = words(call.row.args, ' ');
  std::vector<std::pair<std::string, std::string>> specs;  // "struct NAME" takes two words
  for (const auto& w : wanted)
    if (const auto colon = w.find(':'); colon != std::string::npos) specs.emplace_back(w.substr(0, colon), w.substr(colon + 1));
  if (args.size() != specs.size()) return fail(Errc::usage, call.module + "." + call.row.name + " takes: " + call.row.args);
  std::map<std::string, Value> values;
  Bytes bcs;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    DOS_ASSIGN(auto v, parse_value(specs[i].first, specs[i].second, args[i]));
    append(bcs, v.bcs);
    values.emplace(specs[i].first, std::move(v));
  }
  client::Draft draft;
  for (const auto& item : words(call.row.access, ';')) {
    const auto parts = words(item, ' ');
    std::uint16_t module = call.module_number;
    Bytes key;
    std::optional<Credits> amount;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const auto& p = parts[i];
      if (i == 1 && p == "id.") module = ledger::kIdModule;
      else if (i == 1 && p == "credit.") module = ledger::kCreditModule;
      else if (p.size() == 3 && p[0] == '\'') key.push_back(std::uint8_t(p[1]));
      else if (p == "0") key.push_back(0);
      else if (p == "{sender}") append(key, as_bytes(sender));
      else if (p == "{faucet}") append(key, as_bytes(ledger::kFaucetPurse));
      else if (p.front() == '{' && values.contains(p.substr(1, p.size() - 2))) {
        const auto& v = values.at(p.substr(1, p.size() - 2));
        if (parts[0] == "debit" && i + 1 == parts.size()) amount = Credits{v.number};
        else append(key, v.key);
      } else {
        return fail(Errc::not_in_release, "dos call " + call.module + "." + call.row.name + ": its accesses depend on what is there; the commands make such calls");
      }
    }
    const bool raw = parts.size() == 2 && key.size() > 2 && parts[1] == "{key}";
    const auto full = raw ? key : ledger::module_key(module, key);
    if (parts[0] == "read") draft.read(full);
    else if (parts[0] == "absent") draft.absent(full);
    else if (parts[0] == "append") draft.append(full);
    else if (parts[0] == "deposit") draft.deposit(full);
    else if (parts[0] == "debit") draft.debit(full, amount.value_or(Credits{}));
    else if (parts[0] == "range") draft.range(full);
    else draft.latest(full);
  }
  draft.call_bytes(call.module_number, call.row.number, std::move(bcs));
  return draft;
}

}  // namespace dos::cli
