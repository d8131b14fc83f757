// System calls by their tables: arguments as text, accesses from the row's template (ledger/call_table.hpp).
#pragma once
#include "cli/command.hpp"
#include "client/submit.hpp"
#include "ledger/call_table.hpp"

namespace dos::cli {

struct FoundCall {
  std::string module;
  std::uint16_t module_number = 0;
  ledger::CallRow row;
};
std::vector<FoundCall> all_calls();                             // of the modules of this build
Result<FoundCall> find_call(std::string_view name);             // "credit.pay", "3C"; no_such_call
// Calls whose arguments are texts, numbers, ids and names. not_in_release for rows with structs: their commands make those.
Result<client::Draft> draft_call(const FoundCall& call, const std::vector<std::string>& args, const std::string& sender);

}  // namespace dos::cli
