// For tests: a genesis of one validator with real modules, a data folder of its own, and signed transactions.
#pragma once
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "kernel/host/table.hpp"
#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"
#include "node/node.hpp"
#include "node/os/posix_disk.hpp"
#include "node/os/system.hpp"

namespace dos::node::testnet {

using kernel::testchain::key_of;

struct QuietLog final : Log {
  void write(LogLevel level, std::string_view, std::string_view message) override {
    if (level == LogLevel::error) last_error = std::string(message);
  }
  std::string last_error;
};

struct Folder {
  Folder() {
    char name[] = "/tmp/dos-node-test-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

// Compiled modules for all of a test's nodes.
inline const std::string& code_folder() {
  static const Folder folder;
  return folder.path;
}
inline Hash code_key() { return crypto::plain_hash(as_bytes("code")); }

inline ledger::Genesis make_genesis(const std::string& name = "test") {
  SystemClock clock;
  ledger::Genesis g;
  g.name = name;
  g.time = TimeMs{clock.wall_ms() - 1000};
  SystemEntropy().fill(g.salt.bytes);
  g.faucet = Credits{1'000'000 * kMicroPerCredit};
  g.sponsor = Credits{1'000 * kMicroPerCredit};
  g.validators.members.push_back({"v1", 1, key_of("v1").public_key(), key_of("n1", crypto::KeyType::ml_dsa_65).public_key()});
  for (const char* account : {"alice", "bob", "carol"})
    g.accounts.push_back({account, kernel::testchain::account_of(account), Credits{10'000 * kMicroPerCredit}});
  auto runtime = *vm::make_wasm_runtime(kernel::host_functions(), &kernel::testchain::MapCache::shared());
  const std::pair<std::uint16_t, const char*> modules[] = {{1, "id"}, {2, "credit"}, {3, "fs"}, {4, "msg"}};
  for (const auto& [number, module] : modules) {
    const auto wasm = kernel::testchain::read_module(module);
    auto compiled = runtime->compile(wasm, {});
    if (!compiled) throw std::runtime_error(compiled.error().detail);
    const auto table = *runtime->read_export(**compiled, "dos_table", 50'000'000);
    g.modules.push_back({number, {module, ledger::blob_root_of(wasm), wasm.size(), kernel::kHostAbi, table}});
  }
  return g;
}

struct Network {
  Folder folder;
  ledger::Genesis genesis = make_genesis();
  Hash chain = ledger::genesis_hash(genesis);
  SystemClock clock;
  SystemEntropy entropy;
  QuietLog log;

  NodeConfig config() const {
    NodeConfig c;
    c.data = folder.path + "/v1";
    c.key_unused = !std::filesystem::exists(c.data);
    c.chain.genesis = codec::encode(genesis);
    c.chain.modules = modules_in(DOS_TEST_MODULES);
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

  ledger::SignedTransaction pay(std::uint64_t micro, const std::string& from = "alice", const std::string& to = "bob") {
    ledger::Transaction t;
    t.chain = chain;
    t.sender = {ledger::AccountSender{from, "active"}};
    t.valid_until = TimeMs{clock.wall_ms() + 60'000 + paid_++};  // two of one millisecond and amount are not the same transaction
    t.limits = {Gas{2'000'000}, 8'000, Credits{0}};
    t.calls.push_back({ledger::kCreditModule, credit::kPay, {ledger::Literal{codec::encode(credit::Pay{from, to, Credits{micro}})}}});
    t.access = {{ledger::Debit{ledger::purse_key(from), Credits{micro}}},
                {ledger::Deposit{ledger::purse_key(to)}},
                {ledger::Read{ledger::account_key(to), std::nullopt}}};
    return sign(std::move(t), from);
  }
  std::uint64_t paid_ = 0;
  ledger::SignedTransaction sign(ledger::Transaction t, const std::string& by) {
    const auto key = key_of(by);
    ledger::SigWitness w{"", crypto::key_id(key.public_key()),
                         *crypto::sign(key, crypto::domain::kSignTx, chain, ledger::TxToSign{ledger::txid(t)}, entropy)};
    return {std::move(t), {{std::move(w)}}};
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

}  // namespace dos::node::testnet
