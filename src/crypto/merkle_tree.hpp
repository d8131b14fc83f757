// A tree of merkle.hpp that is kept, for paths to many of its leaves: merkle_path for each would hash the whole list each time.
#pragma once
#include "crypto/merkle.hpp"

namespace dos::crypto {

class MerkleTree {
 public:
  MerkleTree(const TreeDomains& d, std::vector<Hash> leaf_hashes);
  MerklePath path(std::uint64_t index) const;  // index < count

 private:
  std::vector<std::vector<Hash>> levels_;  // an odd last node moves up unchanged: the shape of RFC 6962
};

}  // namespace dos::crypto
