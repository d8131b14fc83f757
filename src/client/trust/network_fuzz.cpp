// net.json and addresses: refused, or written and read again as the same.
#include "client/trust/network.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const BytesView bytes(data, size);
  if (const auto record = client::parse_network(bytes)) {
    const auto text = client::network_json(*record);
    const auto again = client::parse_network(as_bytes(text));
    if (!again || client::network_json(*again) != text) __builtin_trap();
  }
  if (const auto url = client::parse_url(as_text(bytes))) {
    const auto again = client::parse_url(url->text());
    if (!again || again->text() != url->text()) __builtin_trap();
  }
  return 0;
}
