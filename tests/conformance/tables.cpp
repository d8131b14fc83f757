#include "tests/conformance/tables.hpp"

#include <set>

namespace dos::conformance {

std::vector<Table> tables() {
  std::vector<Table> out;
  for (auto make : {ledger_tables, module_tables, node_tables, client_tables})
    for (auto& t : make()) out.push_back(std::move(t));
  std::set<std::string> listed;
  for (const auto& t : out)
    for (const auto& f : t.rows) listed.insert(f.name);
  for (auto& t : out) {
    Layouts reached;
    for (const auto& f : t.rows) f.add(reached);
    for (const auto& f : reached.formats)
      if (listed.insert(f.name).second) t.rows.push_back(f);
  }
  return out;
}

}  // namespace dos::conformance
