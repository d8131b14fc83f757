// Limits of what this machine keeps in files, at their edges.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/keys/keys.hpp"
#include "client/trust/known_networks.hpp"
#include "client/trust/network.hpp"

namespace dos::client {
namespace {

TEST(FileLimits, a_network_has_so_many_nodes) {
  NetworkRecord record;
  record.name = "local", record.chain = "dos-test", record.format = ledger::kFormat;
  for (std::size_t i = 0; i < kMaxNodes; ++i) record.nodes.push_back({"v" + std::to_string(i), "http://127.0.0.1:7400", "", 0, "", ""});
  const auto most = parse_network(as_bytes(network_json(record)));
  ASSERT_TRUE(most) << most.error().detail;
  EXPECT_EQ(most->nodes.size(), kMaxNodes);
  record.nodes.push_back(record.nodes.back());
  EXPECT_EQ(code_of(parse_network(as_bytes(network_json(record)))), Errc::malformed);
}

TEST(FileLimits, so_many_networks_are_remembered) {
  std::vector<KnownNetwork> networks(kMaxKnownNetworks);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    networks[i].name = "net" + std::to_string(i);
    networks[i].chain = crypto::plain_hash(as_bytes(networks[i].name));
  }
  const auto most = parse_known_networks(format_known_networks(networks));
  ASSERT_TRUE(most) << most.error().detail;
  EXPECT_EQ(most->size(), kMaxKnownNetworks);
  networks.push_back({networks.back().chain, "one-more", networks.back().kind});
  EXPECT_EQ(code_of(parse_known_networks(format_known_networks(networks))), Errc::corrupt);
}

TEST(FileLimits, a_key_is_rotated_so_often) {
  const Bytes master(kMasterBytes, 3);
  EXPECT_TRUE(Identity::from_master("me", crypto::Suite::classic, master, kMaxKeyIndex));
  const auto more = Identity::from_master("me", crypto::Suite::classic, master, kMaxKeyIndex + 1);
  ASSERT_FALSE(more);
  EXPECT_EQ(code_of(more), Errc::limit);
}

}  // namespace
}  // namespace dos::client
