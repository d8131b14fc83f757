// All nodes of a network as the model sees them: what each heard, remembers and keeps on disk, and what was ever signed.
// Byzantine members sign everything, for whoever asks; when a node rests on such votes it holds them from then on.
#pragma once
#include <cstdint>
#include <span>

#include "rules.hpp"

namespace dos::model {

// A small generator of our own: a run is named by its seed on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) {}
  int below(int n) { return int((next() >> 33) % std::uint64_t(n)); }
  bool one_in(int n) { return below(n) == 0; }
  bool percent(int p) { return below(100) < p; }

 private:
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::uint64_t state_;
};

enum class Keep {  // evidence that is durable with the vote that rests on it (amendment: "Evidence is durable with the vote")
  own_votes_only,  // none
  what_left,  // by which the node left every view above floor; with FINAL(v) also N(v)
  what_bears,  // and what a NOTAR rests on: N of the parent, Z of the views between
};

struct Node {
  Own own;
  Heard heard, kept;
  std::vector<int> left_by;  // by view: block whose N ended it, 0 for Z
  int tip = 0;  // last block known final
  bool quarantined = false;  // signs nothing and answers nobody
  int signed_high = 0;  // highest view of a durable vote of its own; at a start also its floor
  int unsynced = 0;  // own block that was sent with its NOTAR, whose record is still being written
  int unsure = 0;  // up to this view, right above signed_high at the last start, own headers may have been lost
};

struct World {
  World(Rules rules, int views, Keep keep = Keep::what_bears);

  // ---- steps of honest node i; false: the rules do not allow it now
  bool enter_by_notarized(int i, int block);
  bool enter_by_nullified(int i);
  bool notarize(int i, int block);
  bool finalize(int i, int block);
  bool nullify(int i);
  bool learn_final(int i, int block);
  int propose(int i, int view, int parent);  // the block; 0 if the rules do not allow it
  void hear(int i, int j, int view, bool null_too);
  void sync(int i);  // the write that was under way ends: a node does nothing else before
  void lose_power(int i);  // what is not durable goes; the node finds itself right above the last block known final
  void restart(int i);  // and then goes to the view that its durable evidence gives, liars adding nothing
  void wipe(int i);  // everything goes; its signed votes are out in the world

  bool notarized(int i, int block);  // node i holds N (also as F of a descendant), and keeps the votes it saw
  bool nullified(int i, int view);
  bool certified(int i, int block);  // N and certify is true
  bool gap_nullified(int i, int parent_view, int view);

  int add_block(Block block);  // 0: no room for more
  bool honest(int i) const { return rules.stakes.honest() >> i & 1; }
  bool agreement() const;  // all blocks that may be final lie on one chain
  int final_blocks() const;  // how many may be final
  int highest_signed(int i) const;  // the end of the highest view that any vote of i speaks of

  Rules rules;
  int views;
  Keep keep;
  bool final_counts_as_notarized = true;
  bool headers_ahead;  // a leader sends header and NOTAR before they are durable, right above its highest durable vote (L = 1)
  bool starts_at_floor = false;  // wrong: a start puts the node above its floor without evidence for that view
  Tree tree;
  Heard signed_votes;  // ever, by honest members
  std::vector<Node> nodes;
  Mask available;  // liars' votes that can be had

 private:
  void keep_left(Node& node, int before);
  void keep_notar(int i, int block);
  void leave(int i, int from, int to, int block);
  void forget_old(Node& node);
};

inline constexpr int kMaxBlocks = 400;

}  // namespace dos::model
