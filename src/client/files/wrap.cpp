#include "client/files/wrap.hpp"

#include "client/entropy.hpp"

namespace dos::client {

Bytes wrap(crypto::Domain purpose, BytesView key, BytesView bound, BytesView secret, Entropy& entropy) {
  crypto::SecretArray<32> own;
  crypto::derive(purpose, key, own.span());
  const auto nonce = draw<crypto::kAeadNonceBytes>(entropy);
  Bytes out(nonce.begin(), nonce.end());
  out.resize(secret.size() + kWrapOverhead);
  crypto::Aead(own.view()).seal(nonce, bound, secret, std::span(out).subspan(nonce.size()));
  return out;
}

Result<crypto::Secret> unwrap(crypto::Domain purpose, BytesView key, BytesView bound, BytesView wrapped) {
  if (wrapped.size() < kWrapOverhead) return fail(Errc::sealed, "a wrapped key is cut short");
  crypto::SecretArray<32> own;
  crypto::derive(purpose, key, own.span());
  crypto::AeadNonce nonce;
  std::copy_n(wrapped.begin(), nonce.size(), nonce.begin());
  crypto::Secret out(wrapped.size() - kWrapOverhead);
  DOS_TRY(crypto::Aead(own.view()).open(nonce, bound, wrapped.subspan(nonce.size()), out.span()));
  return out;
}

}  // namespace dos::client
