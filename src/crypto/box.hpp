// Sealed boxes: bytes for the holder of one encryption key (docs/spec/crypto.md, "Boxes"). A fresh encapsulation to the key,
// then AES-256-GCM under derive_key(kBox, BCS(type, shared secret, kem, public key, info)).
#pragma once
#include <memory>

#include "base/edge.hpp"
#include "crypto/keys.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

struct SealedBox {
  BoxType type = BoxType::x_wing;
  Bytes kem;         // X-Wing ciphertext, or the ephemeral X25519 public key
  Bytes ciphertext;  // with the tag
  DOS_FIELDS(type, kem, ciphertext);
  friend bool operator==(const SealedBox&, const SealedBox&) = default;
};

constexpr std::uint32_t sealed_box_overhead(BoxType t) { return box_ciphertext_bytes(t) + 16 + 1 + 2 + 5; }  // encoded, at most

// A private encryption key; wiped on destruction, never copied, never printed.
class BoxSecret {
 public:
  static Result<BoxSecret> from_seed(BoxType type, BytesView seed);  // 32 bytes
  BoxSecret(BoxSecret&&) noexcept;
  BoxSecret& operator=(BoxSecret&&) noexcept;
  ~BoxSecret();
  const BoxKey& public_key() const;

 private:
  friend Result<Secret> open(const BoxSecret&, BytesView, BytesView, const SealedBox&);
  struct Impl;
  explicit BoxSecret(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> impl_;
};

// `info` and `aad` must be given again to open: info goes into the key, aad into the authenticator. bad_key.
Result<SealedBox> seal(const BoxKey& to, BytesView info, BytesView aad, BytesView plaintext, Entropy& entropy);
// Errc::sealed for every box that does not open, whatever the reason.
Result<Secret> open(const BoxSecret& key, BytesView info, BytesView aad, const SealedBox& box);

}  // namespace dos::crypto
