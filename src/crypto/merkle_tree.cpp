#include "crypto/merkle_tree.hpp"

namespace dos::crypto {

MerkleTree::MerkleTree(const TreeDomains& d, std::vector<Hash> leaf_hashes) {
  levels_.push_back(std::move(leaf_hashes));
  while (levels_.back().size() > 1) {
    const auto& below = levels_.back();
    std::vector<Hash> level;
    level.reserve((below.size() + 1) / 2);
    for (std::size_t i = 0; i + 1 < below.size(); i += 2) level.push_back(hash_pair(d.node, below[i], below[i + 1]));
    if (below.size() % 2 == 1) level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
}

MerklePath MerkleTree::path(std::uint64_t index) const {
  MerklePath p{index, levels_[0].size(), {}};
  for (std::size_t level = 0; level + 1 < levels_.size(); ++level, index /= 2)
    if (const auto sibling = index ^ 1; sibling < levels_[level].size()) p.siblings.push_back(levels_[level][sibling]);
  return p;
}

}  // namespace dos::crypto
