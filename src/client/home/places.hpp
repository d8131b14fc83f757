// Where things of this user lie on this machine (docs/spec/keys-on-disk.md). $DOS_HOME, if set, holds everything; else the
// XDG folders, with their defaults when a variable is not set. Nothing here makes a folder unless it says so.
#pragma once
#include <filesystem>
#include <functional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::client {

using Environment = std::function<const char*(const char* name)>;  // std::getenv, or a test's

struct Places {
  std::filesystem::path config;  // for settings: none are read yet
  std::filesystem::path data;  // what must not be lost: keys, known_networks, genesis files
  std::filesystem::path state;  // networks, heights, uploads to go on with, read marks
  std::filesystem::path run;  // sockets: short, 0700
  std::filesystem::path net(std::string_view name) const { return nets() / name; }
  std::filesystem::path nets() const { return state / "nets"; }
  std::filesystem::path net_record(std::string_view name) const { return net(name) / "net.json"; }
  std::filesystem::path dev_keys(std::string_view network) const { return net(network) / "keys"; }
  std::filesystem::path keys(const Hash& chain) const { return data / "keys" / hex(BytesView(chain.bytes).first(16)); }
  std::filesystem::path known_networks() const { return data / "known_networks"; }
  std::filesystem::path genesis(const Hash& chain) const { return data / "genesis" / hex(chain.view()); }
  std::filesystem::path height(const Hash& chain) const { return state / "heights" / hex(chain.view()); }
  std::filesystem::path uploads() const { return state / "uploads"; }
  std::filesystem::path agent_socket() const { return run / "agent.sock"; }
};

// Fails (usage) if neither $DOS_HOME nor $HOME nor the password database names a folder, or $DOS_HOME is not absolute.
Result<Places> find_places(const Environment& environment);
Result<Places> find_places();  // of this process

// Makes `folder` with its parents, 0700 each. What exists is left as it is.
Status make_private_folder(const std::filesystem::path& folder);
// The run folder, made and checked: a link is refused, and what another user prepared in the shared temporary directory (host_io).
Status make_run_folder(const Places& places);
Status check_run_folder(const Places& places);  // the same of one that is there; no_host_file

}  // namespace dos::client
