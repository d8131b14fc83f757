// The gate for strangers and the waits between dials.
#include <gtest/gtest.h>

#include "links/peer_gate.hpp"
#include "links/peer_retry.hpp"
#include "os/system.hpp"

namespace dos::links {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(PeerGate, bounds_half_done_handshakes_in_all_and_per_source) {
  PeerGate gate(5, 2, 1000);
  EXPECT_TRUE(gate.enter("a", kSecond));
  EXPECT_TRUE(gate.enter("a", kSecond));
  EXPECT_FALSE(gate.enter("a", kSecond));
  EXPECT_TRUE(gate.enter("b", kSecond));
  EXPECT_TRUE(gate.enter("c", kSecond));
  EXPECT_TRUE(gate.enter("d", kSecond));
  EXPECT_FALSE(gate.enter("e", kSecond));
  EXPECT_EQ(gate.inside(), 5u);
  gate.leave("a");
  EXPECT_TRUE(gate.enter("e", kSecond));
  gate.leave("nobody");
  EXPECT_EQ(gate.inside(), 5u);
}

TEST(PeerGate, bounds_handshakes_begun_in_a_second) {
  PeerGate gate(1000, 1000, 10);
  std::uint64_t now = kSecond;
  auto pass = [&] {
    if (!gate.enter("a", now)) return false;
    gate.leave("a");
    return true;
  };
  int passed = 0;
  while (pass()) ++passed;
  EXPECT_EQ(passed, 20);  // two seconds' worth may be saved up
  now += kSecond / 2;
  for (passed = 0; pass(); ++passed) {}
  EXPECT_EQ(passed, 5);
  now += 3600 * kSecond;
  for (passed = 0; pass(); ++passed) {}
  EXPECT_EQ(passed, 20);
}

TEST(PeerRetry, waits_double_up_to_the_last_and_differ) {
  os::SystemEntropy entropy;
  Retry retry(20, 5000);
  std::uint64_t whole = 20;
  bool differs = false;
  for (int i = 0; i < 20; ++i) {
    const auto wait = retry.wait_ms(entropy);
    EXPECT_GE(wait, whole / 2);
    EXPECT_LE(wait, whole);
    differs = differs || (wait != whole && wait != whole / 2);
    whole = std::min<std::uint64_t>(5000, whole * 2);
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace dos::links
