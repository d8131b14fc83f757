// AES-256-GCM (NIST SP 800-38D): 32-byte key, 12-byte nonce, 16-byte tag behind the ciphertext. A (key, nonce) pair seals
// once; whoever calls says how that is ensured.
#pragma once
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::crypto {

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadNonceBytes = 12;
inline constexpr std::size_t kAeadTagBytes = 16;

using AeadNonce = ByteArray<kAeadNonceBytes>;

// One key, expanded once, for many chunks. Wiped on destruction.
class Aead {
 public:
  explicit Aead(BytesView key);  // kAeadKeyBytes
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;
  ~Aead();

  // `out` is as long as the plaintext and a tag; it may be the plaintext's own buffer, at the same start.
  void seal(const AeadNonce& nonce, BytesView aad, BytesView plaintext, std::span<std::uint8_t> out) const;
  // `out` is as long as the ciphertext without its tag; it may be the ciphertext's own buffer. Errc::sealed: nothing was
  // opened and `out` holds nothing of the plaintext.
  Status open(const AeadNonce& nonce, BytesView aad, BytesView ciphertext, std::span<std::uint8_t> out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

Bytes aead_seal(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView plaintext);
Result<Bytes> aead_open(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView ciphertext);

}  // namespace dos::crypto
