// Paths in verified views: what a view leaves open is refused, never guessed.
#include "client/files/tree.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"

namespace dos::client {
namespace {

// The root folder with two epochs of its key; the proof opens the first `opened` of the three records, in their order.
Answer rings_of_the_root(std::size_t opened, bool older_with_data = true) {
  const Bytes keys[] = {{}, fs::ring_key(fs::kRoot, 1), fs::ring_key(fs::kRoot, 2), {}};
  std::vector<proof::OpenedRecord> records;
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto data = codec::encode(fs::RingEpoch{0, {}, {}, {}, {}});
    proof::Leaf leaf;
    leaf.key = keys[i];
    leaf.next_key = keys[i + 1];
    leaf.data = proof::data_hash(data);
    leaves.push_back(proof::leaf_hash(leaf));
    records.push_back({Position(i), leaf, data, proof::OpenedRecord::Live{}});
  }
  if (!older_with_data) records[1].data.reset();
  proof::StateProof state;
  proof::BitsChunk bits;
  bits.bits[0] = 7;
  const Hash chunk = proof::chunk_hash(bits.bits);
  const Hash peaks[] = {crypto::hash_pair(crypto::domain::kNode, leaves[0], leaves[1]), leaves[2]};
  state.parts = {3, proof::mmr_root(3, peaks), proof::bits_root(1, std::span(&chunk, 1)), 0};
  state.height = Height(5);
  state.bits.push_back(bits);
  for (std::size_t i = 0; i < opened; ++i) state.records.push_back(records[i]);
  if (opened < 2) state.mmr_path.push_back(leaves[1]);
  if (opened < 3) state.mmr_path.push_back(leaves[2]);
  auto view = proof::verify(state, proof::state_root(state.parts));
  EXPECT_TRUE(view) << view.error().detail;
  return {{}, std::move(*view), {}, {}};
}

TEST(Tree, the_newest_epochs_of_a_folder_key_or_none) {
  const auto whole = resolve({}, rings_of_the_root(3), ledger::PathItem::kRings);
  ASSERT_TRUE(whole) << whole.error().detail;
  EXPECT_EQ(whole->folders[0].rings.size(), 2u);
  for (std::size_t opened : {1u, 2u}) {
    const auto part = resolve({}, rings_of_the_root(opened), ledger::PathItem::kRings);
    ASSERT_FALSE(part) << opened;
    EXPECT_EQ(code_of(part), Errc::proof_incomplete) << opened;
  }
  // Where the older one only shows what stands before the newest, the newest alone came.
  const auto newest = resolve({}, rings_of_the_root(3, false), ledger::PathItem::kRings);
  ASSERT_TRUE(newest) << newest.error().detail;
  EXPECT_EQ(newest->folders[0].rings.size(), 1u);
  EXPECT_EQ(newest->folders[0].rings.begin()->first, 2u);
  EXPECT_EQ(*newest_ring_number(rings_of_the_root(3).view, fs::kRoot), 2u);
  EXPECT_FALSE(newest_ring_number(rings_of_the_root(2).view, fs::kRoot));
}

}  // namespace
}  // namespace dos::client
