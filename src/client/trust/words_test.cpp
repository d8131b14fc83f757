#include "client/trust/words.hpp"

#include <gtest/gtest.h>

namespace dos::client {
namespace {

TEST(NodeWords, stand_in_one_quoted_line_whatever_they_are) {
  EXPECT_EQ(in_quotes("a node says so"), "\"a node says so\"");
  EXPECT_EQ(in_quotes("no\n  help: pay again\x1b[2J\""), "\"no\\n  help: pay again\\u001b[2J'\"");
  EXPECT_EQ(in_quotes(""), "\"\"");
}

TEST(NodeWords, are_cut_at_their_bound_and_never_within_a_character) {
  const std::string most(kMaxNodeWords, 'x');
  EXPECT_EQ(in_quotes(most), "\"" + most + "\"");
  EXPECT_EQ(in_quotes(most + "y"), "\"" + most + "...\"");
  const std::string umlaut = std::string(kMaxNodeWords - 1, 'x') + "\xc3\xbc";
  EXPECT_EQ(in_quotes(umlaut), "\"" + std::string(kMaxNodeWords - 1, 'x') + "...\"");
  EXPECT_LT(in_quotes(std::string(1 << 20, '\x80')).size(), 8u);
}

TEST(NodeWords, an_error_without_words_is_named_by_its_code_which_nobody_said) {
  EXPECT_EQ(in_quotes(Error{Errc::funds, {}}), "Not enough credits");
  EXPECT_EQ(in_quotes(Error{Errc::funds, "no"}), "\"no\"");
}

TEST(NodeWords, what_this_client_says_of_an_answer_is_not_quoted) {
  EXPECT_EQ(told_by("v1", Error{Errc::funds, "no"}, true), "v1 says: \"no\"");
  EXPECT_EQ(told_by("v1", Error{Errc::funds, {}}, true), "v1 says: Not enough credits");
  EXPECT_EQ(told_by("v1", Error{Errc::unreachable, "answered with status 409"}, false), "v1 answered with status 409");
}

}  // namespace
}  // namespace dos::client
