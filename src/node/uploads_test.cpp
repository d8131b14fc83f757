// What uploads and promises to keep them may take of a node, and of whom.
#include <gtest/gtest.h>

#include <set>

#include "ledger/blob_manifest.hpp"
#include "node/test_network.hpp"
#include "replica/content_service.hpp"

namespace dos::node {
namespace {

using namespace testnet;

TEST(Uploads, announced_uploads_take_no_room) {
  Network net;
  auto config = net.config();
  config.chain.unclaimed_quota_bytes = 4ull << 30;
  auto node = net.open(config);
  ASSERT_TRUE(node) << node.error().detail;
  for (std::uint8_t i = 0; i < 16; ++i) {
    ledger::BlobManifest m{1ull << 30, std::vector<Hash>(4096)};
    m.chunks[0].bytes[0] = i;
    ASSERT_TRUE((*node)->begin_blob(std::move(m), stranger(i)));
  }
  EXPECT_LT((*node)->status().unclaimed_bytes, 4u << 20);
  EXPECT_EQ((*node)->status().unclaimed_limit, 4ull << 30);
  const Bytes content(kChunkBytes, 9);
  const auto begun = (*node)->begin_blob(ledger::manifest_of(content), stranger(1));
  ASSERT_TRUE(begun) << begun.error().detail;
  EXPECT_TRUE((*node)->put_chunk(begun->root, 0, content));
}

TEST(Uploads, a_share_of_the_disk_is_for_uploads) {
  Network net;
  auto config = net.config();
  config.chain.unclaimed_quota_bytes = 0;
  config.disk_space = [](const std::string&) -> Result<os::DiskSpace> { return os::DiskSpace{100ull << 30, 90ull << 30}; };
  auto node = net.open(config);
  ASSERT_TRUE(node) << node.error().detail;
  EXPECT_EQ((*node)->status().unclaimed_limit, (100ull << 30) / kUnclaimedDiskShare);
}

TEST(Uploads, a_promise_is_signed_once_in_a_while) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const Bytes content(5000, 7);
  const auto begun = (*node)->begin_blob(ledger::manifest_of(content));
  ASSERT_TRUE(begun && (*node)->put_chunk(begun->root, 0, content));
  const ledger::StoredRequest request{{{begun->root, content.size()}}};
  std::set<Bytes> signatures;
  for (int i = 0; i < 50; ++i) {
    const auto answer = stored(**node, request);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_GE(answer->promise.until.value, net.clock.wall_ms() + replica::kPromiseMs - 1000);
    signatures.insert(codec::encode(answer->signatures));
  }
  EXPECT_LE(signatures.size(), 2u);  // two where the clock passed a step
}

TEST(Uploads, a_source_gets_a_fifth_of_the_promises_that_a_validator_gives) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto ask = [&](std::uint8_t n) {
    const Bytes content(5000, n);
    const auto begun = (*node)->begin_blob(ledger::manifest_of(content));
    EXPECT_TRUE(begun && (*node)->put_chunk(begun->root, 0, content));
    const auto before = spent(**node);
    const auto answer = stored(**node, {{{begun->root, content.size()}}});
    EXPECT_TRUE(answer) << answer.error().detail;
    return spent(**node) - before;
  };
  const auto route = api::work_of(api::cost_of(api::Price::promise));
  EXPECT_LE(api::kSourceWork.per_second / (ask(1) + route), replica::kPromisesPerSecond / 5);
  EXPECT_GE(ask(2), api::kSignaturesPerRound * api::kWorkPerSignature);
  // What this node has collected is given for the price of the route.
  std::uint64_t again = UINT64_MAX;
  for (int i = 0; i < 3; ++i) again = std::min(again, ask(2));  // one of them may pass a step of the clock
  EXPECT_EQ(again, 0u);
}

}  // namespace
}  // namespace dos::node
