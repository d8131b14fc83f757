// Every state that the voting rules can reach in a small scope: four members of which one lies, few views, all views led by
// the liar, all blocks there from the start, and everybody free to know every vote (rules.hpp says why that loses nothing).
// A node may vote in any view at any time, as if it lost power and its place between any two votes: what binds it is only
// what it signed. So a state is the set of votes signed, and each step adds one.
#pragma once
#include <cstdint>

#include "rules.hpp"

namespace dos::model {

struct Scope {
  Rules rules;
  Tree tree;
  int views = 3;
};
struct Explored {
  std::uint64_t states = 0, steps = 0, with_final = 0;
  bool split = false;  // two blocks that may be final off one chain
  bool two_in_a_view = false;  // two blocks with N in one view
  bool final_and_null = false;  // F and Z for one view
};
// Nodes of equal stake are interchangeable: of states that differ by their order one is looked at. Stops at a split.
Explored explore(const Scope& scope);

// Blocks for L = 1: two in view 1, then in each view one on every parent that can matter (what could be built on the second
// block of view 1 is what is built on the first, under another name).
Tree small_tree(int views);
// Inside a term a block stands on the view before; a term may start on any earlier block.
Tree term_tree(int views, int length);

}  // namespace dos::model
