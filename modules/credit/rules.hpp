// What a node does natively for the module `credit`.
#pragma once
#include "ledger/module_rules.hpp"

namespace dos::credit {

inline ledger::ModuleRules rules() { return {.may_debit = true}; }

}  // namespace dos::credit
