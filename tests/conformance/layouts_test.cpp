// The tables say everything, and what is generated from them is current. DOS_BLESS=1 (./dev bless) writes it anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "consensus/journal_records.hpp"
#include "syscalls/syscalls.hpp"
#include "tests/conformance/page.hpp"

namespace dos::consensus {

constexpr bool valid(RecordKind::Kind kind) { return kind >= RecordKind::boot && kind <= RecordKind::gate; }

}  // namespace dos::consensus

namespace dos::conformance {
namespace {

TEST(Layouts, layouts_are_current) {
  const auto all = tables();
  EXPECT_TRUE(blessed("docs/spec/layouts.md", page(all, read_text("docs/spec/layouts.md"))))
      << "docs/spec/layouts.md is not what DOS_FIELDS say: ./dev bless writes it again";
  EXPECT_TRUE(blessed("abi/layouts.json", json(all))) << "abi/layouts.json is not what DOS_FIELDS say: ./dev bless writes it again";
}

TEST(Layouts, every_struct_and_enumeration_stands_once) {
  const auto all = tables();
  const auto known = layouts(all);
  EXPECT_EQ(known.clashes, std::vector<std::string>{});
  std::multiset<std::string> rows;
  for (const auto& t : all)
    for (const auto& f : t.rows) rows.insert(f.name);
  for (const auto& [name, row] : known.structs) EXPECT_EQ(rows.count(name), 1u) << name;
  for (const auto& [name, row] : known.enums) EXPECT_FALSE(row.values.empty()) << name;
  for (const auto& t : all)
    for (const auto& u : t.uses) EXPECT_EQ(rows.count(u.structure), 1u) << u.what;
}

std::vector<std::string> field_names(std::string_view args) {  // of "dir:id ring:opt<struct RingEpoch>"
  std::vector<std::string> out;
  std::string word;
  int deep = 0;
  bool type = false;
  for (const char c : args) {
    deep += c == '<' ? 1 : c == '>' ? -1 : 0;
    if (c == ':' && deep == 0) out.push_back(std::exchange(word, "")), type = true;
    else if (c == ' ' && deep == 0 && type && word != "struct") word.clear(), type = false;
    else word += c;
  }
  return out;
}

TEST(Layouts, every_system_call_has_its_arguments) {
  const auto all = tables();
  const auto known = layouts(all);
  std::map<std::string, std::string> structs;
  for (const auto& t : all)
    for (const auto& u : t.uses) structs[u.what] = u.structure;
  for (const auto& module : syscalls::tables())
    for (const auto& call : module.rows) {
      const auto at = structs.find(module.name + "." + call.name);
      ASSERT_NE(at, structs.end()) << module.name << "." << call.name;
      std::vector<std::string> names;
      for (const auto& f : known.structs.at(at->second).fields) names.push_back(f.first);
      EXPECT_EQ(names, field_names(call.args)) << module.name << "." << call.name;
    }
}

TEST(Layouts, every_journal_record_has_its_structure) {
  const auto all = tables();
  const auto journal = std::ranges::find(all, "journal", &Table::file)->uses;
  const auto kinds = enumerators<consensus::RecordKind::Kind>();
  ASSERT_EQ(journal.size(), kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(journal[i].what, kinds[i].second);
    EXPECT_EQ(journal[i].number, std::to_string(kinds[i].first));
  }
}

}  // namespace
}  // namespace dos::conformance
