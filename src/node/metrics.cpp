#include "node/metrics.hpp"

#include <algorithm>

namespace dos::node {
namespace {

void head(std::string& out, const std::string& series, const char* type, const char* help) {
  out += "# HELP " + series + " " + help + "\n# TYPE " + series + " " + type + "\n";
}

void put_queues(std::string& out, const replica::QueueSizes& queues) {
  const auto series = [&](const char* name, const char* help, std::uint64_t replica::QueueSize::* what) {
    head(out, name, "gauge", help);
    for (std::size_t q = 0; q < replica::kQueues; ++q)
      out +=
          std::string(name) + "{queue=\"" + std::string(replica::kQueueRows[q].name) + "\"} " + std::to_string(queues.of[q].*what) + "\n";
  };
  series("dos_queue_entries", "What is kept for other validators and clients, by queue", &replica::QueueSize::entries);
  series("dos_queue_bytes", "Bytes of it, 0 where entries are small and alike", &replica::QueueSize::bytes);
  series("dos_queue_entries_limit", "The most entries that a queue holds, 0: bounded elsewhere", &replica::QueueSize::most_entries);
  series("dos_queue_bytes_limit", "The most bytes that a queue holds, 0: bounded by its entries", &replica::QueueSize::most_bytes);
}

}  // namespace

void gauge(std::string& out, const char* series, std::uint64_t value, const char* help) {
  head(out, series, "gauge", help);
  out += std::string(series) + " " + std::to_string(value) + "\n";
}

void Metrics::count_request(unsigned route, int status) {
  const auto kind = std::size_t(std::min(std::max(status / 100, 1), 5) - 1);
  requests[std::min<std::size_t>(route, kRoutes - 1)][kind].fetch_add(1, std::memory_order_relaxed);
}

std::string Metrics::text(const api::NodeStatus& s, const replica::QueueSizes& queues) const {
  std::string out;
#define DOS_ROW(name, series, help)   \
  head(out, series, "counter", help); \
  out += std::string(series) + " " + std::to_string(name.load(std::memory_order_relaxed)) + "\n";
  DOS_COUNTERS(DOS_ROW)
#undef DOS_ROW
  gauge(out, "dos_height", s.height.value, "Height of the newest final block");
  gauge(out, "dos_durable_height", s.durable_height, "Height of the last checkpoint");
  gauge(out, "dos_ready", s.ready ? 1 : 0, "1 when the node can write");
  gauge(out, "dos_pool_transactions", s.pool_count, "Transactions waiting");
  gauge(out, "dos_pool_bytes", s.pool_bytes, "Bytes of transactions waiting");
  gauge(out, "dos_pool_payers", s.pool_payers, "Accounts that pay for transactions waiting");
  gauge(out, "dos_pool_bare_keys", s.pool_bare_keys, "Transactions waiting that the sponsor pays for");
  head(out, "dos_pool_refused_total", "counter", "Transactions that other validators sent and that were not taken");
  out += "dos_pool_refused_total " + std::to_string(s.pool_refused) + "\n";
  gauge(out, "dos_state_records", s.records, "Records of the object log");
  gauge(out, "dos_state_live", s.live, "Live objects");
  gauge(out, "dos_unclaimed_blob_bytes", s.unclaimed_bytes, "Uploads that no file names yet");
  gauge(out, "dos_unclaimed_blob_bytes_limit", s.unclaimed_limit, "Most of them");
  gauge(out, "dos_peers", s.peers, "Other validators connected");
  gauge(out, "dos_boots", s.boots, "Starts on this data folder");
  gauge(out, "dos_view", s.view.value, "View that consensus is in");
  gauge(out, "dos_votes", s.votes ? 1 : 0, "1 when this validator votes");
  gauge(out, "dos_catching_up", s.catching_up ? 1 : 0, "1 while final blocks are fetched from others");
  gauge(out, "dos_missing_blobs", s.missing_blobs, "Blobs that live records name and that are not here");
  gauge(out, "dos_quorum_need", s.quorum_need, "Validators that suffice for a quorum");
  gauge(out, "dos_quorum_of", s.quorum_of, "Validators in all");
  gauge(out, "dos_validators_heard",
        std::uint64_t(std::count_if(s.validators.begin(), s.validators.end(), [](auto& v) { return v.heard; })),
        "Validators that voted in the last views");
  gauge(out, "dos_nullified_views", s.nullified, "Views without a block since the start");
  gauge(out, "dos_evidence", s.evidence, "Proofs of misbehaviour of other validators since the start");
  put_queues(out, queues);
  head(out, "dos_http_requests_total", "counter", "Requests answered");
  constexpr const char* kKinds[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  const auto rows = api::routes();
  for (std::size_t r = 0; r <= rows.size(); ++r) {
    const std::string label = r < rows.size() ? std::string(rows[r].method) + " " + rows[r].pattern : "none";
    for (std::size_t k = 1; k < 5; ++k)
      out += "dos_http_requests_total{route=\"" + label + "\",status=\"" + kKinds[k] + "\"} " +
             std::to_string(requests[r][k].load(std::memory_order_relaxed)) + "\n";
  }
  return out;
}

}  // namespace dos::node
