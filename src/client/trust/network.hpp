// The record of a network that this user knows (docs/spec/net-record.md): net.json in its folder. Written by `dos net`,
// read by every command. Amounts of trust: the genesis hash in it is the root of all that the client believes about this
// chain; URLs and pids are hints.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "client/home/places.hpp"
#include "client/trust/http.hpp"
#include "ledger/genesis.hpp"

namespace dos::client {

struct NodeRecord {
  std::string name;  // "v1"
  std::string url;   // of its API
  std::string p2p;   // host:port where other validators reach it
  std::int64_t pid = 0;  // of the process last started; says nothing about being alive
  std::string admin;   // path of its admin socket; empty: not known
  std::string binary;  // stamp of the dosd that it was last started from
};
struct NetworkRecord {
  std::string name;    // "local"
  std::string chain;   // name of the chain, "dos-local-7f3a"
  Hash genesis;        // its hash: the chain id
  std::string format;  // ledger::kFormat of its data
  std::vector<NodeRecord> nodes;
  std::string binary;  // stamp of the dosd that a node was last started from; empty if unknown
  std::string toured;  // build for which the tour has stored its large file; empty: none
};

inline constexpr std::uint64_t kMaxRecordBytes = 256 * 1024;
inline constexpr std::size_t kMaxNodes = 255;
inline constexpr std::size_t kMaxGenesisBytes = 64u << 20;

bool valid_network_name(std::string_view name);  // 1 to 32 of a-z 0-9 '-' '_' '.', first a letter or digit
std::string network_json(const NetworkRecord& record);
Result<NetworkRecord> parse_network(BytesView json);  // malformed

struct Network {  // a record with its genesis, checked against each other
  NetworkRecord record;
  ledger::Genesis genesis;
  Hash chain;      // genesis_hash(genesis)
  Hash valset;
  std::filesystem::path folder;
};
// net_absent, unreachable ("start it: dos net up") if it is the default name, other_format, chain_changed, host_io.
Result<Network> load_network(const Places& places, std::string_view name);
Result<NetworkRecord> load_record(const std::filesystem::path& folder);
Status save_record(const std::filesystem::path& folder, const NetworkRecord& record);

// A genesis from a file. `chain` is its hash.
struct PinnedGenesis {
  ledger::Genesis genesis;
  Hash chain;
};
Result<PinnedGenesis> read_genesis(const std::filesystem::path& file);

inline constexpr const char* kGenesisFile = "genesis.dos";  // in the network's folder

}  // namespace dos::client
