#include "crypto/merkle.hpp"

#include <gtest/gtest.h>

namespace dos::crypto {
namespace {

std::vector<Hash> leaves(std::size_t n) {
  std::vector<Hash> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(merkle_leaf(kTxTree, as_bytes(std::to_string(i))));
  return out;
}

// RFC 6962, section 2.1, as written there: the oracle for the loop in merkle.cpp.
Hash rfc_top(std::span<const Hash> l) {
  if (l.size() == 1) return l[0];
  std::size_t k = 1;
  while (k * 2 < l.size()) k *= 2;
  return hash_pair(kTxTree.node, rfc_top(l.first(k)), rfc_top(l.subspan(k)));
}

TEST(Merkle, shape_is_that_of_rfc_6962) {
  for (std::size_t n = 1; n < 70; ++n) EXPECT_EQ(merkle_top(kTxTree.node, leaves(n)), rfc_top(leaves(n))) << n;
}

TEST(Merkle, every_path_climbs_to_the_root_and_to_no_other) {
  for (std::size_t n = 1; n < 40; ++n) {
    const auto l = leaves(n);
    const Hash root = merkle_root(kTxTree, l);
    for (std::size_t i = 0; i < n; ++i) {
      const MerklePath path = merkle_path(kTxTree, l, i);
      auto got = merkle_climb(kTxTree, l[i], path);
      ASSERT_TRUE(got) << n << ' ' << i;
      EXPECT_EQ(*got, root);
      if (n > 1) { EXPECT_NE(*merkle_climb(kTxTree, l[(i + 1) % n], path), root); }
      for (std::size_t claimed = 0; claimed < n; ++claimed) {  // the index cannot be another
        if (claimed == i) continue;
        MerklePath lie = path;
        lie.index = claimed;
        const auto other = merkle_climb(kTxTree, l[i], lie);
        EXPECT_TRUE(!other || *other != root) << n << ' ' << i << " as " << claimed;
      }
      for (std::size_t count = 1; count < 45; ++count) {  // nor the count
        if (count == n) continue;
        MerklePath lie = path;
        lie.count = count;
        const auto other = merkle_climb(kTxTree, l[i], lie);
        EXPECT_TRUE(!other || *other != root) << n << ' ' << i << " of " << count;
      }
    }
  }
}

TEST(Merkle, wrong_shapes_are_refused) {
  const auto l = leaves(5);
  MerklePath path = merkle_path(kTxTree, l, 2);
  MerklePath longer = path, shorter = path, outside = path, none = path;
  longer.siblings.push_back({});
  shorter.siblings.pop_back();
  outside.index = 5;
  none.count = 0;
  for (const auto& bad : {longer, shorter, outside, none}) {
    const auto got = merkle_climb(kTxTree, l[2], bad);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::proof_invalid);
  }
  MerklePath huge{0, UINT64_MAX, {}};
  EXPECT_FALSE(merkle_climb(kTxTree, l[0], huge));
}

TEST(Merkle, empty_list_has_a_root_of_its_own_and_domains_part_the_lists) {
  EXPECT_NE(merkle_root(kTxTree, {}), Hash{});
  EXPECT_NE(merkle_root(kTxTree, {}), merkle_root(kListTree, {}));
  const auto l = leaves(1);
  EXPECT_NE(merkle_root(kTxTree, l), l[0]);
  EXPECT_EQ(merkle_top(kTxTree.node, {}), Hash{});
}

}  // namespace
}  // namespace dos::crypto
