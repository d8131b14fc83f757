// Blocks that become final one after the other. Tests only.
#pragma once
#include "consensus/test_cluster.hpp"

namespace dos::consensus::test {

// Each from a transaction handed in at node `by`, final everywhere before the next.
inline void make_blocks(Cluster& c, std::uint16_t by, int count) {
  for (int k = 0; k < count; ++k) {
    const auto tx = c.submit(by);
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 30 * kSecond));
  }
}

}  // namespace dos::consensus::test
