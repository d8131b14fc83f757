#include "cli/call_args.hpp"

#include <charconv>
#include <cstdio>

#include "syscalls/syscalls.hpp"

namespace dos::cli {
std::vector<FoundCall> all_calls() {
  std::vector<FoundCall> out;
  for (auto& table : syscalls::tables()) {
    Records records;
    for (const auto& r : table.records) records.emplace(r.name, r.fields);
    for (auto& row : table.rows) out.push_back({table.name, table.number, std::move(row), records});
  }
  return out;
}

Result<FoundCall> find_call(std::string_view name) {
  unsigned number = 0;
  auto digits = name;
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  const bool is_number = bad == std::errc() && end == digits.data() + digits.size();
  for (auto& c : all_calls())
    if (c.full_name() == name || (is_number && c.row.number == number)) return c;
  return fail(Errc::no_such_call, "'" + safe(name) + "'");
}

std::string FoundCall::number_text() const {
  char text[8];
  std::snprintf(text, sizeof text, "%02X", unsigned(row.number));
  return text;
}

Json call_json(const FoundCall& c) {
  Json records = Json::object();
  for (const auto& [name, fields] : c.records) records[name] = fields;
  return {{"module", c.module},        {"name", c.row.name},
          {"number", c.number_text()}, {"args", c.row.args},
          {"returns", c.row.returns},  {"permission", c.row.permission},
          {"access", c.row.access},    {"gas", std::to_string(c.row.gas)},
          {"effect", c.row.effect},    {"sentence", c.row.sentence},
          {"records", records}};
}

Result<client::Draft> draft_call(const FoundCall& call, const std::vector<std::string>& args, const CallSetting& setting) {
  DOS_ASSIGN(const auto fields, parse_fields(call.row.args, call.records));
  if (args.size() != fields.size())
    return fail(Errc::usage, call.full_name() + " takes " + std::to_string(fields.size()) + " arguments, " + std::to_string(args.size()) +
                                 " were given: " + call.row.args);
  client::CallFacts facts{setting.sender, call.module_number, {}, setting.find};
  Bytes bcs;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    DOS_ASSIGN(auto value, parse_value(fields[i], args[i], setting.source));
    append(bcs, value.bcs);
    facts.arguments.emplace(fields[i].name, std::move(value));
  }
  DOS_ASSIGN(auto draft, client::make_call(call.row, facts, setting.accesses, std::move(bcs)));
  draft.told = "calls " + call.full_name();
  return draft;
}

Result<Json> show_returns(const FoundCall& call, BytesView returned) {
  DOS_ASSIGN(const auto fields, parse_fields(call.row.returns, call.records));
  codec::Decoder in(returned);
  Json out = Json::object();
  for (const auto& f : fields) { DOS_ASSIGN(out[f.name], show_value(f.type, in)); }
  if (!in.done()) return fail(Errc::malformed, "what " + call.full_name() + " returned is not of its type " + call.row.returns);
  return out;
}

}  // namespace dos::cli
