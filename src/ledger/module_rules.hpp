// What a node does natively for the system modules, beside running their code. Each module says it of itself in modules/NAME/rules.hpp,
// src/syscalls puts the rows together, and who starts a node hands them in: kernel, chain and node know no module.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ledger/call_table.hpp"
#include "ledger/object.hpp"

namespace dos::ledger {

// Which records keep content that lies in a blob, each until its storage ends.
struct ContentRule {
  Bytes prefix;                                              // of the keys of such records
  std::optional<Hash> (*blob_of)(BytesView data) = nullptr;  // what one of them names; none: its content lies elsewhere
};

struct GenesisObject {  // permanent, of height 0
  Bytes key;
  Lock lock;
  Bytes meta, data;
};

struct Genesis;
struct PathItem;
class PathReader;

struct ModuleRules {
  std::uint16_t number = 0;
  std::string name;
  std::vector<CallSpec> open_to_bare_keys;  // calls that a key without an account may make
  bool may_debit = false;                   // judges who may spend from a purse, so it may take from one
  std::optional<ContentRule> content;
  Status (*read_path)(const PathItem& item, PathReader& reader) = nullptr;  // of the module that has paths
  std::vector<GenesisObject> (*genesis)(const Genesis& genesis) = nullptr;  // of its own that a chain begins with
};
using SystemRules = std::vector<ModuleRules>;  // ascending by number; a module without rules has no row
Status check_rules(const SystemRules& rules);  // internal: there are none, or they contradict one another

// A row of a call table by its number; does not compile if there is none.
template <std::size_t N>
consteval const CallSpec& row_of(const CallSpec (&specs)[N], std::uint16_t number) {
  std::size_t at = 0;
  while (specs[at].number != number) ++at;
  return specs[at];
}

}  // namespace dos::ledger
