// The newest epochs of a folder's key come with its path, older ones by number, and a node that leaves one out is found out.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/test_files.hpp"

namespace dos::client {
namespace {

// The file is sealed under the first epoch of the key of alice's home. Later ones lead nowhere: somebody who may write left them.
struct FolderEpochs : testing::Test, TestFiles {
  NewRing first = *first_ring(id(2), nullptr, {{"alice", {1, alice.box_key(1)}}}, chain.entropy);
  std::uint32_t epochs = 0;
  std::vector<ledger::RangeItem> ranges;  // that the node was asked for
  std::optional<std::uint32_t> kept_back;

  FolderEpochs() {
    file(&first.key, kPermanent);
    // As an honest node does, but for what it keeps back.
    node.set([this](std::string_view target, BytesView body) {
      const auto query = codec::decode<ledger::StateQuery>(body);
      if (target != "/v1/state" || !query) return Bytes();
      auto low = epochs - std::min(epochs, fs::kRingsOnPath), high = epochs;  // the one before those that come with their data
      if (const auto* range = std::get_if<ledger::RangeItem>(&query->items[0])) {
        ranges.push_back(*range);
        low = range->after.empty() ? 0 : number_of(range->after);
        high = low + range->limit;
      }
      auto answer = chain.state(Height(9), state, {}, [&](const Bytes& key) {
        if (!starts_with(key, fs::ring_prefix(id(2)))) return true;
        const auto epoch = number_of(key);
        return epoch != kept_back && epoch >= low && epoch <= high;
      });
      for (auto& record : answer.proof.records)
        if (record.leaf.key == fs::ring_key(id(2), low)) record.data.reset();
      return codec::encode(answer);
    });
  }
  static std::uint32_t number_of(const Bytes& ring_key) { return read_be<std::uint32_t>(BytesView(ring_key).last(4)); }
  void have(std::uint32_t count) {
    auto junk = first.record;
    junk.envelopes[0].box.assign(100, 7);
    for (; epochs < count; ++epochs) put(fs::ring_key(id(2), epochs + 1), {}, codec::encode(epochs == 0 ? first.record : junk));
  }
  Result<Bytes> read() {
    ranges.clear();
    auto session = open();
    return TestFiles::read(session);
  }
};

TEST_F(FolderEpochs, eight_come_with_the_path_and_the_ninth_is_asked_for_by_its_number) {
  for (const std::uint32_t count : {1u, fs::kRingsOnPath, fs::kRingsOnPath + 1}) {
    have(count);
    const auto got = read();
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(*got, plain);
    ASSERT_EQ(ranges.size(), count > fs::kRingsOnPath ? 1u : 0u);
  }
  EXPECT_EQ(ranges[0].prefix, fs::ring_prefix(id(2)));
  EXPECT_EQ(ranges[0].after, Bytes());
  EXPECT_EQ(ranges[0].limit, 1u);
}

TEST_F(FolderEpochs, older_ones_come_sixty_four_at_a_time) {
  have(fs::kRingsOnPath + 65);
  const auto got = read();
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(ranges[0].after, fs::ring_key(id(2), 1));
  EXPECT_EQ(ranges[0].limit, 64u);
  EXPECT_EQ(ranges[1].limit, 1u);
}

// Whichever of them a node keeps back, that is told, and not that alice has no key.
TEST_F(FolderEpochs, a_node_that_leaves_one_out_is_found_out) {
  have(fs::kRingsOnPath + 12);
  ASSERT_TRUE(read());
  for (const std::uint32_t epoch : {1u, 2u, 7u, 11u, 12u, 13u, 15u, 20u}) {
    kept_back = epoch;
    const auto got = read();
    ASSERT_FALSE(got) << epoch;
    EXPECT_EQ(code_of(got), Errc::proof_incomplete) << epoch << ": " << got.error().detail;
  }
}

}  // namespace
}  // namespace dos::client
