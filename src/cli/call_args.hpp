// System calls by their tables: which there are, their arguments as text, their accesses from the row's template
// (ledger/call_table.hpp, docs/spec/calls.md).
#pragma once
#include "cli/call_value.hpp"
#include "ledger/call_table.hpp"

namespace dos::cli {

struct FoundCall {
  std::string module;
  std::uint16_t module_number = 0;
  ledger::CallRow row;
  Records records;  // of its module
  std::string full_name() const { return module + "." + row.name; }
  std::string number_text() const;  // "C0"
};
std::vector<FoundCall> all_calls();  // of the modules of this build, by the modules' numbers, in the order of their tables
Result<FoundCall> find_call(std::string_view name);  // "credit.pay", "C0"; no_such_call

Json call_json(const FoundCall& call);  // the row, and the structs that its arguments name

struct CallSetting {
  std::string sender;
  ValueSource source;
  std::function<Result<std::optional<client::StoredObject>>(BytesView key)> find;
  std::string accesses;  // beside the row's template, in its notation
};
// One argument a field of the row, in its order. usage names the argument that is wrong, with its type.
Result<client::Draft> draft_call(const FoundCall& call, const std::vector<std::string>& args, const CallSetting& setting);
// What the call returned, by the names of the row.
Result<Json> show_returns(const FoundCall& call, BytesView returned);

}  // namespace dos::cli
