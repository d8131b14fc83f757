#include "crypto/merkle_tree.hpp"

#include <gtest/gtest.h>

namespace dos::crypto {
namespace {

TEST(MerkleTree, gives_the_paths_of_the_list) {
  std::vector<Hash> leaves;
  for (std::size_t n = 1; n < 40; ++n) {
    leaves.push_back(merkle_leaf(kTxTree, as_bytes(std::to_string(n))));
    const MerkleTree tree(kTxTree, leaves);
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(tree.path(i), merkle_path(kTxTree, leaves, i)) << n << ' ' << i;
  }
}

}  // namespace
}  // namespace dos::crypto
