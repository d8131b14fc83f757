// Formats of the objects that the kernel reads natively for every call: module records, accounts, purses, parameters
// (docs/spec/objects.md). Only the modules `id` and `credit` change accounts and purses. Shared by host and guests.
#pragma once
#include "ledger/object.hpp"

namespace dos::ledger {

// Account names: 1 to kMaxAccountName of a-z 0-9 '-' '.', first a letter, last not '-' or '.'.
bool valid_account_name(std::string_view name);

// ---- id: key  id,'a',name
struct WeightedKey {
  crypto::PublicKey key;
  std::uint16_t weight = 1;
  DOS_FIELDS(key, weight);
};
struct WeightedAccount {  // another account's permission counts with this weight
  std::string account, permission;
  std::uint16_t weight = 1;
  DOS_FIELDS(account, permission, weight);
};
struct Permission {
  std::string name;      // "owner" satisfies every other; "active" is what people use
  std::uint32_t threshold = 1;
  std::vector<WeightedKey> keys;
  std::vector<WeightedAccount> accounts;
  DOS_FIELDS(name, threshold, keys, accounts);
};
struct EncryptionKey {
  std::uint32_t epoch = 1;  // counts rotations
  crypto::BoxKey key;
  DOS_FIELDS(epoch, key);
};
struct Account {
  std::vector<Permission> permissions;
  std::vector<EncryptionKey> encryption;  // newest last; old ones stay so that archived mail can name its key
  bool development = false;               // made by the genesis of a local network
  DOS_FIELDS(permissions, encryption, development);
};
inline Bytes account_key(std::string_view name) {
  Bytes k = module_key(kIdModule);
  k.push_back('a');
  append(k, as_bytes(name));
  return k;
}

// ---- credit: key  credit,'p',owner
struct Purse {
  Credits balance;
  DOS_FIELDS(balance);
};
inline Bytes purse_key(std::string_view owner) {
  Bytes k = module_key(kCreditModule);
  k.push_back('p');
  append(k, as_bytes(owner));
  return k;
}
inline constexpr const char* kFeePurse = "fees..";      // not valid account names: nobody can register them
inline constexpr const char* kFaucetPurse = "faucet..";
inline constexpr const char* kSponsorPurse = "sponsor..";

// ---- kernel: key  0,'m',u16 number: one module
struct ModuleRecord {
  std::string name;
  Hash code;                  // blob root of the WebAssembly bytes, pinned
  std::uint64_t code_bytes = 0;
  std::uint32_t abi = 1;      // version of the host function table it was built for
  Bytes table;                // BCS vector<CallRow> (ledger/call_table.hpp)
  DOS_FIELDS(name, code, code_bytes, abi, table);
};
inline Bytes module_record_key(std::uint16_t number) {
  Bytes k = module_key(kSystemModule);
  k.push_back('m');
  append_be(k, number);
  return k;
}

// ---- kernel: key  0,'p': the parameters in force
struct Params {
  std::uint32_t vm = 1;                          // metering version; a node refuses another
  std::uint64_t gas_price = 1;                   // millionths of a credit a gas
  std::uint64_t byte_price = 1;                  // millionths of a credit a byte of transaction
  std::uint64_t rent_per_mib_year = 1'000'000;   // millionths of a credit
  std::uint64_t min_call_gas = 1'000'000;        // an ordinary call costs this, heavier ones their metered gas
  std::uint64_t block_gas = 256'000'000;
  std::uint64_t max_transaction_gas = 64'000'000;
  std::uint32_t block_bytes = 2 * 1024 * 1024;
  std::uint64_t default_rent_ms = 31'536'000'000;  // one year of 365 days: what clients pay ahead unless told otherwise
  std::uint64_t faucet_per_block = 1000 * kMicroPerCredit;
  std::uint64_t sponsor_per_block = 100 * kMicroPerCredit;  // quota for `id.new` from bare keys
  DOS_FIELDS(vm, gas_price, byte_price, rent_per_mib_year, min_call_gas, block_gas, max_transaction_gas, block_bytes, default_rent_ms,
             faucet_per_block, sponsor_per_block);
};
inline Bytes params_key() {
  Bytes k = module_key(kSystemModule);
  k.push_back('p');
  return k;
}

}  // namespace dos::ledger
