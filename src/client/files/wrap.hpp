// Small secrets under a long-lived secret key: AES-256-GCM under a key derived for one purpose, with a nonce drawn at
// random (fewer than 2^32 wraps a key: SP 800-38D, 8.3). Form: nonce 12, ciphertext, tag 16.
#pragma once
#include "base/edge.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"

namespace dos::client {

inline constexpr std::size_t kWrapOverhead = crypto::kAeadNonceBytes + crypto::kAeadTagBytes;

Bytes wrap(crypto::Domain purpose, BytesView key, BytesView bound, BytesView secret, Entropy& entropy);
// sealed: another key, other bound bytes, or changed.
Result<crypto::Secret> unwrap(crypto::Domain purpose, BytesView key, BytesView bound, BytesView wrapped);

}  // namespace dos::client
