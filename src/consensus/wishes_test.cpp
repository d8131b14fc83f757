#include "consensus/wishes.hpp"

#include <gtest/gtest.h>

namespace dos::consensus {
namespace {

TEST(Wishes, are_heard_once_in_their_time_and_what_was_saved_up_at_once) {
  Wishes w;
  EXPECT_TRUE(w.take(1'000, 100));
  EXPECT_FALSE(w.take(1'099, 100));
  EXPECT_TRUE(w.take(1'100, 100));
  EXPECT_FALSE(w.take(1'101, 100));
  w.left = 2;
  EXPECT_TRUE(w.take(1'102, 100));
  EXPECT_TRUE(w.take(1'103, 100));
  EXPECT_FALSE(w.take(1'104, 100));
}

}  // namespace
}  // namespace dos::consensus
