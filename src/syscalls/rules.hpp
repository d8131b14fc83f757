// The rules of all system modules that have some (modules/NAME/rules.hpp), for who starts a node.
#pragma once
#include "ledger/module_rules.hpp"

namespace dos::syscalls {

ledger::SystemRules system_rules();

}  // namespace dos::syscalls
