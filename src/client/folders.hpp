// Where a user's state lies: under $DOS_HOME if set, else the XDG folders (docs/cli.md, `dos paths`). Nothing else in the
// client decides about places. Folders are made 0700 on first use.
#pragma once
#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::client {

struct Folders {
  std::filesystem::path config;  // known_networks/<chain>.genesis: pins, kept after reset and rm
  std::filesystem::path data;    // keys/: identities that are not of a local network
  std::filesystem::path state;   // nets/<name>/, seen/<chain>, inbox marks, interrupted uploads
  std::filesystem::path run;     // short: unix sockets

  std::filesystem::path keys() const { return data / "keys"; }
  std::filesystem::path nets() const { return state / "nets"; }
  std::filesystem::path net(std::string_view name) const { return nets() / name; }
  std::filesystem::path dev_keys(std::string_view net_name) const { return net(net_name) / "keys"; }
  std::filesystem::path known_networks() const { return config / "known_networks"; }
  std::filesystem::path seen() const { return state / "seen"; }
};

Folders folders();  // from the environment, each call

// Host files. no_host_file or host_io with the path and the system's reason.
Result<Bytes> read_host_file(const std::filesystem::path& path, std::uint64_t limit_bytes);
// A temporary file beside it, synced, renamed over it; mode as given. Folders on the way are made 0700.
Status write_host_file(const std::filesystem::path& path, BytesView data, unsigned mode = 0600);
Status make_private_folder(const std::filesystem::path& path);

}  // namespace dos::client
