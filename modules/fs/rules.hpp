// What a node does natively for the module `fs`.
#pragma once
#include "ledger/module_rules.hpp"
#include "modules/fs/calls.hpp"

namespace dos::fs {

inline ledger::ModuleRules rules() { return {.open_to_bare_keys = {ledger::row_of(kCalls, kHome)}}; }

}  // namespace dos::fs
