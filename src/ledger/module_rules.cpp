#include "ledger/module_rules.hpp"

namespace dos::ledger {

Status check_rules(const SystemRules& rules) {
  const auto bad = [](const std::string& why) { return fail(Errc::internal, "the rules of modules: " + why); };
  if (rules.empty()) return bad("there are none");
  bool paths = false;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& m = rules[i];
    if (i > 0 && m.number <= rules[i - 1].number)
      return bad(m.name + " stands behind " + rules[i - 1].name + ", which has no lesser number");
    if (m.content && (m.content->blob_of == nullptr || m.content->prefix.empty()))
      return bad(m.name + " does not say what names its content");
    if (m.read_path != nullptr && std::exchange(paths, true)) return bad(m.name + " is not the only one that has paths");
  }
  return {};
}

}  // namespace dos::ledger
