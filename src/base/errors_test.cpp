#include "base/errors.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/result.hpp"

namespace dos {
namespace {

TEST(Errors, every_row_is_complete_and_its_number_and_name_are_its_own) {
  unsigned count = 0;
  const ErrorRow* rows = error_rows(count);
  std::set<unsigned> numbers;
  std::set<std::string> names;
  for (unsigned i = 0; i < count; ++i) {
    const auto& r = rows[i];
    EXPECT_TRUE(numbers.insert(unsigned(r.code)).second) << r.name;
    EXPECT_TRUE(names.insert(r.name).second) << r.name;
    EXPECT_GE(r.exit_code, 1) << r.name;
    EXPECT_LE(r.exit_code, 10) << r.name;
    EXPECT_GE(r.http_status, 400) << r.name;
    EXPECT_LT(r.http_status, 600) << r.name;
    EXPECT_GT(std::string(r.title).size(), 5u) << r.name;
    EXPECT_GT(std::string(r.remedy).size(), 5u) << r.name;
    EXPECT_EQ(&error_row(r.code), &r);
  }
}

// One text for every way to that error: a node's word that proves nothing, a fee that was paid, a command of several transactions.
TEST(Errors, no_remedy_says_what_only_a_proof_could) {
  unsigned count = 0;
  const ErrorRow* rows = error_rows(count);
  for (unsigned i = 0; i < count; ++i)
    for (const auto* claim : {"nothing was changed", "nothing changed", "nothing was stored", "nothing was paid"})
      EXPECT_FALSE(std::string(rows[i].remedy).contains(claim)) << rows[i].name;
}

TEST(Errors, an_unknown_number_is_an_internal_error) { EXPECT_EQ(error_row(Errc(9999)).code, Errc::internal); }

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::usage, "odd");
  return n / 2;
}
Result<int> quarter(int n) {
  DOS_ASSIGN(const int h, half(n));
  DOS_TRY(half(h));
  return h / 2;
}

TEST(Result, the_macros_hand_on_values_and_errors) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().detail, "odd");
  EXPECT_EQ(quarter(7).error().code, Errc::usage);
}

}  // namespace
}  // namespace dos
