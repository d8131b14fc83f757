#include "crypto/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace dos::crypto {

Bytes key_in_certificate(X509* certificate) {
  EVP_PKEY* key = certificate != nullptr ? X509_get0_pubkey(certificate) : nullptr;
  std::size_t size = 0;
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key, nullptr, &size) != 1) return {};
  Bytes raw(size);
  if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1) return {};
  raw.resize(size);
  return raw;
}

}  // namespace dos::crypto
