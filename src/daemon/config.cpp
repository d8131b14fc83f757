#include "daemon/config.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <array>

#include "base/edit_distance.hpp"
#include "os/posix_disk.hpp"

namespace dos::daemon {
namespace {

constexpr std::array kNames{"data",  "genesis",   "keys",    "modules",         "run", "listen", "p2p_listen",
                            "peers", "log_level", "threads", "upload_quota_mib"};

}  // namespace

std::string nearest_name(std::string_view word) {
  std::string best;
  std::size_t least = 4;
  if (word.size() > 40) return best;
  for (const auto* name : kNames)
    if (const auto d = edit_distance(word, name); d < least) {
      least = d;
      best = name;
    }
  return best;
}

Status read_config_file(const std::string& path, DaemonConfig& config) {
  DOS_ASSIGN(const auto bytes, os::read_host_file(path, 1 << 20));
  return parse_config(as_text(bytes), path, config);
}

Status parse_config(std::string_view text_of_file, const std::string& path, DaemonConfig& config) {
  for (std::size_t at = 0, number = 1; at < text_of_file.size(); ++number) {
    const auto end = std::min(text_of_file.find('\n', at), text_of_file.size());
    if (end - at > kMaxConfigLine)
      return fail(Errc::usage,
                  path + ", line " + std::to_string(number) + ": a line has at most " + std::to_string(kMaxConfigLine) + " bytes");
    at = end + 1;
  }
  toml::table table;
  try {
    table = toml::parse(text_of_file, path);
  } catch (const toml::parse_error& e) {
    return fail(Errc::usage, path + ", line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description()));
  }
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    const auto where = path + ", line " + std::to_string(key.source().begin.line) + ": ";
    auto text = [&](std::string& into) -> Status {
      if (!value.is_string()) return fail(Errc::usage, where + name + " is a text in quotes");
      into = value.as_string()->get();
      return {};
    };
    auto number = [&](auto& into, std::int64_t least, std::int64_t most) -> Status {
      if (!value.is_integer() || value.as_integer()->get() < least || value.as_integer()->get() > most)
        return fail(Errc::usage, where + name + " is a number from " + std::to_string(least) + " to " + std::to_string(most));
      into = std::remove_reference_t<decltype(into)>(value.as_integer()->get());
      return {};
    };
    if (name == "data") DOS_TRY(text(config.data));
    else if (name == "genesis") DOS_TRY(text(config.genesis));
    else if (name == "keys") DOS_TRY(text(config.keys));
    else if (name == "modules") DOS_TRY(text(config.modules));
    else if (name == "run") DOS_TRY(text(config.run));
    else if (name == "listen") DOS_TRY(text(config.listen));
    else if (name == "p2p_listen") DOS_TRY(text(config.p2p_listen));
    else if (name == "peers") {
      if (!value.is_array()) return fail(Errc::usage, where + "peers is a list of texts \"NAME=HOST:PORT\"");
      for (const auto& peer : *value.as_array()) {
        if (!peer.is_string()) return fail(Errc::usage, where + "peers is a list of texts \"NAME=HOST:PORT\"");
        config.peers.push_back(peer.as_string()->get());
      }
    } else if (name == "log_level") DOS_TRY(text(config.log_level));
    else if (name == "threads") DOS_TRY(number(config.threads, 1, 64));
    else if (name == "upload_quota_mib") DOS_TRY(number(config.upload_quota_mib, 0, 1 << 30));
    else {
      const auto near = nearest_name(name);
      return fail(Errc::usage, where + "there is no setting '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
  }
  return {};
}

Result<net::HostPort> parse_listen(const std::string& listen, net::AnyFreePort any) {
  auto at = net::parse_listen(listen, any);
  if (!at) return fail(Errc::usage, "listen is ADDRESS:PORT, not '" + listen + "'");
  return at;
}

Result<std::map<std::string, std::string>> parse_peers(const std::vector<std::string>& peers) {
  std::map<std::string, std::string> all;
  for (const auto& peer : peers) {
    const auto is = peer.find('=');
    if (is == std::string::npos || is == 0) return fail(Errc::usage, "a peer is NAME=HOST:PORT, not '" + peer + "'");
    const auto at = peer.substr(is + 1);
    DOS_TRY(parse_listen(at, net::AnyFreePort::no));
    all[peer.substr(0, is)] = at;
  }
  return all;
}

Status check_config(const DaemonConfig& c) {
  for (const auto& [name, value] : {std::pair("data", &c.data), {"genesis", &c.genesis}, {"keys", &c.keys}, {"modules", &c.modules}})
    if (value->empty()) return fail(Errc::usage, std::string("give --") + name);
  DOS_TRY(parse_listen(c.listen));
  if (!c.p2p_listen.empty()) DOS_TRY(parse_listen(c.p2p_listen));
  DOS_TRY(parse_peers(c.peers));
  if (c.log_level != "debug" && c.log_level != "info" && c.log_level != "warn" && c.log_level != "error")
    return fail(Errc::usage, "log_level is debug, info, warn or error, not '" + c.log_level + "'");
  return {};
}

}  // namespace dos::daemon
