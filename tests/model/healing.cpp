#include "healing.hpp"

#include <algorithm>

namespace dos::model {
namespace {

class Network {
 public:
  Network(Walk& past, int views, const Healing& how) : past_(past), w_(past.world), how_(how) {
    w_.views = views;
    for (int i = 0; i < w_.rules.stakes.members(); ++i)
      if (w_.honest(i)) honest_.push_back(i);
    w_.available = 0;
    if (how_.power_lost)  // also while headers are being written
      for (const int i : honest_) w_.restart(i);
    for (const int i : honest_) w_.sync(i);
    for (const int i : honest_) base_ = std::max(base_, w_.nodes[std::size_t(i)].own.cur);
    for (int t = w_.rules.term(base_) + 1; t <= w_.rules.term(w_.views); ++t)
      past_.leader[std::size_t(t)] = past_.dice.one_in(3) ? -1 : honest_[std::size_t(past_.dice.below(int(honest_.size())))];
  }

  Healed run() {
    for (;;) {
      const Healed now = round();
      if (now != Healed::stuck) return now;
      if (!time_out()) return Healed::stuck;
    }
  }

 private:
  // Everything that is possible without a timeout. `stuck` here: only a timeout can help.
  Healed round() {
    for (bool moved = true; moved;) {
      share();
      moved = false;
      for (const int i : honest_) moved |= advance(i);
      for (int b = 1; b < int(w_.tree.blocks.size()); ++b)
        if (w_.tree.blocks[std::size_t(b)].view > base_ && w_.rules.stakes.strong(w_.signed_votes.final[std::size_t(b)]))
          return Healed::final;
      for (const int i : honest_)
        if (w_.nodes[std::size_t(i)].own.cur >= w_.views - w_.rules.length) return Healed::no_progress;
      for (const int i : honest_) moved |= lead(i);
      moved |= lie();
      for (const int i : honest_) moved |= vote(i);
    }
    return Healed::stuck;
  }

  void share() {
    Heard all = w_.signed_votes;
    int tip = 0;
    for (const int i : honest_) {
      const auto& node = w_.nodes[std::size_t(i)];
      for (std::size_t b = 0; b < all.notar.size(); ++b) {
        all.notar[b] |= node.heard.notar[b];
        all.final[b] |= node.heard.final[b];
      }
      for (std::size_t v = 0; v < all.null.size(); ++v) all.null[v] |= node.heard.null[v];
      if (w_.tree.blocks[std::size_t(node.tip)].view > w_.tree.blocks[std::size_t(tip)].view) tip = node.tip;
    }
    for (const int i : honest_) {
      auto& node = w_.nodes[std::size_t(i)];
      node.heard = all;
      if (tip == node.tip) continue;
      node.tip = tip;
      node.own.floor = std::max(node.own.floor, w_.tree.blocks[std::size_t(tip)].view);
      node.own.cur = std::max(node.own.cur, w_.tree.blocks[std::size_t(tip)].view + 1);
    }
  }

  bool certified(int i, int block) {
    if (!w_.certified(i, block)) return false;
    if (how_.chain_needs_notars)
      for (int a = block; a != 0; a = w_.tree.blocks[std::size_t(a)].parent)
        if (!w_.notarized(i, a)) return false;
    return true;
  }

  bool advance(int i) {
    auto& own = w_.nodes[std::size_t(i)].own;
    for (int view = w_.views - 1; view >= own.cur; --view)
      for (const int b : w_.tree.of_view(view)) {
        if (!certified(i, b)) continue;
        // The timeout strikes while the block is executed. Nodes that hold N wait; wrong ones give the view up.
        if (how_.slow_execution_nullifies && view == own.cur) w_.nullify(i);
        if (!w_.enter_by_notarized(i, b)) continue;
        for (int v = own.floor + 1; v <= view; ++v)
          for (const int passed : w_.tree.of_view(v))
            if (certified(i, passed)) w_.finalize(i, passed);
        return true;
      }
    return w_.enter_by_nullified(i);
  }

  bool only_final(int i) const {
    const auto& node = w_.nodes[std::size_t(i)];
    return node.own.cur - w_.tree.blocks[std::size_t(node.tip)].view > how_.only_final_above;
  }

  int best_parent(int i, int view) {
    for (int p = view - 1; p >= 0; --p) {
      for (const int b : w_.tree.of_view(p))
        if (certified(i, b)) return b;
      if (!w_.nullified(i, p)) break;
    }
    return -1;
  }

  bool lead(int i) {
    const int view = w_.nodes[std::size_t(i)].own.cur;
    if (only_final(i)) return false;
    if (past_.leader[std::size_t(w_.rules.term(view))] != i) return false;
    if (view == w_.rules.start(view)) {
      const int parent = best_parent(i, view);
      return parent >= 0 && w_.propose(i, view, parent) != 0;
    }
    const auto& parents = w_.tree.of_view(view - 1);
    return parents.size() == 1 && w_.propose(i, view, parents[0]) != 0;
  }

  bool lie() {
    int view = 0;
    for (const int i : honest_) view = std::max(view, w_.nodes[std::size_t(i)].own.cur);
    if (past_.leader[std::size_t(w_.rules.term(view))] >= 0 || view != w_.rules.start(view) || lied_in_ == view) return false;
    lied_in_ = view;
    const int parent = best_parent(honest_[0], view);
    if (parent < 0 || past_.dice.one_in(2)) return false;
    for (int k = past_.dice.below(2); k >= 0; --k) w_.add_block({view, parent, !past_.dice.one_in(3)});
    return true;
  }

  bool vote(int i) {
    if (only_final(i)) return false;
    const auto& own = w_.nodes[std::size_t(i)].own;
    const auto& blocks = w_.tree.of_view(own.cur);
    const int first = blocks.empty() ? 0 : past_.dice.below(int(blocks.size()));  // whichever header came first
    for (std::size_t k = 0; k < blocks.size(); ++k)
      if (w_.notarize(i, blocks[(std::size_t(first) + k) % blocks.size()])) {
        w_.sync(i);
        return true;
      }
    return false;
  }

  // T(v) ran out without N(v), or certify was false. Who holds N of a good block fetches and executes, however long.
  bool time_out() {
    bool any = false;
    for (const int i : honest_) {
      if (only_final(i)) continue;
      const auto& own = w_.nodes[std::size_t(i)].own;
      bool waits = how_.notar_forbids_null && own.notar[std::size_t(own.cur)] != 0;
      for (const int b : w_.tree.of_view(own.cur)) waits |= w_.certified(i, b);
      if (!waits) any |= w_.nullify(i);
    }
    return any;
  }

  Walk& past_;
  World& w_;
  Healing how_;
  std::vector<int> honest_;
  int base_ = 0, lied_in_ = 0;
};

}  // namespace

Healed heal(Walk& past, int views, const Healing& how) { return Network(past, views, how).run(); }

}  // namespace dos::model
