#include "crypto/sign.hpp"

#include <openssl/curve25519.h>

#include "crypto/key_digest.hpp"
#include "crypto/ml_dsa.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

struct SigningKey::Impl {
  PublicKey public_key;
  Secret private_key;  // ML-DSA: FIPS 204 encoding. Ed25519: seed || public key
};

SigningKey::SigningKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::from_seed(KeyType type, BytesView seed) {
  if (!valid(type)) return fail(Errc::bad_key, "unknown key type");
  if (seed.size() != kSeedBytes) return fail(Errc::bad_key, "a signing key's seed has 32 bytes");
  auto impl = std::make_unique<Impl>();
  impl->public_key.type = type;
  if (type == KeyType::ed25519) {
    impl->public_key.bytes.resize(ED25519_PUBLIC_KEY_LEN);
    impl->private_key = Secret(ED25519_PRIVATE_KEY_LEN);
    ED25519_keypair_from_seed(impl->public_key.bytes.data(), impl->private_key.data(), seed.data());
  } else if (!ml_dsa_keypair(type, seed, impl->public_key.bytes, impl->private_key)) {
    return fail(Errc::internal, "the library could not expand an ML-DSA seed");
  }
  return SigningKey(std::move(impl));
}

const PublicKey& SigningKey::public_key() const { return impl_->public_key; }

Result<Signature> SigningKey::sign_bytes(BytesView message, Entropy& entropy) const {
  const KeyType type = impl_->public_key.type;
  Signature signature{type, Bytes(signature_bytes(type))};
  bool done;
  if (type == KeyType::ed25519) {
    done = ED25519_sign(signature.bytes.data(), message.data(), message.size(), impl_->private_key.data()) == 1;
  } else {
    SecretArray<32> rnd;  // hedged signing: FIPS 204, section 3.4
    entropy.fill(rnd.span());
    done = ml_dsa_sign(type, impl_->private_key.view(), message, {}, rnd.view(), signature.bytes);
  }
  if (!done) return fail(Errc::internal, "the library could not sign");
  return signature;
}

KeyDigest key_digest(const PublicKey& key) { return key.type == KeyType::ed25519 ? KeyDigest{} : KeyDigest{ml_dsa_key_digest(key.bytes)}; }

Status verify_bytes(const PublicKey& key, BytesView message, const Signature& signature) {
  if (!well_formed(key)) return fail(Errc::bad_key, "a public key has the wrong type or length");
  return verify_bytes(key, key_digest(key), message, signature);
}

Status verify_bytes(const PublicKey& key, const KeyDigest& digest, BytesView message, const Signature& signature) {
  if (!well_formed(key)) return fail(Errc::bad_key, "a public key has the wrong type or length");
  if (!well_formed(signature)) return fail(Errc::bad_key, "a signature has the wrong type or length");
  if (key.type != signature.type) return fail(Errc::signature_invalid, "a signature is of another type than its key");
  const bool good = key.type == KeyType::ed25519
                        ? ED25519_verify(message.data(), message.size(), signature.bytes.data(), key.bytes.data()) == 1
                        : ml_dsa_verify(key.type, key.bytes, digest.tr, message, {}, signature.bytes);
  if (!good) return fail(Errc::signature_invalid, "a signature does not verify");
  return {};
}

Hash key_id(const PublicKey& key) { return hash_of(domain::kKeyId, key); }
// One context for both: no signing key's (type, length) is also an encryption key's, so no encoding is shared.
Hash key_id(const BoxKey& key) { return hash_of(domain::kKeyId, key); }

}  // namespace dos::crypto
