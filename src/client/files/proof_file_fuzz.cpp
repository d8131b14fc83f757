// Proof files: whatever the bytes are, they are refused or decode to what encodes to the same bytes; verification never ends
// but with a value or an error. The hash at the end is mended, so that what lies behind it is reached.
#include "client/files/proof_file.hpp"
#include "crypto/hash.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  Bytes file = to_bytes(client::kProofMagic);
  append(file, BytesView(data, size));
  append(file, crypto::plain_hash(file).view());
  for (BytesView bytes : {BytesView(data, size), BytesView(file)}) {
    const auto decoded = client::decode_proof_file(bytes);
    if (!decoded) continue;
    if (!equal(client::encode_proof_file(*decoded), bytes)) __builtin_trap();
    static const ledger::Genesis genesis;
    if (client::verify_proof_file(*decoded, client::root_of(genesis, decoded->anchor.header.chain)))
      __builtin_trap();  // no validator, no proof
    (void)proof::verify(decoded->proof, proof::state_root(decoded->proof.parts));  // the root that it claims itself
  }
  return 0;
}
