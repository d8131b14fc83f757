#include "syscalls/syscalls.hpp"

#include <algorithm>
#include <cstdio>

#include "abi/host_table.hpp"
#include "ledger/blob.hpp"
#include "modules/all_calls.hpp"  // made by cmake/modules.cmake: every modules/NAME/calls.hpp
#include "modules/system.hpp"

namespace dos::syscalls {

std::vector<Table> tables() {
  std::vector<Table> all;
#define DOS_ROW(number, name) all.push_back({number, #name, ledger::call_rows(name::kCalls), name::kRecords});
  DOS_SYSTEM_MODULES(DOS_ROW)
#undef DOS_ROW
  std::ranges::sort(all, {}, &Table::number);
  return all;
}

ledger::GenesisModule genesis_module(const Table& table, BytesView wasm) {
  return {table.number, {table.name, ledger::blob_root_of(wasm), wasm.size(), abi::kHostAbi, codec::encode(table.rows)}};
}

Result<std::vector<ledger::GenesisModule>> genesis_modules(const std::function<Result<Bytes>(const std::string& name)>& wasm) {
  std::vector<ledger::GenesisModule> all;
  for (const auto& table : tables()) {
    DOS_ASSIGN(const auto code, wasm(table.name));
    all.push_back(genesis_module(table, code));
  }
  return all;
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

std::string table_text(const Table& t) {
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

std::string json() {
  std::string s = "{\n  \"v\": 1,\n  \"calls\": [";
  bool first = true;
  for (const auto& t : tables())
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
  for (const auto& t : tables()) {
    if (t.records.empty()) continue;
    s += std::string(first_module ? "\n" : ",\n") + "    " + quoted(t.name) + ": {";
    first_module = false;
    for (std::size_t i = 0; i < t.records.size(); ++i)
      s += std::string(i == 0 ? "\n" : ",\n") + "      " + quoted(t.records[i].name) + ": " + quoted(t.records[i].fields);
    s += "\n    }";
  }
  return s + "\n  }\n}\n";
}

std::string markdown(const std::string& present) {
  const auto mark = present.find(kTablesMark);
  if (mark == std::string::npos) return std::string("docs/spec/calls.md lacks the line ") + kTablesMark;
  std::string out = present.substr(0, mark) + kTablesMark;
  for (const auto& t : tables())
    out += "\n## " + t.name + " (module " + std::to_string(t.number) + "), see [" + t.name + ".md](../../modules/" + t.name + "/" + t.name +
           ".md)\n\n" + table_text(t);
  return out;
}

}  // namespace dos::syscalls
