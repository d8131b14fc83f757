// What parses as known_networks is written again byte for byte.
#include "base/check.hpp"
#include "client/trust/known_networks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const auto text = as_text(BytesView(data, size));
  if (const auto networks = client::parse_known_networks(text); networks && size != 0)
    DOS_CHECK(client::format_known_networks(*networks) == text);
  return 0;
}
