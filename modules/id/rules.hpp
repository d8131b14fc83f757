// What a node does natively for the module `id`.
#pragma once
#include "ledger/module_rules.hpp"
#include "modules/id/calls.hpp"

namespace dos::id {

inline ledger::ModuleRules rules() { return {.open_to_bare_keys = {ledger::row_of(kCalls, kNew)}}; }

}  // namespace dos::id
