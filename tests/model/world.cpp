#include "world.hpp"

#include <algorithm>
#include <utility>

namespace dos::model {

World::World(Rules r, int v, Keep k)
    : rules(std::move(r)),
      views(v),
      keep(k),
      headers_ahead(rules.length == 1),
      signed_votes(kMaxBlocks, v + 2),
      available(rules.stakes.liars()) {
  Node fresh;
  fresh.own = Own(views + 2, rules.term(views + 1) + 2);
  fresh.heard = fresh.kept = Heard(kMaxBlocks, views + 2);
  fresh.left_by.assign(std::size_t(views) + 2, 0);
  nodes.assign(std::size_t(rules.stakes.members()), fresh);
}

int World::add_block(Block block) { return int(tree.blocks.size()) < kMaxBlocks ? tree.add(block) : 0; }

bool World::notarized(int i, int block) {
  Node& node = nodes[std::size_t(i)];
  if (final_counts_as_notarized && tree.extends(node.tip, block)) return true;
  if (!rules.notarized(tree, node.heard, available, block)) return false;
  if (block != 0 && !rules.notarized(tree, node.heard, 0, block)) {  // it rests on liars' votes: it holds them now
    const int view = tree.blocks[std::size_t(block)].view;
    for (int later = view; later <= rules.end(view); ++later)
      for (const int d : tree.of_view(later))
        if (tree.extends(d, block) && rules.explicitly_notarized(node.heard, available, d)) {
          node.heard.notar[std::size_t(d)] |= available;
          return true;
        }
  }
  return true;
}

bool World::nullified(int i, int view) {
  Node& node = nodes[std::size_t(i)];
  if (!rules.nullified(node.heard, available, view)) return false;
  if (!rules.nullified(node.heard, 0, view)) node.heard.null[std::size_t(view)] |= available;
  return true;
}

bool World::gap_nullified(int i, int parent_view, int view) {
  for (int u = parent_view + 1; u < view; ++u)
    if (!nullified(i, u)) return false;
  return true;
}

bool World::certified(int i, int block) { return tree.good_chain(block) && notarized(i, block); }

void World::forget_old(Node& node) {
  if (rules.without != Without::old_records_kept) return;
  for (int view = 1; view <= views; ++view)
    if (rules.term(view) < rules.term(node.own.cur) - 1)
      node.own.notar[std::size_t(view)] = node.own.final[std::size_t(view)] = node.own.null_from[std::size_t(rules.term(view))] = 0;
}

void World::leave(int i, int from, int to, int block) {
  Node& node = nodes[std::size_t(i)];
  for (int view = from; view < to; ++view) node.left_by[std::size_t(view)] = block;
  node.own.cur = std::min(to, views);
  forget_old(node);
}

bool World::enter_by_notarized(int i, int block) {
  Node& node = nodes[std::size_t(i)];
  const int view = tree.blocks[std::size_t(block)].view;
  if (view < node.own.cur || view >= views || !certified(i, block)) return false;
  leave(i, node.own.cur, view + 1, block);
  return true;
}

bool World::enter_by_nullified(int i) {
  Node& node = nodes[std::size_t(i)];
  const int next = rules.end(node.own.cur) + 1;
  if (next > views || !nullified(i, node.own.cur)) return false;
  leave(i, node.own.cur, next, 0);
  return true;
}

void World::keep_left(Node& node, int before) {
  if (keep == Keep::own_votes_only) return;
  for (int view = node.own.floor + 1; view < before; ++view) {
    const auto b = std::size_t(node.left_by[std::size_t(view)]);
    if (b != 0) node.kept.notar[b] |= node.heard.notar[b];
    else
      for (int from = rules.start(view); from <= view; ++from) node.kept.null[std::size_t(from)] |= node.heard.null[std::size_t(from)];
  }
}

bool World::notarize(int i, int block) {
  Node& node = nodes[std::size_t(i)];
  const auto& b = tree.blocks[std::size_t(block)];
  if (b.view != node.own.cur || node.quarantined) return false;
  const int parent_view = tree.blocks[std::size_t(b.parent)].view;
  const bool parent = notarized(i, b.parent);
  if (b.view == rules.start(b.view) && parent) gap_nullified(i, parent_view, b.view);
  if (!rules.may_notarize(tree, node.heard, available, node.own, block, parent)) return false;
  const Mask me = Mask{1} << i;
  // Where it is unsure it takes back what it signed and others heard, and signs nothing new.
  if (b.view <= node.unsure && b.leader == i && rules.without != Without::unsure_views_are_passed &&
      (signed_votes.notar[std::size_t(block)] & me) == 0)
    return false;
  node.own.notar[std::size_t(b.view)] = block;
  for (auto* votes : {&node.heard, &signed_votes}) votes->notar[std::size_t(block)] |= me;
  if (headers_ahead && b.leader == i && b.view == node.signed_high + 1 && b.view > node.unsure) node.unsynced = block;
  else keep_notar(i, block);
  return true;
}

void World::keep_notar(int i, int block) {
  Node& node = nodes[std::size_t(i)];
  const auto& b = tree.blocks[std::size_t(block)];
  node.kept.notar[std::size_t(block)] |= Mask{1} << i;
  node.signed_high = std::max(node.signed_high, b.view);
  keep_left(node, b.view);
  if (keep != Keep::what_bears) return;
  node.kept.notar[std::size_t(b.parent)] |= node.heard.notar[std::size_t(b.parent)];
  for (int u = tree.blocks[std::size_t(b.parent)].view + 1; u < b.view; ++u)
    node.kept.null[std::size_t(u)] |= node.heard.null[std::size_t(u)];
}

void World::sync(int i) {
  if (const int block = std::exchange(nodes[std::size_t(i)].unsynced, 0); block != 0) keep_notar(i, block);
}

bool World::finalize(int i, int block) {
  Node& node = nodes[std::size_t(i)];
  if (node.quarantined || !rules.may_finalize(tree, node.own, block, notarized(i, block))) return false;
  const int view = tree.blocks[std::size_t(block)].view;
  const Mask me = Mask{1} << i;
  node.own.final[std::size_t(view)] = block;
  node.signed_high = std::max(node.signed_high, view);
  for (auto* votes : {&node.heard, &node.kept, &signed_votes}) votes->final[std::size_t(block)] |= me;
  keep_left(node, view);
  if (keep != Keep::own_votes_only) node.kept.notar[std::size_t(block)] |= node.heard.notar[std::size_t(block)];
  return true;
}

bool World::nullify(int i) {
  Node& node = nodes[std::size_t(i)];
  if (node.quarantined || !rules.may_nullify(node.own)) return false;
  const Mask me = Mask{1} << i;
  node.own.null_from[std::size_t(rules.term(node.own.cur))] = node.own.cur;
  node.signed_high = std::max(node.signed_high, node.own.cur);
  for (auto* votes : {&node.heard, &node.kept, &signed_votes}) votes->null[std::size_t(node.own.cur)] |= me;
  keep_left(node, node.own.cur);
  return true;
}

bool World::learn_final(int i, int block) {
  Node& node = nodes[std::size_t(i)];
  const int view = tree.blocks[std::size_t(block)].view;
  if (view <= node.own.floor || view >= views || !rules.finalized(node.heard, available, block)) return false;
  node.tip = block;  // durable, with its certificate, before anything at or below it is dropped
  node.own.floor = view;
  for (int v = 1; v <= view; ++v) node.own.notar[std::size_t(v)] = node.own.final[std::size_t(v)] = 0;
  for (int t = 0; rules.end(t * rules.length + 1) <= view; ++t) node.own.null_from[std::size_t(t)] = 0;
  for (int b = 1; b < int(tree.blocks.size()); ++b)
    if (tree.blocks[std::size_t(b)].view <= view) node.kept.notar[std::size_t(b)] = node.kept.final[std::size_t(b)] = 0;
  for (int v = 1; rules.end(v) <= view; ++v) node.kept.null[std::size_t(v)] = 0;
  if (view >= node.own.cur) leave(i, node.own.cur, view + 1, block);
  return true;
}

int World::propose(int i, int view, int parent) {
  const Node& node = nodes[std::size_t(i)];
  if (node.quarantined || view <= node.own.floor) return 0;
  if (view <= node.unsure) {
    if (rules.without != Without::unsure_views_are_passed || node.own.notar[std::size_t(view)] != 0) return 0;
  } else if (!tree.of_view(view).empty()) {
    return 0;  // one header a view, ever
  }
  if (view == rules.start(view)) {
    if (node.own.cur != view || !certified(i, parent)) return 0;
    if (!gap_nullified(i, tree.blocks[std::size_t(parent)].view, view)) return 0;
  } else if (node.own.cur < rules.start(view) || tree.blocks[std::size_t(parent)].view != view - 1 || !tree.good_chain(parent)) {
    return 0;
  }
  return add_block({view, parent, true, i});
}

void World::hear(int i, int j, int view, bool null_too) {
  Node& node = nodes[std::size_t(i)];
  const Mask from = Mask{1} << j;
  for (const int b : tree.of_view(view)) {
    node.heard.notar[std::size_t(b)] |= signed_votes.notar[std::size_t(b)] & from;
    node.heard.final[std::size_t(b)] |= signed_votes.final[std::size_t(b)] & from;
  }
  if (null_too) node.heard.null[std::size_t(view)] |= signed_votes.null[std::size_t(view)] & from;
}

void World::lose_power(int i) {
  Node& node = nodes[std::size_t(i)];
  node.heard = node.kept;
  // Not floor + 1: after a quarantine the floor lies above what evidence leads to.
  const int known = starts_at_floor ? node.own.floor : tree.blocks[std::size_t(node.tip)].view;
  node.own.cur = std::min(views, (rules.without == Without::floor_binds ? 0 : known) + 1);
  if (rules.without == Without::notar_survives_crash) std::ranges::fill(node.own.notar, 0);
  if (const int lost = std::exchange(node.unsynced, 0); lost != 0) node.own.notar[std::size_t(tree.blocks[std::size_t(lost)].view)] = 0;
  node.signed_high = std::max(node.signed_high, node.own.floor);
  node.unsure = headers_ahead ? node.signed_high + 1 : 0;
}

void World::restart(int i) {
  lose_power(i);
  const Mask liars = available;
  available = 0;
  for (bool moved = true; moved;) {
    moved = enter_by_nullified(i);
    for (int b = int(tree.blocks.size()) - 1; b > 0 && !moved; --b) moved = enter_by_notarized(i, b);
  }
  available = liars;
}

void World::wipe(int i) {
  Node& node = nodes[std::size_t(i)];
  const auto n = node.own.notar.size(), t = node.own.null_from.size();
  node = Node{Own(int(n), int(t)),
              Heard(kMaxBlocks, views + 2),
              Heard(kMaxBlocks, views + 2),
              std::vector<int>(std::size_t(views) + 2, 0),
              0,
              true,
              0,
              0,
              0};
}

int World::final_blocks() const {
  int count = 0;
  for (int b = 1; b < int(tree.blocks.size()); ++b) count += rules.finalized(signed_votes, rules.stakes.liars(), b);
  return count;
}

bool World::agreement() const {
  std::vector<int> finals;  // ascending by number; views may go up and down
  for (int b = 1; b < int(tree.blocks.size()); ++b)
    if (rules.finalized(signed_votes, rules.stakes.liars(), b)) finals.push_back(b);
  for (std::size_t a = 0; a < finals.size(); ++a)
    for (std::size_t b = a + 1; b < finals.size(); ++b) {
      const bool ordered = tree.blocks[std::size_t(finals[a])].view <= tree.blocks[std::size_t(finals[b])].view;
      if (!(ordered ? tree.extends(finals[b], finals[a]) : tree.extends(finals[a], finals[b]))) return false;
    }
  return true;
}

int World::highest_signed(int i) const {
  const Mask me = Mask{1} << i;
  int highest = 0;
  for (int b = 1; b < int(tree.blocks.size()); ++b)
    if ((signed_votes.notar[std::size_t(b)] | signed_votes.final[std::size_t(b)]) & me)
      highest = std::max(highest, tree.blocks[std::size_t(b)].view);
  for (int view = 1; view <= views; ++view)
    if (signed_votes.null[std::size_t(view)] & me) highest = std::max(highest, view);
  return highest;
}

}  // namespace dos::model
