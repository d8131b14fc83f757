// What every check of a signature by one key begins with, whatever was signed: ML-DSA hashes the key (FIPS 204: tr), which is a
// tenth of the check. Whoever checks many by one key computes it once.
#pragma once
#include "base/result.hpp"
#include "crypto/keys.hpp"

namespace dos::crypto {

struct KeyDigest {
  ByteArray<64> tr{};  // zeros for Ed25519, which has none
};
KeyDigest key_digest(const PublicKey& key);  // a well-formed one

// verify_bytes of sign.hpp. `digest` is key_digest(key): with another one nothing verifies.
Status verify_bytes(const PublicKey& key, const KeyDigest& digest, BytesView message, const Signature& signature);

}  // namespace dos::crypto
