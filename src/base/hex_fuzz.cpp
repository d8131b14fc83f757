// Text is refused, or is hex that comes back the same but for its case.
#include "base/bytes.hpp"
#include "base/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dos::Bytes out;
  if (!dos::unhex(dos::as_text({data, size}), out)) return 0;
  const std::string back = dos::hex(out);
  DOS_CHECK(back.size() == size);
  for (std::size_t i = 0; i < size; ++i) DOS_CHECK((back[i] | 0x20) == (data[i] | 0x20));
  return 0;
}
