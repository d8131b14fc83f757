#include "rules.hpp"

namespace dos::model {

int Tree::add(Block block) {
  if (int(at.size()) <= block.view) at.resize(std::size_t(block.view) + 1);
  blocks.push_back(block);
  at[std::size_t(block.view)].push_back(int(blocks.size()) - 1);
  return int(blocks.size()) - 1;
}
const std::vector<int>& Tree::of_view(int view) const {
  static const std::vector<int> none;
  return view < int(at.size()) ? at[std::size_t(view)] : none;
}
bool Tree::extends(int block, int ancestor) const {
  while (blocks[std::size_t(block)].view > blocks[std::size_t(ancestor)].view) block = blocks[std::size_t(block)].parent;
  return block == ancestor;
}
bool Tree::good_chain(int block) const {
  for (; block != 0; block = blocks[std::size_t(block)].parent)
    if (!blocks[std::size_t(block)].good) return false;
  return true;
}

bool Rules::explicitly_notarized(const Heard& heard, Mask extra, int block) const {
  return block == 0 || stakes.strong(heard.notar[std::size_t(block)] | extra);
}

bool Rules::notarized(const Tree& tree, const Heard& heard, Mask extra, int block) const {
  if (explicitly_notarized(heard, extra, block)) return true;
  const int view = tree.blocks[std::size_t(block)].view;
  for (int later = view + 1; later <= end(view); ++later)
    for (const int descendant : tree.of_view(later))
      if (tree.extends(descendant, block) && explicitly_notarized(heard, extra, descendant)) return true;
  return false;
}

bool Rules::nullified(const Heard& heard, Mask extra, int view) const {
  Mask voters = extra;
  for (int from = start(view); from <= view; ++from) voters |= heard.null[std::size_t(from)];
  return stakes.strong(voters);
}

bool Rules::finalized(const Heard& heard, Mask extra, int block) const {
  return block == 0 || stakes.strong(heard.final[std::size_t(block)] | extra);
}

bool Rules::gap_nullified(const Heard& heard, Mask extra, int parent_view, int view) const {
  for (int u = parent_view + 1; u < view; ++u)
    if (!nullified(heard, extra, u)) return false;
  return true;
}

bool Rules::may_notarize(const Tree& tree, const Heard& heard, Mask extra, const Own& own, int block, bool parent_notarized) const {
  const auto& b = tree.blocks[std::size_t(block)];
  const int parent_view = tree.blocks[std::size_t(b.parent)].view;
  if (b.view != own.cur || own.notar[std::size_t(b.view)] != 0) return false;
  if (b.view <= own.floor && without != Without::floor_binds) return false;
  if (b.view == start(b.view))
    return parent_notarized && tree.good_chain(b.parent) &&
           (without == Without::gap_is_nullified || gap_nullified(heard, extra, parent_view, b.view));
  return parent_view == b.view - 1 &&
         (parent_notarized || own.notar[std::size_t(parent_view)] == b.parent || without == Without::parent_in_term_is_known);
}

bool Rules::may_finalize(const Tree& tree, const Own& own, int block, bool block_notarized) const {
  const int view = tree.blocks[std::size_t(block)].view;
  if (!block_notarized || !tree.good_chain(block) || own.final[std::size_t(view)] != 0) return false;
  if (view <= own.floor && without != Without::floor_binds) return false;
  const int null_from = own.null_from[std::size_t(term(view))];
  if (null_from == 0 || null_from > view) return true;
  return without == Without::final_respects_null || (without == Without::null_covers_rest && null_from != view);
}

bool Rules::may_nullify(const Own& own) const {
  if (own.null_from[std::size_t(term(own.cur))] != 0) return false;
  if (own.cur <= own.floor && without != Without::floor_binds) return false;
  if (without == Without::null_respects_final) return true;
  for (int view = own.cur; view <= end(own.cur); ++view)
    if (own.final[std::size_t(view)] != 0) return false;
  return true;
}

}  // namespace dos::model
