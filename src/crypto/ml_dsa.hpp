// ML-DSA (FIPS 204) with every input explicit: keys from the seed xi, signing with the randomness passed in. AWS-LC's
// public EVP interface draws that randomness itself; this wrapper calls the functions below it, which the static library
// exports. The only file that knows them.
#pragma once
#include "base/bytes.hpp"
#include "crypto/keys.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

// ML-DSA.KeyGen_internal(xi): false only if the library refuses.
bool ml_dsa_keypair(KeyType type, BytesView xi, Bytes& public_key, Secret& private_key);

// ML-DSA.Sign_internal on M' = 0 || |ctx| || ctx || message (pure ML-DSA). `rnd` is 32 bytes; `out` has the type's length.
bool ml_dsa_sign(KeyType type, BytesView private_key, BytesView message, BytesView context, BytesView rnd, std::span<std::uint8_t> out);

ByteArray<64> ml_dsa_key_digest(BytesView public_key);  // tr of FIPS 204
// ML-DSA.Verify_internal; `tr` is the key's digest.
bool ml_dsa_verify(KeyType type, BytesView public_key, const ByteArray<64>& tr, BytesView message, BytesView context, BytesView signature);

}  // namespace dos::crypto
