#include "walk.hpp"

#include <algorithm>

namespace dos::model {

Walk::Walk(Rules rules, int views, std::uint64_t seed, Keep keep) : world(std::move(rules), views, keep), dice(seed) {
  for (int t = 0; t <= world.rules.term(views); ++t) leader.push_back(dice.one_in(2) ? any_honest() : -1);
  timeout_percent = dice.one_in(3) ? 20 : dice.one_in(2) ? 60 : 4;
  skewed = dice.one_in(4);
}

int Walk::any_honest() {
  for (;;)
    if (const int i = dice.below(world.rules.stakes.members()); world.honest(i)) return i;
}

int Walk::near(int view, int below, int above) { return std::clamp(view - below + dice.below(below + above + 1), 1, world.views); }

void Walk::run(int steps) {
  for (int s = 0; s < steps; ++s) step();
}

void Walk::step() {
  const int i = any_honest();
  const int cur = world.nodes[std::size_t(i)].own.cur;
  if (one_in_wipes != 0 && dice.one_in(one_in_wipes)) {
    world.wipe(i);
    ++wipes;
  }
  if (world.nodes[std::size_t(i)].quarantined && dice.one_in(8)) leave_quarantine(i);
  const bool syncs = world.nodes[std::size_t(i)].unsynced != 0;
  if (syncs ? dice.percent(power_cuts_in_a_sync) : dice.below(1000) < power_cuts_in_a_thousand)
    forget_view ? world.lose_power(i) : world.restart(i);
  if (syncs && !dice.one_in(4)) return;  // a write takes as long as some steps of others
  world.sync(i);

  const int action = dice.below(100);
  if (action < 40) {
    const int j = any_honest();
    if (skewed && ((i ^ j) & 1) && !dice.one_in(8)) return;
    world.hear(i, j, near(cur, 3, 4), dice.one_in(2));
  } else if (action < 54) {
    vote_final(i);
  } else if (action < 60) {
    world.enter_by_nullified(i);
  } else if (action < 63) {
    if (dice.percent(timeout_percent)) world.nullify(i);
  } else if (action < 74) {
    propose_something(i);
  } else if (action < 78) {
    for (const int b : world.tree.of_view(near(cur, 4, 2)))
      if (world.learn_final(i, b)) break;
  } else {
    vote_notar(i);
  }
}

void Walk::vote_final(int i) {
  const int cur = world.nodes[std::size_t(i)].own.cur;
  for (const int b : world.tree.of_view(near(cur, dice.one_in(3) ? 8 : 2, 2))) {
    if (!world.certified(i, b)) continue;
    // A block is certified before it is executed, so the view is mostly left before FINAL, and always when it lies ahead.
    if (world.tree.blocks[std::size_t(b)].view > cur || !dice.one_in(3)) world.enter_by_notarized(i, b);
    if (world.tree.blocks[std::size_t(b)].view > world.nodes[std::size_t(i)].own.cur) return;  // the last view: no way on
    if (!dice.one_in(4)) world.finalize(i, b);
    return;
  }
}

void Walk::vote_notar(int i) {
  const auto& blocks = world.tree.of_view(world.nodes[std::size_t(i)].own.cur);
  if (!blocks.empty()) world.notarize(i, blocks[std::size_t(dice.below(int(blocks.size())))]);
}

void Walk::propose_something(int i) {
  const auto& rules = world.rules;
  const int view = world.nodes[std::size_t(i)].own.cur, leads = leader[std::size_t(rules.term(view))];
  if (leads >= 0) {
    std::vector<int> parents;
    for (int p = view - 1; p >= std::max(0, view - 2 * rules.length - 2); --p)
      parents.insert(parents.end(), world.tree.of_view(p).begin(), world.tree.of_view(p).end());
    for (const int p : parents)
      if (world.propose(leads, view, p) != 0) return;
  } else if (world.tree.of_view(view).size() < 3) {
    const bool starts = view == rules.start(view);
    const int back = starts ? dice.below(2 * rules.length + 1) : dice.one_in(8) ? dice.below(3) : 0;
    const auto& parents = world.tree.of_view(std::max(0, view - 1 - back));
    if (!parents.empty()) world.add_block({view, parents[std::size_t(dice.below(int(parents.size())))], !dice.one_in(6)});
  }
}

void Walk::leave_quarantine(int i) {
  const auto& stakes = world.rules.stakes;
  // Who answers: liars, with nothing; then honest ones in any order until they are a strong set (or, wrongly, a weak one).
  Mask answered = stakes.liars();
  const auto enough = [&](Mask set) { return bound == Bound::answers_of_a_weak_set ? stakes.weak(set) : stakes.strong(set); };
  std::vector<int> others;
  for (int j = 0; j < stakes.members(); ++j) {
    if (j == i || !world.honest(j) || world.nodes[std::size_t(j)].quarantined) continue;
    const auto& own = world.nodes[std::size_t(j)].own;
    if (bound != Bound::returning_nodes_answer && own.cur <= own.floor) continue;  // still below what it may have signed
    others.insert(others.begin() + dice.below(int(others.size()) + 1), j);
  }
  Node& node = world.nodes[std::size_t(i)];
  int top = 1;
  for (const int j : others) {
    if (enough(answered)) break;
    answered |= Mask{1} << j;
    top = std::max(top, world.nodes[std::size_t(j)].own.cur);
    for (std::size_t b = 0; b < node.heard.notar.size(); ++b) {  // with the evidence by which it entered
      node.heard.notar[b] |= world.nodes[std::size_t(j)].heard.notar[b];
      node.heard.final[b] |= world.nodes[std::size_t(j)].heard.final[b];
    }
    for (std::size_t v = 0; v < node.heard.null.size(); ++v) node.heard.null[v] |= world.nodes[std::size_t(j)].heard.null[v];
  }
  if (!enough(answered)) return;
  const auto& rules = world.rules;
  // A node may have left a term by a Z whose voters stood in its first view: so with terms, the end of the next one. And who
  // voted in the view before may have lost the record of it, if it led that view.
  int floor = world.headers_ahead ? top + 2 : rules.end(rules.end(top) + 1);
  if (bound == Bound::one_too_low) floor = world.headers_ahead ? top + 1 : rules.end(top);
  floor = std::max(node.own.floor, std::min(floor, world.views));
  node.own.floor = floor;
  node.own.cur = 1;
  node.quarantined = false;
  ++returns;
  if (world.highest_signed(i) > floor) ++bound_broken;
}

}  // namespace dos::model
