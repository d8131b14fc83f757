#include "crypto/box.hpp"

#include <openssl/curve25519.h>

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/x_wing.hpp"

namespace dos::crypto {
namespace {

// Key and nonce are fresh with every encapsulation, so a nonce never meets a key twice. BCS of the fields in this order,
// written into one buffer that is wiped.
void box_keys(BoxType type, const SecretArray<32>& shared, BytesView kem, BytesView public_key, BytesView info,
              SecretArray<kAeadKeyBytes>& key, AeadNonce& nonce) {
  codec::Encoder e;
  e.out.reserve(33 + 15 + kem.size() + public_key.size() + info.size());  // never grows: no unwiped copy
  codec::write(e, type);
  e.raw(shared.view());
  for (BytesView part : {kem, public_key, info}) {
    e.uleb(part.size());
    e.raw(part);
  }
  SecretArray<kAeadKeyBytes + kAeadNonceBytes> out;
  derive(domain::kBox, e.out, out.span());
  wipe(e.out);
  std::memcpy(key.data(), out.data(), kAeadKeyBytes);
  std::memcpy(nonce.data(), out.data() + kAeadKeyBytes, kAeadNonceBytes);
}

}  // namespace

struct BoxSecret::Impl {
  BoxKey public_key;
  XWingKey x_wing;     // type x_wing
  SecretArray<32> x;   // type x25519
};

BoxSecret::BoxSecret(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BoxSecret::BoxSecret(BoxSecret&&) noexcept = default;
BoxSecret& BoxSecret::operator=(BoxSecret&&) noexcept = default;
BoxSecret::~BoxSecret() = default;
const BoxKey& BoxSecret::public_key() const { return impl_->public_key; }

Result<BoxSecret> BoxSecret::from_seed(BoxType type, BytesView seed) {
  if (!valid(type)) return fail(Errc::bad_key, "unknown encryption key type");
  if (seed.size() != 32) return fail(Errc::bad_key, "an encryption key's seed has 32 bytes");
  auto impl = std::make_unique<Impl>();
  impl->public_key.type = type;
  if (type == BoxType::x_wing) {
    x_wing_expand(seed, impl->x_wing);
    impl->public_key.bytes = impl->x_wing.public_key;
  } else {
    std::memcpy(impl->x.data(), seed.data(), 32);
    impl->public_key.bytes.resize(X25519_PUBLIC_VALUE_LEN);
    X25519_public_from_private(impl->public_key.bytes.data(), impl->x.data());
  }
  return BoxSecret(std::move(impl));
}

Result<SealedBox> seal(const BoxKey& to, BytesView info, BytesView aad, BytesView plaintext, Entropy& entropy) {
  if (!well_formed(to)) return fail(Errc::bad_key, "an encryption key has the wrong type or length");
  SealedBox box;
  box.type = to.type;
  SecretArray<32> shared;
  if (to.type == BoxType::x_wing) {
    SecretArray<64> randomness;
    entropy.fill(randomness.span());
    DOS_TRY(x_wing_encapsulate(to.bytes, randomness.view(), box.kem, shared));
  } else {
    SecretArray<32> ephemeral;
    entropy.fill(ephemeral.span());
    box.kem.resize(X25519_PUBLIC_VALUE_LEN);
    X25519_public_from_private(box.kem.data(), ephemeral.data());
    if (X25519(shared.data(), ephemeral.data(), to.bytes.data()) != 1)
      return fail(Errc::bad_key, "an encryption key is not well formed");  // low order: RFC 7748, section 6.1
  }
  SecretArray<kAeadKeyBytes> key;
  AeadNonce nonce;
  box_keys(to.type, shared, box.kem, to.bytes, info, key, nonce);
  box.ciphertext = aead_seal(key.view(), nonce, aad, plaintext);
  return box;
}

Result<Secret> open(const BoxSecret& secret, BytesView info, BytesView aad, const SealedBox& box) {
  const BoxKey& own = secret.impl_->public_key;
  if (box.type != own.type || box.kem.size() != box_ciphertext_bytes(own.type) || box.ciphertext.size() < kAeadTagBytes)
    return fail(Errc::sealed, "a sealed box is not for this key");
  SecretArray<32> shared;
  if (own.type == BoxType::x_wing) {
    DOS_TRY(x_wing_decapsulate(secret.impl_->x_wing, box.kem, shared));
  } else if (X25519(shared.data(), secret.impl_->x.data(), box.kem.data()) != 1) {
    return fail(Errc::sealed, "a sealed box does not open with this key");
  }
  SecretArray<kAeadKeyBytes> key;
  AeadNonce nonce;
  box_keys(own.type, shared, box.kem, own.bytes, info, key, nonce);
  Secret plaintext(box.ciphertext.size() - kAeadTagBytes);
  DOS_TRY(Aead(key.view()).open(nonce, aad, box.ciphertext, plaintext.span()));
  return plaintext;
}

}  // namespace dos::crypto
