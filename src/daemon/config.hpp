// What `dosd run` is told: flags, and the same names in a TOML file (`--config FILE`). A flag wins over the file.
#pragma once
#include <map>
#include <vector>

#include "net/addresses.hpp"

namespace dos::daemon {

struct DaemonConfig {
  std::string data, genesis, keys, modules, run;
  std::string listen = "127.0.0.1:7400";
  std::string p2p_listen;               // HOST:PORT for other validators; empty: the address that the genesis gives this one
  std::vector<std::string> peers;       // NAME=HOST:PORT: where to dial a validator, in place of the genesis' word
  std::string log_level = "info";
  unsigned threads = 2;
  std::uint64_t upload_quota_mib = 0;   // 0: a share of the disk (kUnclaimedDiskShare)
};

// A key a.a.a makes a table inside a table for each letter, and what is deep is destroyed by functions that call themselves.
inline constexpr std::size_t kMaxConfigLine = 8192;
// usage: an unknown key (with line and nearest name), a value of another type.
Status read_config_file(const std::string& path, DaemonConfig& config);
Status parse_config(std::string_view text_of_file, const std::string& path, DaemonConfig& config);
// The name nearest to `word` by edit distance; empty if none is near.
std::string nearest_name(std::string_view word);
Status check_config(const DaemonConfig& config);  // usage: names what is missing or wrong
Result<std::map<std::string, std::string>> parse_peers(const std::vector<std::string>& peers);  // name -> HOST:PORT
Result<net::HostPort> parse_listen(const std::string& listen, net::AnyFreePort any = net::AnyFreePort::yes);  // usage

}  // namespace dos::daemon
