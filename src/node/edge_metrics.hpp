// Series of /metrics for what is held on behalf of clients: each queue with its limit (docs/operate.md).
#pragma once
#include <string>

#include "serve/http_server.hpp"

namespace dos::node {

std::string edge_metrics(const serve::HttpCounters& now, const serve::HttpConfig& limits);
std::string waiting_places(std::size_t receipts, std::size_t most_receipts, std::size_t heights, std::size_t most_heights);

}  // namespace dos::node
