// Journal records as they may come off a damaged disk: never a crash, and what is read back encodes to itself.
#include <cstdlib>

#include "consensus/make_simplex.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::consensus;
  std::vector<EngineRecord> records;
  BytesView in(data, size);
  while (in.size() >= 4) {  // kind, height, u16 length, bytes
    const std::size_t length = std::min<std::size_t>(in.size() - 4, std::size_t(in[2]) | std::size_t(in[3]) << 8);
    records.push_back({std::uint8_t(in[0] % 13), Height{in[1]}, to_bytes(in.subspan(4, length))});
    in = in.subspan(4 + length);
  }
  if (const auto read = read_blocks(records, simplex_readable); read)
    for (const auto& [id, block] : read->blocks) {
      const auto again = codec::decode<Proposal>(encode_proposal(block.proposal).bytes);
      if (!again || ledger::block_id(again->header) != id) std::abort();
    }
  return 0;
}
