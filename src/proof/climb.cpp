// Multi-proofs over a mountain range. Node (level, index) covers leaves [index << level, (index + 1) << level); peaks are
// the nodes of the powers of two in the count, descending, so every node keeps its name as the range grows.
#include "proof/state_proof.hpp"

namespace dos::proof {

Result<std::vector<Hash>> climb_peaks(std::uint64_t count, std::vector<IndexedHash> leaves, std::span<const Hash> path,
                                      crypto::Domain node) {
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].index >= count) return fail(Errc::proof_invalid, "an opened leaf lies past the end");
    if (i > 0 && leaves[i - 1].index >= leaves[i].index) return fail(Errc::proof_invalid, "opened leaves are not in ascending order");
  }
  std::size_t used = 0;
  std::vector<std::pair<int, Hash>> found;  // (level, hash) of peaks reached, right to left
  for (int level = 0; level < 64 && !leaves.empty(); ++level) {
    // At most the last node of a level is a peak; it has no parent.
    if ((count >> level & 1) != 0 && leaves.back().index == (count >> level) - 1) {
      found.emplace_back(level, leaves.back().hash);
      leaves.pop_back();
    }
    std::size_t out = 0;
    for (std::size_t i = 0; i < leaves.size(); ++out) {
      const IndexedHash here = leaves[i++];
      Hash sibling;
      if (here.index % 2 == 0 && i < leaves.size() && leaves[i].index == here.index + 1) {
        sibling = leaves[i++].hash;
      } else {
        if (used == path.size()) return fail(Errc::proof_invalid, "a path is too short");
        sibling = path[used++];
      }
      leaves[out] = {here.index / 2,
                     here.index % 2 == 0 ? crypto::hash_pair(node, here.hash, sibling) : crypto::hash_pair(node, sibling, here.hash)};
    }
    leaves.resize(out);
  }
  std::vector<Hash> peaks;
  for (int level = 63; level >= 0; --level) {
    if ((count >> level & 1) == 0) continue;
    if (!found.empty() && found.back().first == level) {
      peaks.push_back(found.back().second);
      found.pop_back();
      continue;
    }
    if (used == path.size()) return fail(Errc::proof_invalid, "a path is too short");
    peaks.push_back(path[used++]);
  }
  if (used != path.size()) return fail(Errc::proof_invalid, "a path is too long");
  return peaks;
}

}  // namespace dos::proof
