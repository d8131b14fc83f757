// All states of small scopes, none left out: agreement, one notarized block a view, never F and Z for one view.
#include "exhaustive.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "effort.hpp"

namespace dos::model {
namespace {

Explored tell(const Scope& scope) {
  const Explored e = explore(scope);
  std::printf("%s, L = %d, %d views, %zu blocks: %llu states, %llu steps, %llu states with a final block\n",
              scope.rules.stakes.name().c_str(), scope.rules.length, scope.views, scope.tree.blocks.size() - 1,
              (unsigned long long)e.states, (unsigned long long)e.steps, (unsigned long long)e.with_final);
  return e;
}
void expect_safe(const Scope& scope, std::uint64_t at_least) {
  const Explored e = tell(scope);
  EXPECT_FALSE(e.split);
  EXPECT_FALSE(e.two_in_a_view);
  EXPECT_FALSE(e.final_and_null);
  EXPECT_GT(e.states, at_least) << "the search did not go where it should";
  EXPECT_GT(e.with_final, at_least / 20);
}
TEST(Exhaustive, one_view_a_term_two_views) { expect_safe({{equal(4), 1}, small_tree(2), 2}, 1000); }
TEST(Exhaustive, one_view_a_term_three_views) { expect_safe({{equal(4), 1}, small_tree(3), 3}, 1000000); }
TEST(Exhaustive, a_lying_whale) {  // no two nodes are interchangeable: six times as many states
  expect_safe({{lying_whale(), 1}, small_tree(2), 2}, 10000);
  if (runs(1) > 1) expect_safe({{lying_whale(), 1}, small_tree(3), 3}, 1000000);
}
TEST(Exhaustive, two_views_a_term_three_views) { expect_safe({{equal(4), 2}, term_tree(3, 2), 3}, 100000); }
void expect_split(Without without, int length, int views) {
  EXPECT_TRUE(tell({{equal(4), length, without}, length == 1 ? small_tree(views) : term_tree(views, length), views}).split);
}
TEST(ExhaustiveSees, each_rule_that_is_taken_away) {
  for (const auto without : {Without::final_respects_null, Without::null_respects_final, Without::gap_is_nullified,
                             Without::notar_survives_crash, Without::floor_binds})
    expect_split(without, 1, 2);
  expect_split(Without::old_records_kept, 1, 3);
  for (const auto without : {Without::null_covers_rest, Without::parent_in_term_is_known}) expect_split(without, 2, 3);
}

}  // namespace
}  // namespace dos::model
