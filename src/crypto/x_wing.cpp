#include "crypto/x_wing.hpp"

#include <openssl/curve25519.h>
#include <openssl/digest.h>
#include <openssl/evp.h>

#include "base/check.hpp"

// From crypto/fipsmodule/ml_kem/ml_kem.h of AWS-LC, which is not an installed header (see ml_dsa.hpp). 0 is success.
extern "C" {
int ml_kem_768_keypair_deterministic(std::uint8_t* public_key, std::size_t* public_len, std::uint8_t* secret_key, std::size_t* secret_len,
                                     const std::uint8_t* seed);
int ml_kem_768_encapsulate_deterministic(std::uint8_t* ciphertext, std::size_t* ciphertext_len, std::uint8_t* shared,
                                         std::size_t* shared_len, const std::uint8_t* public_key, const std::uint8_t* seed);
int ml_kem_768_decapsulate(std::uint8_t* shared, std::size_t* shared_len, const std::uint8_t* ciphertext, const std::uint8_t* secret_key);
}

namespace dos::crypto {
namespace {

constexpr std::size_t kKemPublic = 1184, kKemSecret = 2400, kKemCiphertext = 1088;

void shake256(BytesView in, std::span<std::uint8_t> out) {
  EVP_MD_CTX c;
  EVP_MD_CTX_init(&c);
  DOS_CHECK(EVP_DigestInit_ex(&c, EVP_shake256(), nullptr) == 1 && EVP_DigestUpdate(&c, in.data(), in.size()) == 1 &&
            EVP_DigestFinalXOF(&c, out.data(), out.size()) == 1);
  EVP_MD_CTX_cleanup(&c);
}

// SHA3-256(ss_M || ss_X || ct_X || pk_X || label), the draft's Combiner.
void combine(BytesView kem_shared, BytesView x_shared, BytesView x_ciphertext, BytesView x_public, SecretArray<32>& out) {
  static constexpr std::uint8_t kLabel[] = {0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};  // \.//^\ as ASCII
  SecretArray<32 * 4 + sizeof kLabel> in;
  std::uint8_t* at = in.data();
  for (BytesView part : {kem_shared, x_shared, x_ciphertext, x_public, BytesView(kLabel)}) {
    std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  unsigned size = 0;
  DOS_CHECK(EVP_Digest(in.data(), in.bytes.size(), out.data(), &size, EVP_sha3_256(), nullptr) == 1 && size == 32);
}

}  // namespace

void x_wing_expand(BytesView seed, XWingKey& out) {
  DOS_CHECK(seed.size() == kXWingSecretBytes);
  SecretArray<96> expanded;
  shake256(seed, expanded.span());
  out.public_key.assign(kXWingPublicBytes, 0);
  out.kem = Secret(kKemSecret);
  std::size_t public_len = kKemPublic, secret_len = kKemSecret;
  DOS_CHECK(ml_kem_768_keypair_deterministic(out.public_key.data(), &public_len, out.kem.data(), &secret_len, expanded.data()) == 0 &&
            public_len == kKemPublic && secret_len == kKemSecret);
  std::memcpy(out.x.data(), expanded.data() + 64, 32);
  X25519_public_from_private(out.public_key.data() + kKemPublic, out.x.data());
}

Status x_wing_encapsulate(BytesView public_key, BytesView randomness, Bytes& ciphertext, SecretArray<32>& shared) {
  DOS_CHECK(randomness.size() == 64);
  if (public_key.size() != kXWingPublicBytes) return fail(Errc::bad_key, "an X-Wing public key has 1,216 bytes");
  const BytesView x_public = public_key.subspan(kKemPublic);
  ciphertext.assign(kXWingCiphertextBytes, 0);
  SecretArray<32> kem_shared, x_shared;
  std::size_t ciphertext_len = kKemCiphertext, shared_len = 32;
  if (ml_kem_768_encapsulate_deterministic(ciphertext.data(), &ciphertext_len, kem_shared.data(), &shared_len, public_key.data(),
                                           randomness.data()) != 0)
    return fail(Errc::bad_key, "an X-Wing public key is not well formed");  // FIPS 203, 7.2: modulus check
  std::uint8_t* x_ciphertext = ciphertext.data() + kKemCiphertext;
  X25519_public_from_private(x_ciphertext, randomness.data() + 32);
  if (X25519(x_shared.data(), randomness.data() + 32, x_public.data()) != 1)
    return fail(Errc::bad_key, "an X-Wing public key is not well formed");
  combine(kem_shared.view(), x_shared.view(), BytesView(x_ciphertext, 32), x_public, shared);
  return {};
}

Status x_wing_decapsulate(const XWingKey& key, BytesView ciphertext, SecretArray<32>& shared) {
  if (ciphertext.size() != kXWingCiphertextBytes) return fail(Errc::sealed, "a sealed box's key part has the wrong length");
  SecretArray<32> kem_shared, x_shared;
  std::size_t shared_len = 32;
  const BytesView x_ciphertext = ciphertext.subspan(kKemCiphertext);
  if (ml_kem_768_decapsulate(kem_shared.data(), &shared_len, ciphertext.data(), key.kem.data()) != 0 ||
      X25519(x_shared.data(), key.x.data(), x_ciphertext.data()) != 1)
    return fail(Errc::sealed, "a sealed box does not open with this key");
  combine(kem_shared.view(), x_shared.view(), x_ciphertext, BytesView(key.public_key).subspan(kKemPublic), shared);
  return {};
}

}  // namespace dos::crypto
