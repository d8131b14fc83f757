#include "crypto/aead.hpp"

#include <openssl/aead.h>
#include <openssl/err.h>

#include "base/check.hpp"

namespace dos::crypto {

struct Aead::Impl {
  EVP_AEAD_CTX context;
  Impl() { EVP_AEAD_CTX_zero(&context); }
  ~Impl() { EVP_AEAD_CTX_cleanup(&context); }  // the library wipes the key schedule
};

Aead::Aead(BytesView key) : impl_(std::make_unique<Impl>()) {
  DOS_CHECK(key.size() == kAeadKeyBytes);
  DOS_CHECK(EVP_AEAD_CTX_init(&impl_->context, EVP_aead_aes_256_gcm(), key.data(), key.size(), kAeadTagBytes, nullptr) == 1);
}
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;
Aead::~Aead() = default;

void Aead::seal(const AeadNonce& nonce, BytesView aad, BytesView plaintext, std::span<std::uint8_t> out) const {
  DOS_CHECK(out.size() == plaintext.size() + kAeadTagBytes);
  std::size_t size = 0;
  DOS_CHECK(EVP_AEAD_CTX_seal(&impl_->context, out.data(), &size, out.size(), nonce.data(), nonce.size(), plaintext.data(),
                              plaintext.size(), aad.data(), aad.size()) == 1);
  DOS_CHECK(size == out.size());
}

Status Aead::open(const AeadNonce& nonce, BytesView aad, BytesView ciphertext, std::span<std::uint8_t> out) const {
  if (ciphertext.size() < kAeadTagBytes) return fail(Errc::sealed, "sealed bytes are too short");
  DOS_CHECK(out.size() == ciphertext.size() - kAeadTagBytes);
  std::uint8_t none = 0;  // the library refuses a null output even for an empty plaintext
  std::size_t size = 0;
  const int done = EVP_AEAD_CTX_open(&impl_->context, out.empty() ? &none : out.data(), &size, out.size(), nonce.data(), nonce.size(),
                                     ciphertext.data(), ciphertext.size(), aad.data(), aad.size());
  if (done != 1 || size != out.size()) {
    ERR_clear_error();  // the library queues its errors per thread; ours is the Result
    return fail(Errc::sealed, "sealed bytes do not open with this key");
  }
  return {};
}

Bytes aead_seal(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView plaintext) {
  Bytes out(plaintext.size() + kAeadTagBytes);
  Aead(key).seal(nonce, aad, plaintext, out);
  return out;
}

Result<Bytes> aead_open(BytesView key, const AeadNonce& nonce, BytesView aad, BytesView ciphertext) {
  if (ciphertext.size() < kAeadTagBytes) return fail(Errc::sealed, "sealed bytes are too short");
  Bytes out(ciphertext.size() - kAeadTagBytes);
  DOS_TRY(Aead(key).open(nonce, aad, ciphertext, out));
  return out;
}

}  // namespace dos::crypto
