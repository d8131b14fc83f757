// Addresses that peers claim: refused, or a host and a port that were written so.
#include <cstdlib>

#include "net/addresses.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const auto text = as_text(BytesView(data, size));
  const auto at = net::parse_listen(text);
  if (!at) return 0;
  if (at->host.empty() || at->port == 0 || at->host.size() > net::kMaxListenText) std::abort();
  const bool v6 = at->host.find(':') != std::string::npos;
  const auto again = net::parse_listen((v6 ? "[" + at->host + "]" : at->host) + ":" + std::to_string(at->port));
  if (!again || again->host != at->host || again->port != at->port) std::abort();
  return 0;
}
