// Every node of a network asked at once: which answer, how high each is, how many validators sign that they are there.
#pragma once
#include <chrono>

#include "client/trust/anchor.hpp"

namespace dos::client {

struct NodeSeen {
  std::string name, url;
  bool verified = false;  // it answered with a final block that verifies
  std::string why;        // if not
  Height height;          // of that block
};
struct Survey {
  std::vector<NodeSeen> nodes;       // as in the record
  std::uint32_t have = 0, need = 0, of = 0;  // validators whose fresh signature came; how many make a quorum (equal weights); all
};
inline constexpr std::chrono::milliseconds kSurveyTime{4'000};
// One thread a node: a node that hangs costs `timeout` once, however many hang.
Survey survey(const Network& network, std::chrono::milliseconds timeout);

}  // namespace dos::client
