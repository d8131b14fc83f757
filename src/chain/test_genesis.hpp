// For tests: a genesis of one validator with real modules, a data folder of its own, and signed transactions.
#pragma once
#include "abi/host_table.hpp"
#include "chain/system_code.hpp"
#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"
#include "modules/system.hpp"
#include "os/module_folder.hpp"
#include "os/posix_disk.hpp"
#include "os/system.hpp"
#include "os/test_folder.hpp"

namespace dos::chain::testnet {

using kernel::testchain::key_of;
using os::testnet::Folder;
using os::testnet::QuietLog;

// Compiled modules for all of a test's nodes.
inline const std::string& code_folder() {
  static const Folder folder;
  return folder.path;
}
inline Hash code_key() { return crypto::plain_hash(as_bytes("code")); }

inline ledger::Genesis make_genesis(const std::string& name = "test") {
  os::SystemClock clock;
  ledger::Genesis g;
  g.name = name;
  g.time = TimeMs{clock.wall_ms() - 1000};
  os::SystemEntropy().fill(g.salt.bytes);
  g.faucet = Credits{1'000'000 * kMicroPerCredit};
  g.sponsor = Credits{1'000 * kMicroPerCredit};
  g.validators.members.push_back({"v1", 1, key_of("v1").public_key(), key_of("n1", crypto::KeyType::ml_dsa_65).public_key()});
  for (const char* account : {"alice", "bob", "carol"})
    g.accounts.push_back({account, kernel::testchain::account_of(account), Credits{10'000 * kMicroPerCredit}});
  auto runtimes = *vm::Runtimes::make(&kernel::testchain::MapCache::shared());
  for (const auto& [number, module] : modules::kSystemModules) {
    const auto wasm = kernel::testchain::read_module(module);
    auto compiled = runtimes->compile(wasm, {});
    if (!compiled) throw std::runtime_error(compiled.error().detail);
    const auto table = *(*compiled)->table(50'000'000);
    g.modules.push_back({number, {module, ledger::blob_root_of(wasm), wasm.size(), abi::kHostAbi, table}});
  }
  return g;
}

// A folder, a genesis in it and people of it who pay each other.
struct Place {
  Folder folder;
  ledger::Genesis genesis = make_genesis();
  Hash chain = ledger::genesis_hash(genesis);
  os::SystemClock clock;
  os::SystemEntropy entropy;
  QuietLog log;

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

}  // namespace dos::chain::testnet
