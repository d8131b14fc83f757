// The right edge of a Merkle mountain range: all that appending needs. New nodes come out in the order in which they are
// made (leaf, then its ancestors that it completes), so that whoever keeps nodes can file them without hashing again.
#pragma once
#include "proof/state_proof.hpp"

namespace dos::store {

struct MountainEdge {
  std::uint64_t count = 0;
  std::vector<Hash> peaks;  // left to right

  void append(const Hash& leaf, crypto::Domain node, std::vector<Hash>& made) {
    Hash h = leaf;
    made.push_back(h);
    for (int level = 0; (count >> level & 1) != 0; ++level) {
      h = crypto::hash_pair(node, peaks.back(), h);
      peaks.pop_back();
      made.push_back(h);
    }
    peaks.push_back(h);
    ++count;
  }
};

// The sibling hashes that proof::climb_peaks asks for, in its order. `node(level, index)` gives Result<Hash>.
template <class Node>
Result<std::vector<Hash>> mountain_path(std::uint64_t count, std::vector<std::uint64_t> opened, Node&& node) {
  std::vector<Hash> path;
  std::uint64_t reached = 0;  // bit l: the peak of level l holds an opened leaf
  for (int level = 0; level < 64 && !opened.empty(); ++level) {
    if ((count >> level & 1) != 0 && opened.back() == (count >> level) - 1) {
      reached |= std::uint64_t(1) << level;
      opened.pop_back();
    }
    std::size_t out = 0;
    for (std::size_t i = 0; i < opened.size(); ++out) {
      const std::uint64_t here = opened[i++];
      if (here % 2 == 0 && i < opened.size() && opened[i] == here + 1) {
        ++i;
      } else {
        DOS_ASSIGN(const Hash h, node(level, here ^ 1));
        path.push_back(h);
      }
      opened[out] = here / 2;
    }
    opened.resize(out);
  }
  for (int level = 63; level >= 0; --level) {
    if ((count >> level & 1) == 0 || (reached >> level & 1) != 0) continue;
    DOS_ASSIGN(const Hash h, node(level, (count >> level) - 1));
    path.push_back(h);
  }
  return path;
}

}  // namespace dos::store
