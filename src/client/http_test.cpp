#include "client/http.hpp"

#include <gtest/gtest.h>

namespace dos::client {
namespace {

Error problem(const std::string& code) {
  return problem_of({404, "application/problem+json", to_bytes(as_bytes(R"({"code":")" + code + R"(","detail":"why"})"))}, {});
}

TEST(Problem, is_a_code_of_the_table_or_no_code_at_all) {
  EXPECT_EQ(problem("DOS-E0401").code, Errc::not_found);
  EXPECT_EQ(problem("DOS-E0401").detail, "why");
  for (const auto* unknown : {"DOS-E0000", "DOS-E0999", "DOS-E65536", "DOS-E65937", "DOS-E999999", "DOS-E04x1", "DOS-E", "0401", ""})
    EXPECT_EQ(problem(unknown).code, Errc::unreachable) << unknown;
}

}  // namespace
}  // namespace dos::client
