#include "cli/node_claims.hpp"

#include <thread>

#include "base/command_line.hpp"
#include "base/shown_text.hpp"
#include "client/trust/http.hpp"
#include "client/trust/json_text.hpp"

namespace dos::cli {

NodeClaim ask_node(const std::string& url, std::chrono::milliseconds time) {
  NodeClaim claim;
  auto place = client::parse_url(url);
  if (!place) return claim;
  client::HttpConnection connection(std::move(*place));
  const auto answer = connection.request("GET", "/v1/status", {}, time, kMaxClaimedStatus);
  if (!answer) return claim;
  claim.answers = true;
  read_claim(as_text(answer->body), claim);
  return claim;
}

void read_claim(std::string_view status, NodeClaim& claim) {
  const auto parsed = client::parse_json(status, kMaxClaimedStatus, "the status");
  if (!parsed || !parsed->is_object()) return;
  const auto data = parsed->find("data");
  const auto& j = data != parsed->end() && data->is_object() ? *data : *parsed;
  if (const auto h = j.find("height"); h != j.end() && h->is_string())
    if (const auto height = whole_number(h->get<std::string>(), 0, UINT64_MAX)) claim.height = std::to_string(*height);
  if (const auto v = j.find("version"); v != j.end() && v->is_string())
    claim.version = shown_text(v->get<std::string>(), kMaxClaimedVersion);
}

std::vector<NodeClaim> ask_nodes(const std::vector<client::NodeRecord>& nodes, std::chrono::milliseconds time) {
  std::vector<NodeClaim> claims(nodes.size());
  {
    std::vector<std::jthread> asking;
    for (std::size_t i = 0; i < nodes.size(); ++i) asking.emplace_back([&, i] { claims[i] = ask_node(nodes[i].url, time); });
  }
  return claims;
}

}  // namespace dos::cli
