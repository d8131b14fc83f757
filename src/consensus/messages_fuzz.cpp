// Messages of other validators' engines: the first byte chooses the type. What decodes encodes to the same bytes.
#include <cstdlib>

#include "consensus/messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const auto message = codec::decode<consensus::Message>(BytesView(data, size));
  if (message && codec::encode(*message) != Bytes(data, data + size)) std::abort();
  return 0;
}
