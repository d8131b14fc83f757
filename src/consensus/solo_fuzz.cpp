// Journal records as they may come off a damaged disk: never a crash, and what is read back encodes to itself.
#include <cstdlib>

#include "consensus/solo_records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::consensus;
  std::vector<Record> records;
  BytesView in(data, size);
  while (in.size() >= 4) {  // kind, height, u16 length, bytes
    const std::size_t length = std::min<std::size_t>(in.size() - 4, std::size_t(in[2]) | std::size_t(in[3]) << 8);
    records.push_back({RecordKind(in[0] % 12), Height{in[1]}, to_bytes(in.subspan(4, length))});
    in = in.subspan(4 + length);
  }
  if (const auto image = read_journal(records); image && image->high_water) {
    const auto again = codec::decode<HighWater>(codec::encode(*image->high_water));
    if (!again || again->fin_height != image->high_water->fin_height) std::abort();
  }
  return 0;
}
