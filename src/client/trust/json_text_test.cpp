#include "client/trust/json_text.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace dos::client {
namespace {

std::string nested(unsigned depth, const char* open, const char* close, const std::string& inside = "") {
  std::string out;
  for (unsigned i = 0; i < depth; ++i) out += open;
  out += inside;
  for (unsigned i = 0; i < depth; ++i) out += close;
  return out;
}

Errc refused(std::string_view text, std::size_t max = 1 << 26) {
  const auto j = parse_json(text, max, "it");
  return j ? Errc{} : j.error().code;
}

TEST(JsonText, depth_is_bounded_and_a_deep_text_costs_no_stack) {
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth, "[", "]"), 1 << 20, "it"));
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth, "{\"a\":", "}", "1"), 1 << 20, "it"));
  EXPECT_EQ(refused(nested(kMaxJsonDepth + 1, "[", "]")), Errc::limit);
  EXPECT_EQ(refused(nested(kMaxJsonDepth + 1, "{\"a\":", "}", "1")), Errc::limit);
  EXPECT_EQ(refused(nested(kMaxJsonDepth / 2 + 1, "[{\"a\":", "}]", "1")), Errc::limit);
  for (const auto* open : {"[", "{\"a\":", "[{\"a\":[", "[1,"}) EXPECT_EQ(refused(nested(3'000'000, open, "")), Errc::limit) << open;
  EXPECT_EQ(refused(nested(3'000'000, "[", "]")), Errc::limit);
  EXPECT_TRUE(parse_json("[" + nested(100'000, "[],", "") + "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]", 1 << 20,
                         "it"));  // beside, and in a text
}

TEST(JsonText, size_is_bounded) {
  EXPECT_TRUE(parse_json("[1,2]", 5, "it"));
  EXPECT_EQ(refused("[1,2]", 4), Errc::limit);
}

TEST(JsonText, what_is_no_json_or_says_two_things_is_refused) {
  for (const auto* text : {"", " ", "[", "]", "{\"a\"}", "nul", "[1,]", "\"\xff\"", "1e999", "[1] x", "{\"a\":1,\"a\":2}",
                           "{\"a\":{\"b\":1,\"b\":1}}", "{\"\":1,\"\":1}"})
    EXPECT_EQ(refused(text), Errc::malformed) << text;
  const auto j = parse_json(R"({"b":[1,"x"],"a":{"b":null}})", 1 << 20, "it");
  ASSERT_TRUE(j);
  EXPECT_EQ(j->at("b").at(1), "x");
  EXPECT_EQ(parse_json("[", 9, "net.json").error().detail, "net.json is not JSON");
}

}  // namespace
}  // namespace dos::client
