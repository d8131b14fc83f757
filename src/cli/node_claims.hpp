// What a node says about itself: a claim, shown to people and used for nothing else.
#pragma once
#include <string>
#include <vector>

#include "client/network.hpp"

namespace dos::cli {

struct NodeClaim {
  bool answers = false;
  std::string height = "0", version;
};
NodeClaim ask_node(const std::string& url);
std::vector<NodeClaim> ask_nodes(const std::vector<client::NodeRecord>& nodes);  // all at once, in the order given

}  // namespace dos::cli
