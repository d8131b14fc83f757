// A node's settings as a file, whatever stands in it: refused with a reason, or values within their bounds; and where to listen
// and whom to dial, which mean the same when they are written again.
#include "base/check.hpp"
#include "codec/bcs.hpp"
#include "daemon/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::daemon;
  const std::string text(as_text({data, size}));
  const auto same = [](const net::HostPort& at) {
    const bool v6 = at.host.find(':') != std::string::npos;
    const auto again = parse_listen((v6 ? "[" + at.host + "]" : at.host) + ":" + std::to_string(at.port));
    DOS_CHECK(again && again->host == at.host && again->port == at.port);
  };
  const auto peers_of = [&](const std::vector<std::string>& given) {
    const auto peers = parse_peers(given);
    if (!peers) return;
    DOS_CHECK(peers->size() <= given.size());
    for (const auto& [name, at] : *peers) {
      DOS_CHECK(!name.empty() && std::ranges::find(given, name + "=" + at) != given.end());
      const auto where = parse_listen(at, net::AnyFreePort::no);
      DOS_CHECK(where && where->port != 0);
      same(*where);
    }
  };
  DaemonConfig config;
  if (const auto read = parse_config(text, "file", config); !read) {
    DOS_CHECK(read.error().code == Errc::usage && !read.error().detail.empty());
  } else {
    DOS_CHECK(config.threads >= 1 && config.threads <= 64 && config.upload_quota_mib <= 1 << 30);
    for (const auto* value : {&config.data, &config.listen, &config.p2p_listen}) DOS_CHECK(codec::is_utf8(as_bytes(*value)));
    if (check_config(config)) DOS_CHECK(parse_listen(config.listen) && !config.data.empty() && parse_peers(config.peers));
    peers_of(config.peers);
  }
  peers_of({text, "v1=host:1"});
  if (const auto at = parse_listen(text)) same(*at);
  (void)nearest_name(text.substr(0, 100));
  return 0;
}
