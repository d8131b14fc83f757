// What a node says about itself: a claim, shown to people and used for nothing else.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "client/trust/survey.hpp"

namespace dos::cli {

struct NodeClaim {
  bool answers = false;
  std::string height = "0", version;
};
inline constexpr std::size_t kMaxClaimedStatus = 1 << 20, kMaxClaimedVersion = 64;
// Height and version of a status document (/v1/status): what is no height, or too large, leaves them as they are.
void read_claim(std::string_view status, NodeClaim& claim);
inline constexpr std::chrono::milliseconds kClaimTime{2'000};
NodeClaim ask_node(const std::string& url, std::chrono::milliseconds time);
// What it shows with a proof; a claimed height is never shown as one. "0": nothing was proved.
inline std::string proved_height(const client::NodeSeen& seen) { return seen.verified ? std::to_string(seen.height.value) : "0"; }
// All at once, in the order given.
std::vector<NodeClaim> ask_nodes(const std::vector<client::NodeRecord>& nodes, std::chrono::milliseconds time);

}  // namespace dos::cli
