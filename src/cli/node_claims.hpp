// What a node says about itself: a claim, shown to people and used for nothing else.
#pragma once
#include <string>

namespace dos::cli {

struct NodeClaim {
  bool answers = false;
  std::string height = "0", version;
};
NodeClaim ask_node(const std::string& url);

}  // namespace dos::cli
