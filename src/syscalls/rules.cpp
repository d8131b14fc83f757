#include "syscalls/rules.hpp"

#include <algorithm>
#include <string_view>

#include "modules/all_rules.hpp"  // made by cmake/modules.cmake: every modules/NAME/rules.hpp, and DOS_MODULES_WITH_RULES
#include "modules/system.hpp"

namespace dos::syscalls {

ledger::SystemRules system_rules() {
  ledger::SystemRules all;
  const auto add = [&](std::string_view name, ledger::ModuleRules rules) {
    for (const auto& m : modules::kSystemModules)
      if (m.name == name) {
        rules.number = m.number;
        rules.name = name;
        all.push_back(std::move(rules));
      }
  };
#define DOS_ROW(name) add(#name, name::rules());
  DOS_MODULES_WITH_RULES(DOS_ROW)
#undef DOS_ROW
  std::ranges::sort(all, {}, &ledger::ModuleRules::number);
  return all;
}

}  // namespace dos::syscalls
