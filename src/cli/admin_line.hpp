// One line to a local node's admin socket, one JSON object back (docs/operate.md). Only the owner of the node can open it.
#pragma once
#include <chrono>

#include "cli/output.hpp"
#include "client/trust/network.hpp"

namespace dos::cli {

inline constexpr std::chrono::milliseconds kAdminTime{5'000};
// unreachable: nobody listens there; timed_out; usage: the node refused the line, and says why.
Result<Json> admin_line(const client::NodeRecord& node, const std::string& line, std::chrono::milliseconds time = kAdminTime);

}  // namespace dos::cli
