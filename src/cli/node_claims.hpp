// What a node says about itself: a claim, shown to people and used for nothing else.
#pragma once
#include <string>
#include <vector>

#include "client/survey.hpp"

namespace dos::cli {

struct NodeClaim {
  bool answers = false;
  std::string height = "0", version;
};
NodeClaim ask_node(const std::string& url);
// What it shows with a proof; a claimed height is never shown as one. "0": nothing was proved.
inline std::string proved_height(const client::NodeSeen& seen) { return seen.verified ? std::to_string(seen.height.value) : "0"; }
std::vector<NodeClaim> ask_nodes(const std::vector<client::NodeRecord>& nodes);  // all at once, in the order given

}  // namespace dos::cli
