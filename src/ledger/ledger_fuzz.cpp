// Decoders and verifiers of the ledger's formats: no input crashes them, and what decodes has one encoding.
#include <cstdlib>

#include "ledger/genesis.hpp"

using namespace dos;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      if (auto tx = codec::decode<ledger::SignedTransaction>(in)) {
        (void)ledger::check_shape(*tx, in.size());
        if (codec::encode(*tx) != to_bytes(in)) std::abort();
      }
      break;
    case 1:
      if (auto payload = codec::decode<ledger::Payload>(in))
        if (auto txs = ledger::unpack(*payload); txs && codec::encode(ledger::pack(*txs)) != to_bytes(in)) std::abort();
      break;
    case 2:
      if (auto certificate = codec::decode<ledger::Certificate>(in)) {
        ledger::ValidatorSet set;
        set.members.resize(4);
        if (ledger::verify_certificate(Hash{}, set, *certificate)) std::abort();  // no key signed anything
      }
      break;
    default:
      if (auto genesis = ledger::decode_genesis(in); genesis && codec::encode(*genesis) != to_bytes(in)) std::abort();
  }
  return 0;
}
