#include "client/trust/survey.hpp"

#include <optional>
#include <thread>

#include "client/entropy.hpp"
#include "client/trust/words.hpp"

namespace dos::client {
namespace {

struct Heard {
  std::optional<Error> error;
  ledger::TipAnswer tip;
};

Heard hear(const NodeRecord& node, const Network& network, const Hash& nonce, std::chrono::milliseconds timeout) {
  Heard out;
  auto url = parse_url(node.url);
  if (!url) {
    out.error = url.error();
    return out;
  }
  std::vector<crypto::PublicKey> keys;
  for (const auto& v : network.genesis.validators.members) keys.push_back(v.node_key);
  HttpConnection connection(std::move(*url), std::move(keys));
  const auto answer = connection.request("GET", "/v1/tip?nonce=" + hex(nonce.view()), {}, timeout, 1 << 20);
  if (!answer) out.error = answer.error();
  else if (answer->status != 200) {
    const auto problem = problem_of(*answer);
    out.error = Error{Errc::unproved, told_by(node.name, problem, problem.its_words)};
  } else if (auto tip = codec::decode<ledger::TipAnswer>(answer->body, "a tip"); tip) out.tip = std::move(*tip);
  else out.error = Error{Errc::proof_invalid, tip.error().detail};
  return out;
}

}  // namespace

Survey survey(const Network& network, std::chrono::milliseconds timeout) {
  SystemEntropy entropy;
  const Hash nonce{draw<32>(entropy)};
  const auto& nodes = network.record.nodes;
  std::vector<Heard> heard(nodes.size());
  {
    std::vector<std::jthread> asking;
    for (std::size_t i = 0; i < nodes.size(); ++i) asking.emplace_back([&, i] { heard[i] = hear(nodes[i], network, nonce, timeout); });
  }
  const auto root = root_of(network.genesis, network.chain);
  Acks acks(root, nonce);
  Survey out;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    NodeSeen seen{nodes[i].name, nodes[i].url, false, {}, {}};
    auto error = heard[i].error;
    if (!error) {
      if (const auto block = verify_anchor(root, heard[i].tip.anchor); !block) error = block.error();
      else if (const auto added = acks.add(heard[i].tip.acks); !added) error = added.error();
      else seen.height = block->header.height, seen.verified = true;
    }
    if (error) seen.why = error->detail.empty() ? error_row(error->code).title : error->detail;
    out.nodes.push_back(std::move(seen));
  }
  out.have = acks.at({}).answering;
  out.of = std::uint32_t(root.validators->members.size());
  out.need = out.of * 2 / 3 + 1;
  return out;
}

}  // namespace dos::client
