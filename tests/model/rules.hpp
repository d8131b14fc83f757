// The voting rules as predicates (docs/spec/consensus.md, M1-M6), general in the length of a term; with one view a term
// they are the rules of the engine in src/consensus. `Without` takes one rule away: a search that does not notice proves
// nothing. Evidence only ever permits, it never forbids: so a node that knows less does no step that one that knows more
// could not do, and searches for a broken agreement may let everybody know everything.
#pragma once
#include <vector>

#include "stakes.hpp"

namespace dos::model {

enum class Without {
  nothing,
  final_respects_null,  // FINAL(v) although NULL covers v
  null_respects_final,  // NULL although a FINAL stands at or above its start in the term
  null_covers_rest,  // FINAL looks only for a NULL of its very view (terms of several views)
  gap_is_nullified,  // a parent further back without Z for the views between
  parent_in_term_is_known,  // inside a term, a parent neither voted for nor notarized
  notar_survives_crash,  // the record of one's NOTAR is lost with power
  old_records_kept,  // only records of this term and the one before are kept
  unsure_views_are_passed,  // after power loss a header in a view whose header may have been lost
  floor_binds,  // records at or below the floor are dropped, and votes are given there all the same
};

struct Block {
  int view = 0, parent = 0;
  bool good = true;  // certify gives true
  int leader = -1;  // who made it; -1: a liar
};
struct Tree {  // block 0 is the anchor, of view 0
  std::vector<Block> blocks{Block{}};
  std::vector<std::vector<int>> at{{0}};  // by view
  int add(Block block);
  const std::vector<int>& of_view(int view) const;
  bool extends(int block, int ancestor) const;  // or is it
  bool good_chain(int block) const;
};

struct Heard {  // whose votes one node holds, its own among them
  std::vector<Mask> notar, final;  // by block
  std::vector<Mask> null;  // by the view it was given in; it covers the rest of the term
  explicit Heard(int blocks = 0, int views = 0) : notar(std::size_t(blocks)), final(std::size_t(blocks)), null(std::size_t(views)) {}
};
struct Own {  // what a node remembers of itself; 0: none
  int cur = 1, floor = 0;
  std::vector<int> notar, final;  // by view: block
  std::vector<int> null_from;  // by term: view
  explicit Own(int views = 0, int terms = 0) : notar(std::size_t(views)), final(std::size_t(views)), null_from(std::size_t(terms)) {}
};

struct Rules {
  Stakes stakes;
  int length = 1;  // views in a term
  Without without = Without::nothing;

  int term(int view) const { return (view - 1) / length; }
  int start(int view) const { return term(view) * length + 1; }
  int end(int view) const { return start(view) + length - 1; }

  // Evidence in `heard`; votes of `extra` (liars, who vote for everything) come on top.
  bool explicitly_notarized(const Heard& heard, Mask extra, int block) const;
  bool notarized(const Tree& tree, const Heard& heard, Mask extra,
                 int block) const;  // N: or a descendant in the same term is
  bool nullified(const Heard& heard, Mask extra, int view) const;  // Z
  bool finalized(const Heard& heard, Mask extra, int block) const;  // F of the block itself
  bool gap_nullified(const Heard& heard, Mask extra, int parent_view, int view) const;

  // May this node sign it? Evidence for the parent or the block itself is the caller's to show.
  bool may_notarize(const Tree& tree, const Heard& heard, Mask extra, const Own& own, int block, bool parent_notarized) const;
  bool may_finalize(const Tree& tree, const Own& own, int block, bool block_notarized) const;
  bool may_nullify(const Own& own) const;  // the view it is in
};

}  // namespace dos::model
