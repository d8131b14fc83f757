#include "node/edge_metrics.hpp"

namespace dos::node {
namespace {

void series(std::string& out, const std::string& name, const char* type, const char* help, std::uint64_t value) {
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + " " + std::to_string(value) + "\n";
}
void queue(std::string& out, const std::string& name, const char* help, std::uint64_t value, std::uint64_t limit) {
  series(out, name, "gauge", help, value);
  series(out, name + "_limit", "gauge", "Most there may be", limit);
}

}  // namespace

std::string edge_metrics(const serve::HttpCounters& now, const serve::HttpConfig& limits) {
  std::string out;
  queue(out, "dos_http_connections", "Connections of clients", now.connections, limits.max_connections);
  queue(out, "dos_http_handshakes", "Of these, in the middle of a TLS handshake", now.handshakes, limits.max_handshakes);
  queue(out, "dos_http_working", "Of these, whose request is being answered", now.working, limits.max_connections);
  queue(out, "dos_http_write_body_bytes", "Held for bodies of transactions, manifests, chunks", now.body_bytes,
        limits.max_body_bytes_in_flight);
  queue(out, "dos_http_read_body_bytes", "Held for bodies of questions", now.read_body_bytes, limits.max_read_body_bytes);
  queue(out, "dos_http_answer_bytes", "Answers not taken yet", now.answer_bytes, limits.max_answer_bytes_in_flight);
  series(out, "dos_http_gave_way_total", "counter", "Connections closed to make room for others", now.gave_way);
  series(out, "dos_http_turned_away_total", "counter", "Connections closed at once", now.turned_away);
  return out;
}

std::string waiting_places(std::size_t receipts, std::size_t most_receipts, std::size_t heights, std::size_t most_heights) {
  std::string out;
  queue(out, "dos_receipt_waits", "Requests that wait for receipts", receipts, most_receipts);
  queue(out, "dos_height_waits", "Reads that wait for a block", heights, most_heights);
  return out;
}

}  // namespace dos::node
