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

TEST(Problem, that_is_too_large_or_nested_too_deep_is_none) {
  const auto of = [](std::string text) { return problem_of({500, "", to_bytes(as_bytes(text))}, {}).code; };
  const std::string head = R"({"code":"DOS-E0401","detail":")";
  const auto filled = [&](std::size_t bytes) { return head + std::string(bytes - head.size() - 2, 'x') + "\"}"; };
  EXPECT_EQ(of(filled(kMaxProblemBytes)), Errc::not_found);
  EXPECT_EQ(of(filled(kMaxProblemBytes + 1)), Errc::unreachable);
  EXPECT_EQ(of(R"({"code":"DOS-E0401","x":)" + std::string(20'000, '[')), Errc::unreachable);
}

}  // namespace
}  // namespace dos::client
