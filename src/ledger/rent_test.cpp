#include "ledger/rent.hpp"

#include <gtest/gtest.h>

namespace dos::ledger {
namespace {

constexpr std::uint64_t kMib = 1 << 20, kYearMs = 31'536'000'000;

void expect_rent(std::uint64_t price, std::uint64_t bytes, std::uint64_t ms, std::uint64_t whole, bool part) {
  Params params;
  params.rent_per_mib_year = price;
  const auto rent = rent_for(params, bytes, ms);
  EXPECT_EQ(rent.whole, whole) << bytes << " bytes, " << ms << " ms at " << price;
  EXPECT_EQ(rent.part_of_one, part) << bytes << " bytes, " << ms << " ms at " << price;
}

TEST(Rent, is_bytes_times_time_and_what_is_left_of_a_division) {
  expect_rent(1'000'000, kMib, kYearMs, 1'000'000, false);
  expect_rent(1'000'000, kMib, kYearMs + 1, 1'000'000, true);
  expect_rent(1'000'000, 1, 1, 0, true);
  expect_rent(1'000'000, 0, kYearMs, 0, false);
  expect_rent(0, kMib, kYearMs, 0, false);
  expect_rent(3, kMib / 2, kYearMs, 1, true);
}

TEST(Rent, that_no_number_holds_is_the_largest) {
  constexpr std::uint64_t most = UINT64_MAX;
  expect_rent(most, kMib, kYearMs, most, false);
  expect_rent(most, kMib, kYearMs - 1, most - 584'942'418, true);
  expect_rent(most, kMib, kYearMs + 1, most, false);
  expect_rent(most, most, most, most, false);
  expect_rent(2, most, most, most, false);
}

}  // namespace
}  // namespace dos::ledger
