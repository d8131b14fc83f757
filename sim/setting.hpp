// What the machines of a run start from: keys, genesis, the system modules' code already in every disk's blobs, and their compiled
// code on one disk that all share, so that a machine starts in milliseconds.
#pragma once
#include <map>

#include "fakes/disk.hpp"
#include "ledger/genesis.hpp"
#include "sim/plan.hpp"

namespace dos::sim {

using namespace fakes;

// Of the process: the modules as built, and what all runs share of them.
class Modules {
 public:
  static Result<std::unique_ptr<Modules>> load(const std::string& folder);  // with NAME.wasm
  const std::vector<ledger::GenesisModule>& records() const { return records_; }
  Result<Bytes> wasm(const std::string& name) const;
  const SimDisk& installed() const { return installed_; }  // folders blobs and code, as a first start leaves them
  static Hash code_key();

 private:
  Modules() = default;
  std::map<std::string, Bytes> wasm_;
  std::vector<ledger::GenesisModule> records_;
  SimDisk installed_;
};

crypto::SigningKey key_of(const std::string& name, crypto::KeyType type);
crypto::KeyType vote_key_type(crypto::Suite suite);
crypto::KeyType node_key_type(crypto::Suite suite);
inline std::string account_name(std::uint32_t client) { return "client" + std::to_string(client); }
inline constexpr std::uint64_t kFirstMicro = 10'000 * kMicroPerCredit;

ledger::Genesis make_genesis(const Plan& plan, const Modules& modules);

}  // namespace dos::sim
