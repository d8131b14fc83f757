#include "ledger/module_rules.hpp"

#include <gtest/gtest.h>

namespace dos::ledger {
namespace {

std::optional<Hash> nothing(BytesView) { return std::nullopt; }
Status no_path(const PathItem&, PathReader&) { return {}; }

TEST(ModuleRules, are_checked_before_a_chain_runs_by_them) {
  const SystemRules good{{.number = 1, .name = "a", .read_path = no_path},
                         {.number = 3, .name = "b", .content = ContentRule{Bytes{1}, nothing}}};
  EXPECT_TRUE(check_rules(good));
  EXPECT_FALSE(check_rules({}));
  auto bad = good;
  bad[1].number = 1;
  EXPECT_FALSE(check_rules(bad)) << "two rows of one module";
  bad = good;
  bad[1].content->blob_of = nullptr;
  EXPECT_FALSE(check_rules(bad)) << "content that nothing names";
  bad = good;
  bad[1].content->prefix.clear();
  EXPECT_FALSE(check_rules(bad)) << "every record names content";
  bad = good;
  bad[1].read_path = no_path;
  EXPECT_FALSE(check_rules(bad)) << "two ways along a path";
}

}  // namespace
}  // namespace dos::ledger
