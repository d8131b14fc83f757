// Every series of /metrics; all exist at 0 from the start, names are a contract (docs/operate.md).
#pragma once
#include <array>
#include <atomic>
#include <string>

#include "api/handler.hpp"
#include "replica/queues.hpp"

// clang-format off
#define DOS_COUNTERS(X)                                                              \
  X(blocks, "dos_blocks_total", "Blocks made final since the start")                 \
  X(transactions, "dos_transactions_total", "Transactions in final blocks")          \
  X(transactions_failed, "dos_transactions_failed_total", "Of these, without effect: failed or stale") \
  X(refused, "dos_transactions_refused_total", "Transactions refused before the pool") \
  X(blob_bytes_in, "dos_blob_bytes_received_total", "Bytes of content received")     \
  X(blob_bytes_out, "dos_blob_bytes_sent_total", "Bytes of content sent")            \
  X(checkpoints, "dos_checkpoints_total", "Checkpoints of the state")                \
  X(proofs, "dos_state_proofs_total", "State proofs made")                           \
  X(block_ns, "dos_block_nanoseconds_total", "Time spent executing, signing and storing blocks")
// clang-format on

namespace dos::node {

void gauge(std::string& out, const char* series, std::uint64_t value, const char* help);

struct Metrics {
#define DOS_ROW(name, series, help) std::atomic<std::uint64_t> name{0};
  DOS_COUNTERS(DOS_ROW)
#undef DOS_ROW
  static constexpr std::size_t kRoutes = 64;
  std::array<std::array<std::atomic<std::uint64_t>, 5>, kRoutes> requests{};  // by route and status / 100 - 1

  void count_request(unsigned route, int status);
  std::string text(const api::NodeStatus& status, const replica::QueueSizes& queues) const;
};

}  // namespace dos::node
