#include "modules/all_calls.hpp"  // made by cmake/modules.cmake: every modules/NAME/calls.hpp
#include "modules/system.hpp"
#include "tests/conformance/tables.hpp"

namespace dos::conformance {
namespace {

// The objects of modules; what is not named here has call arguments alone.
std::vector<Format> objects(std::string_view module) {
  if (module == "fs")
    return formats<fs::EntryMeta, fs::DirectoryMeta, fs::RevisionMeta, fs::Grant, fs::Content, fs::RingEpoch, fs::Envelope, fs::Source>();
  if (module == "msg") return formats<msg::MessageMeta>();
  return {};
}

template <class... Args, std::size_t N>
Table table(const std::string& module, const std::tuple<Args...>*, const ledger::CallSpec (&calls)[N]) {
  static_assert(sizeof...(Args) == N, "CallArgs has one struct for each row of kCalls");
  Table t{"Module " + module, module, "", objects(module), {}, ""};
  for (const auto& f : formats<Args...>()) {
    const auto& call = calls[t.uses.size()];
    t.rows.push_back(f);
    t.uses.push_back({f.name, module + "." + call.name, std::to_string(call.number)});
  }
  return t;
}

}  // namespace

std::vector<Table> module_tables() {
  std::vector<Table> out;
#define DOS_ROW(number, name) out.push_back(table(#name, static_cast<const name::CallArgs*>(nullptr), name::kCalls));
  DOS_SYSTEM_MODULES(DOS_ROW)
#undef DOS_ROW
  return out;
}

}  // namespace dos::conformance
