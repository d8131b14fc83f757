#include "exhaustive.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace dos::model {
namespace {

// Per node 21 bits: NOTAR by block (9), FINAL by block (9), NULL by view (3). Blocks count from 1.
constexpr int kBlockBits = 9, kViewBits = 3, kNodeBits = 2 * kBlockBits + kViewBits, kNodes = 3;
using State = std::uint64_t;
constexpr State notar_bit(int block) { return State{1} << (block - 1); }
constexpr State final_bit(int block) { return State{1} << (kBlockBits + block - 1); }
constexpr State null_bit(int view) { return State{1} << (2 * kBlockBits + view - 1); }
constexpr State node_of(State s, int i) { return s >> (i * kNodeBits) & ((State{1} << kNodeBits) - 1); }

State ordered(State s) {  // the one of all orders of its nodes
  std::array<State, kNodes> nodes{node_of(s, 0), node_of(s, 1), node_of(s, 2)};
  std::ranges::sort(nodes);
  return nodes[0] | nodes[1] << kNodeBits | nodes[2] << (2 * kNodeBits);
}

class Level {  // states with equally many votes, each once: open addressing, doubled when half full
 public:
  Level() : table_(1 << 12) {}
  void insert(State s) {
    if (2 * (size_ + 1) > table_.size()) grow();
    size_ += put(table_, s);
  }
  std::size_t size() const { return size_; }
  void each(const std::function<bool(State)>& visit) const {
    for (const State s : table_)
      if (s != 0 && !visit(s - 1)) return;
  }

 private:
  static bool put(std::vector<State>& table, State s) {
    std::size_t at = (s * 0x9E3779B97F4A7C15) >> 20 & (table.size() - 1);
    for (; table[at] != 0; at = (at + 1) & (table.size() - 1))
      if (table[at] == s + 1) return false;
    table[at] = s + 1;
    return true;
  }
  void grow() {
    std::vector<State> larger(table_.size() * 2);
    for (const State s : table_)
      if (s != 0) put(larger, s - 1);
    table_ = std::move(larger);
  }
  std::vector<State> table_;
  std::size_t size_ = 0;
};

class Explorer {
 public:
  explicit Explorer(const Scope& scope)
      : scope_(scope),
        rules_(scope.rules),
        blocks_(int(scope.tree.blocks.size()) - 1),
        heard_(int(scope.tree.blocks.size()), scope.views + 2 + rules_.length),
        own_(scope.views + 2 + rules_.length, rules_.term(scope.views) + 2),
        liars_(rules_.stakes.liars()) {
    Mask seen = 0;
    for (int i = 0; i < rules_.stakes.members(); ++i)
      if (rules_.stakes.honest() >> i & 1) member_[seen++] = i;
    symmetric_ = true;
    for (int k = 1; k < kNodes; ++k)
      symmetric_ =
          symmetric_ && rules_.stakes.weights()[std::size_t(member_[std::size_t(k)])] == rules_.stakes.weights()[std::size_t(member_[0])];
  }

  Explored run() {
    Level level;
    level.insert(0);
    while (level.size() != 0 && !out_.split) {
      Level next;
      level.each([&](State s) {
        expand(s, next);
        return !out_.split;
      });
      level = std::move(next);
    }
    return out_;
  }

 private:
  void read(State s) {
    std::ranges::fill(heard_.notar, 0);
    std::ranges::fill(heard_.final, 0);
    std::ranges::fill(heard_.null, 0);
    for (int k = 0; k < kNodes; ++k) {
      const State n = node_of(s, k);
      const Mask me = Mask{1} << member_[std::size_t(k)];
      for (int b = 1; b <= blocks_; ++b) {
        if (n & notar_bit(b)) heard_.notar[std::size_t(b)] |= me;
        if (n & final_bit(b)) heard_.final[std::size_t(b)] |= me;
      }
      for (int v = 1; v <= scope_.views; ++v)
        if (n & null_bit(v)) heard_.null[std::size_t(v)] |= me;
    }
  }

  // What node k remembers of its votes; records that a broken rule would have let it drop are not there.
  void remember(State n) {
    std::ranges::fill(own_.notar, 0);
    std::ranges::fill(own_.final, 0);
    std::ranges::fill(own_.null_from, 0);
    for (int b = blocks_; b >= 1; --b) {
      const auto view = std::size_t(scope_.tree.blocks[std::size_t(b)].view);
      if (dropped_[view]) continue;
      if (n & notar_bit(b) && rules_.without != Without::notar_survives_crash) own_.notar[view] = b;
      if (n & final_bit(b)) own_.final[view] = b;
    }
    for (int v = scope_.views; v >= 1; --v)
      if (n & null_bit(v) && !dropped_[std::size_t(v)]) own_.null_from[std::size_t(rules_.term(v))] = v;
  }

  void judge() {
    std::array<bool, kBlockBits + 1> final{}, notarized{};
    bool any = false;
    highest_final_ = 0;
    for (int b = 1; b <= blocks_; ++b) {
      final[std::size_t(b)] = rules_.finalized(heard_, liars_, b);
      notarized[std::size_t(b)] = rules_.notarized(scope_.tree, heard_, liars_, b);
      any |= final[std::size_t(b)];
      const int view = scope_.tree.blocks[std::size_t(b)].view;
      if (final[std::size_t(b)]) {
        highest_final_ = std::max(highest_final_, view);
        out_.final_and_null |= rules_.nullified(heard_, liars_, view);
      }
      for (int a = 1; a < b; ++a) {
        if (final[std::size_t(a)] && final[std::size_t(b)] && !scope_.tree.extends(b, a)) out_.split = true;
        if (notarized[std::size_t(a)] && notarized[std::size_t(b)] && scope_.tree.blocks[std::size_t(a)].view == view)
          out_.two_in_a_view = true;
      }
    }
    out_.with_final += any;
    dropped_.assign(std::size_t(scope_.views) + 2, false);
    if (rules_.without == Without::floor_binds)
      for (int v = 1; v <= highest_final_; ++v) dropped_[std::size_t(v)] = true;
    if (rules_.without == Without::old_records_kept)  // whoever can be two terms on has dropped them
      for (int v = 1; v <= scope_.views; ++v)
        dropped_[std::size_t(v)] = rules_.term(v) + 2 <= rules_.term(scope_.views) && passable(v, rules_.end(v) + rules_.length);
  }
  bool passable(int from, int to) {
    for (int v = from; v <= to; ++v) {
      bool ends = rules_.nullified(heard_, liars_, v);
      for (const int b : scope_.tree.of_view(v)) ends |= rules_.notarized(scope_.tree, heard_, liars_, b);
      if (!ends) return false;
    }
    return true;
  }

  void expand(State s, Level& next) {
    ++out_.states;
    read(s);
    judge();
    if (out_.split) return;
    for (int k = 0; k < kNodes; ++k) {
      const State n = node_of(s, k);
      remember(n);
      const auto sign = [&](State bit) {
        if (n & bit) return;  // said again
        ++out_.steps;
        const State after = s | bit << (k * kNodeBits);
        next.insert(symmetric_ ? ordered(after) : after);
      };
      for (int b = 1; b <= blocks_; ++b) {
        const auto& block = scope_.tree.blocks[std::size_t(b)];
        own_.cur = block.view;
        if (rules_.may_notarize(scope_.tree, heard_, liars_, own_, b, rules_.notarized(scope_.tree, heard_, liars_, block.parent)))
          sign(notar_bit(b));
        if (rules_.may_finalize(scope_.tree, own_, b, rules_.notarized(scope_.tree, heard_, liars_, b))) sign(final_bit(b));
      }
      for (int v = 1; v <= scope_.views; ++v) {
        own_.cur = v;
        if (rules_.may_nullify(own_)) sign(null_bit(v));
      }
    }
  }

  const Scope& scope_;
  Rules rules_;
  int blocks_;
  Heard heard_;
  Own own_;
  Mask liars_;
  std::array<int, kNodes> member_{};
  bool symmetric_ = false;
  int highest_final_ = 0;
  std::vector<bool> dropped_;  // by view: its records are gone
  Explored out_;
};

}  // namespace

Explored explore(const Scope& scope) { return Explorer(scope).run(); }

Tree small_tree(int views) {
  Tree tree;
  tree.add({1, 0});
  tree.add({1, 0});
  for (int view = 2; view <= views; ++view)
    for (int b = 0, known = int(tree.blocks.size()); b < known; ++b)
      if (b != 2) tree.add({view, b});
  return tree;
}

Tree term_tree(int views, int length) {
  const Rules rules{equal(4), length};
  Tree tree;
  tree.add({1, 0});
  tree.add({1, 0});
  for (int view = 2; view <= views; ++view)
    for (int b = 0, known = int(tree.blocks.size()); b < known; ++b) {
      const bool starts = rules.start(view) == view;
      if (starts ? b != 2 : tree.blocks[std::size_t(b)].view == view - 1) tree.add({view, b});
    }
  return tree;
}

}  // namespace dos::model
