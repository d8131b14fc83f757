#include "modules/tests/system_tables.hpp"

#include <cstdio>
#include <iterator>

#include "modules/credit/calls.hpp"
#include "modules/fs/calls.hpp"
#include "modules/id/calls.hpp"
#include "modules/msg/calls.hpp"

namespace dos::modules {

std::vector<SystemTable> system_tables() {
  return {{ledger::kIdModule, "id", ledger::call_rows(id::kCalls), {std::begin(id::kRecords), std::end(id::kRecords)}},
          {ledger::kCreditModule, "credit", ledger::call_rows(credit::kCalls)},
          {ledger::kFsModule, "fs", ledger::call_rows(fs::kCalls), {std::begin(fs::kRecords), std::end(fs::kRecords)}},
          {ledger::kMsgModule, "msg", ledger::call_rows(msg::kCalls)}};
}

namespace {

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}
std::string number_text(std::uint16_t n) {
  char b[8];
  std::snprintf(b, sizeof b, "%02X", n);
  return b;
}

std::string escaped(const std::string& s) {  // for a cell of a Markdown table
  std::string out;
  for (char c : s) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string table_text(const SystemTable& t) {
  std::string s =
      "| number | call | arguments | returns | who may | access | gas | effect |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const auto& r : t.rows)
    s += "| " + number_text(r.number) + "h | `" + t.name + "." + r.name + "` " + r.sentence + " | `" + r.args + "` | " +
         (r.returns.empty() ? "" : "`" + r.returns + "`") + " | " + r.permission + " | `" + r.access + "` | " + std::to_string(r.gas) +
         " | " + r.effect + " |\n";
  if (!t.records.empty()) s += "\n| struct | fields |\n| --- | --- |\n";
  for (const auto& r : t.records) s += std::string("| `") + r.name + "` | `" + escaped(r.fields) + "` |\n";
  return s;
}

}  // namespace

std::string syscalls_json() {
  std::string s = "{\n  \"v\": 1,\n  \"calls\": [";
  bool first = true;
  for (const auto& t : system_tables())
    for (const auto& r : t.rows) {
      s += first ? "\n" : ",\n";
      first = false;
      s += "    {\"number\": " + quoted(number_text(r.number)) + ", \"module\": " + quoted(t.name) +
           ", \"module_number\": " + std::to_string(t.number) + ", \"name\": " + quoted(r.name) + ",\n     \"args\": " + quoted(r.args) +
           ",\n     \"returns\": " + quoted(r.returns) + ", \"permission\": " + quoted(r.permission) +
           ",\n     \"access\": " + quoted(r.access) + ",\n     \"gas\": \"" + std::to_string(r.gas) +
           "\", \"effect\": " + quoted(r.effect) + ", \"sentence\": " + quoted(r.sentence) + "}";
    }
  s += "\n  ],\n  \"records\": {";
  bool first_module = true;
  for (const auto& t : system_tables()) {
    if (t.records.empty()) continue;
    s += std::string(first_module ? "\n" : ",\n") + "    " + quoted(t.name) + ": {";
    first_module = false;
    for (std::size_t i = 0; i < t.records.size(); ++i)
      s += std::string(i == 0 ? "\n" : ",\n") + "      " + quoted(t.records[i].name) + ": " + quoted(t.records[i].fields);
    s += "\n    }";
  }
  return s + "\n  }\n}\n";
}

std::string calls_markdown(const std::string& present) {
  std::string out = present;
  for (const auto& t : system_tables()) {
    const std::string begin = "<!-- table " + t.name + " -->\n", end = "<!-- end " + t.name + " -->\n";
    const auto a = out.find(begin), b = out.find(end);
    if (a == std::string::npos || b == std::string::npos || b < a) return "docs/spec/calls.md has no place for the table of " + t.name;
    out.replace(a + begin.size(), b - a - begin.size(), table_text(t));
  }
  return out;
}

}  // namespace dos::modules
