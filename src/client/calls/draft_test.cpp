#include "client/calls/draft.hpp"

#include <gtest/gtest.h>

namespace dos::client {
namespace {

// Beyond what any purse pays, and still no small number.
TEST(Draft, the_rent_of_many_calls_together_stays_above_that_of_each) {
  ledger::Params params;
  Draft draft;
  std::uint64_t before = 0;
  for (int i = 0; i < 6; ++i) {
    draft.add_rent(UINT64_MAX, UINT64_MAX, params);
    EXPECT_GE(draft.tx.limits.rent.value, before);
    before = draft.tx.limits.rent.value;
  }
  EXPECT_GE(before, UINT64_MAX / 4);
}

}  // namespace
}  // namespace dos::client
