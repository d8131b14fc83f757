// X-Wing (draft-connolly-cfrg-xwing-kem-06): ML-KEM-768 (FIPS 203) and X25519 (RFC 7748) as one key encapsulation. It holds
// while either holds. Every input is explicit, as in the draft's derandomised functions.
#pragma once
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

inline constexpr std::size_t kXWingPublicBytes = 1216;      // ML-KEM-768 (1184), X25519 (32)
inline constexpr std::size_t kXWingCiphertextBytes = 1120;  // ML-KEM-768 (1088), X25519 (32)
inline constexpr std::size_t kXWingSecretBytes = 32;        // the private key is its seed

struct XWingKey {
  Bytes public_key;
  Secret kem;         // ML-KEM-768 decapsulation key, 2,400 bytes
  SecretArray<32> x;  // X25519 scalar
};

void x_wing_expand(BytesView seed, XWingKey& out);  // 32 bytes
// `randomness`: 64 bytes, ML-KEM's m and then the ephemeral X25519 scalar. bad_key: the public key is not one.
Status x_wing_encapsulate(BytesView public_key, BytesView randomness, Bytes& ciphertext, SecretArray<32>& shared);
// A changed ciphertext gives another secret (implicit rejection) or, for a low-order X25519 point, Errc::sealed.
Status x_wing_decapsulate(const XWingKey& key, BytesView ciphertext, SecretArray<32>& shared);

}  // namespace dos::crypto
