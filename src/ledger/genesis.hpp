// Genesis: the one file from which a chain, its validators, modules and first objects follow (docs/spec/genesis.md).
// chain id = genesis hash = H(kGenesis, BCS(genesis)).
#pragma once
#include "ledger/block.hpp"

namespace dos::ledger {

inline constexpr const char* kFormat = "dos-3.1";  // of data folders; data of another format is moved aside, never read

enum class NetworkKind : std::uint8_t { local = 1, institutional = 2, public_ = 3 };
constexpr bool valid(NetworkKind k) { return k >= NetworkKind::local && k <= NetworkKind::public_; }

struct GenesisAccount {
  std::string name;
  Account account;
  Credits credits;
  DOS_FIELDS(name, account, credits);
};
struct GenesisModule {
  std::uint16_t number = 0;
  ModuleRecord record;
  DOS_FIELDS(number, record);
};
struct Genesis {
  std::string format = kFormat;
  std::string name;   // "dos-local-7f3a"
  NetworkKind kind = NetworkKind::local;
  crypto::Suite suite = crypto::Suite::pq;
  TimeMs time;
  Hash salt;          // random: two networks never share a chain id
  Params params;
  ValidatorSet validators;
  std::vector<GenesisModule> modules;    // ascending by number
  std::vector<GenesisAccount> accounts;  // ascending by name
  Credits faucet, sponsor;               // first balances of those purses
  DOS_FIELDS(format, name, kind, suite, time, salt, params, validators, modules, accounts, faucet, sponsor);
};
Hash genesis_hash(const Genesis& genesis);
Result<Genesis> decode_genesis(BytesView bytes);  // decoded, sorted, names and keys well formed; other_format, malformed

}  // namespace dos::ledger
