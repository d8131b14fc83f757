// For tests: a node of one validator on a data folder of its own.
#pragma once
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "chain/test_genesis.hpp"
#include "node/node.hpp"

namespace dos::node::testnet {

using namespace chain::testnet;

struct Network : Place {
  NodeConfig config() const {
    NodeConfig c;
    c.data = folder.path + "/v1";
    c.key_unused = !std::filesystem::exists(c.data);
    c.chain.genesis = codec::encode(genesis);
    c.chain.modules = os::modules_in(DOS_TEST_MODULES);
    c.chain.rules = syscalls::system_rules();
    return c;
  }
  Result<std::unique_ptr<Node>> open() { return open(config()); }
  Result<std::unique_ptr<Node>> open(NodeConfig c) {
    return Node::open(std::move(c), key_of("v1"), key_of("n1", crypto::KeyType::ml_dsa_65), {clock, entropy, log}, 20'000);
  }

  void write(const std::string& name, BytesView bytes, mode_t mode = 0600) const {
    std::ofstream(folder.path + "/" + name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
    ::chmod((folder.path + "/" + name).c_str(), mode);
  }
  // genesis, vote.key and node.key, as dosd wants them
  void write_files() const {
    write("genesis", codec::encode(genesis));
    write("vote.key", crypto::plain_hash(as_bytes("v1")).view());
    write("node.key", crypto::plain_hash(as_bytes("n1")).view());
  }
};

inline ledger::SubmitAnswer submit(Node& node, std::vector<Bytes> txs, std::uint64_t timeout_ms = 20'000) {
  std::promise<Result<ledger::SubmitAnswer>> answer;
  node.submit({std::move(txs)}, true, timeout_ms, [&](Result<ledger::SubmitAnswer> a) { answer.set_value(std::move(a)); });
  auto a = answer.get_future().get();
  if (!a) throw std::runtime_error(a.error().detail);
  return std::move(*a);
}
inline Result<ledger::StateAnswer> read(Node& node, ledger::StateQuery query) {
  std::promise<Result<ledger::StateAnswer>> answer;
  node.state(std::move(query), [&](Result<ledger::StateAnswer> a) { answer.set_value(std::move(a)); });
  return answer.get_future().get();
}
inline Result<ledger::StoredAnswer> stored(Node& node, const ledger::StoredRequest& request) {
  std::promise<Result<ledger::StoredAnswer>> answer;
  node.stored(request, [&](Result<ledger::StoredAnswer> a) { answer.set_value(std::move(a)); });
  return answer.get_future().get();
}
inline Result<ledger::TipAnswer> tip(Node& node, const Hash& nonce) {
  std::promise<Result<ledger::TipAnswer>> answer;
  node.tip(nonce, [&](Result<ledger::TipAnswer> a) { answer.set_value(std::move(a)); });
  return answer.get_future().get();
}
inline std::uint64_t balance(Node& node, const std::string& who) {
  ledger::StateQuery q;
  q.items.push_back(ledger::KeyItem{ledger::purse_key(who), true});
  const auto a = read(node, q);
  if (!a) throw std::runtime_error(a.error().detail);
  const auto view = proof::verify(a->proof, a->anchor.parts.state_root);
  if (!view) throw std::runtime_error(view.error().detail);
  return codec::decode<ledger::Purse>(*(*view->find(ledger::purse_key(who)))->data)->balance.value;
}

inline api::Source stranger(std::uint8_t n) {
  api::Source s;
  s.key = {0x20, 1, n};
  return s;
}

// Of work, by all who asked.
inline std::uint64_t spent(const Node& node) {
  const auto text = node.metrics();
  const std::string series = "\ndos_ask_work ";
  return std::stoull(text.substr(text.find(series) + series.size()));
}

}  // namespace dos::node::testnet
