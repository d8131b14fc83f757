#include "base/edit_distance.hpp"

#include <gtest/gtest.h>

namespace dos {
namespace {

TEST(EditDistance, counts_letters_put_in_taken_out_or_changed) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("threds", "threads"), 1u);
}

}  // namespace
}  // namespace dos
