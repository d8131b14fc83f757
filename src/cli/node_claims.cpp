#include "cli/node_claims.hpp"

#include <nlohmann/json.hpp>
#include <thread>

#include "client/http.hpp"

namespace dos::cli {

NodeClaim ask_node(const std::string& url) {
  NodeClaim claim;
  auto place = client::parse_url(url);
  if (!place) return claim;
  client::HttpConnection connection(std::move(*place));
  const auto answer = connection.request("GET", "/v1/status", {}, std::chrono::seconds(2), 1 << 20);
  if (!answer) return claim;
  claim.answers = true;
  auto j = nlohmann::json::parse(answer->body.begin(), answer->body.end(), nullptr, false);
  if (j.is_object() && j.contains("data") && j["data"].is_object()) j = j["data"];
  if (!j.is_object()) return claim;
  if (const auto h = j.find("height"); h != j.end()) claim.height = h->is_string() ? h->get<std::string>() : h->dump();
  if (const auto v = j.find("version"); v != j.end() && v->is_string()) claim.version = v->get<std::string>();
  for (auto& c : claim.version)
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  return claim;
}

std::vector<NodeClaim> ask_nodes(const std::vector<client::NodeRecord>& nodes) {
  std::vector<NodeClaim> claims(nodes.size());
  {
    std::vector<std::jthread> asking;
    for (std::size_t i = 0; i < nodes.size(); ++i) asking.emplace_back([&, i] { claims[i] = ask_node(nodes[i].url); });
  }
  return claims;
}

}  // namespace dos::cli
