// Keys from passphrases: Argon2id (RFC 9106, version 1.3) and PBKDF2-HMAC-SHA512 (RFC 8018). HMAC-SHA512 (RFC 2104) is
// here for SLIP-10.
#pragma once
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

struct Argon2Cost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 64 * 1024;
  std::uint32_t lanes = 1;
};

// Salt of 8 bytes or more, out of 4 or more; `key` and `data` are RFC 9106's K and X, usually empty. Lanes are filled one
// after another: no threads. limit: the memory could not be had. weak_kdf: the library refuses the parameters.
Status argon2id(const Argon2Cost& cost, BytesView password, BytesView salt, BytesView key, BytesView data, std::span<std::uint8_t> out);

void pbkdf2_hmac_sha512(BytesView password, BytesView salt, std::uint32_t rounds, std::span<std::uint8_t> out);  // rounds > 0
void hmac_sha512(BytesView key, BytesView data, std::span<std::uint8_t, 64> out);

}  // namespace dos::crypto
