// Typed signing. Signed bytes = BCS(context text, chain (32 bytes), value): no signature means anything in another
// context or on another chain. ML-DSA: FIPS 204, pure, empty ctx, hedged with `Entropy`. Ed25519: RFC 8032.
#pragma once
#include <memory>

#include "base/edge.hpp"
#include "crypto/hash.hpp"
#include "crypto/keys.hpp"

namespace dos::crypto {

inline constexpr std::size_t kSeedBytes = 32;  // every signing key is made from a seed of this length

// A private signing key; wiped on destruction, never copied, never printed.
class SigningKey {
 public:
  static Result<SigningKey> from_seed(KeyType type, BytesView seed);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();
  const PublicKey& public_key() const;
  Result<Signature> sign_bytes(BytesView message, Entropy& entropy) const;

 private:
  struct Impl;
  explicit SigningKey(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> impl_;
};

// signature_invalid, or bad_key if key or signature is not well formed.
Status verify_bytes(const PublicKey& key, BytesView message, const Signature& signature);

Hash key_id(const PublicKey& key);  // H(kKeyId, BCS(key))
Hash key_id(const BoxKey& key);     // the same context

template <class T>
Bytes signed_bytes(Domain context, const Hash& chain, const T& value) {
  codec::Encoder e;
  codec::write(e, std::string(context.text));
  codec::write(e, chain);
  codec::write(e, value);
  return std::move(e.out);
}
template <class T>
Result<Signature> sign(const SigningKey& key, Domain context, const Hash& chain, const T& value, Entropy& entropy) {
  return key.sign_bytes(signed_bytes(context, chain, value), entropy);
}
template <class T>
Status verify(const PublicKey& key, Domain context, const Hash& chain, const T& value, const Signature& signature) {
  return verify_bytes(key, signed_bytes(context, chain, value), signature);
}

}  // namespace dos::crypto
