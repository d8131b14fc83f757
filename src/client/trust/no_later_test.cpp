#include "client/trust/no_later.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace dos::client {
namespace {

using Clock = std::chrono::steady_clock;

TEST(NoLater, gives_what_the_work_gives) {
  EXPECT_EQ(no_later(Clock::now() + std::chrono::hours(1), [] { return 7; }), 7);
}

TEST(NoLater, work_that_does_not_end_is_left_to_itself) {
  const auto held = std::make_shared<std::promise<void>>();
  const auto ended = std::make_shared<std::promise<int>>();
  auto later = ended->get_future();
  EXPECT_FALSE(no_later(Clock::now(), [held, ended] {
    held->get_future().wait();
    ended->set_value(7);
    return 7;
  }));
  held->set_value();
  EXPECT_EQ(later.get(), 7);
}

}  // namespace
}  // namespace dos::client
