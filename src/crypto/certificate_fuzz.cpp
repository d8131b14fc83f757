// Certificates as a stranger may show them: the key that is read from one stands in it literally, and the same comes out of the same
// certificate written again. Half of the inputs are a sound certificate with some bytes changed.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "base/check.hpp"
#include "crypto/certificate.hpp"

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

dos::Bytes der(X509* certificate) {
  std::uint8_t* out = nullptr;
  const int size = i2d_X509(certificate, &out);
  DOS_CHECK(size > 0);
  dos::Bytes bytes(out, out + size);
  OPENSSL_free(out);
  return bytes;
}

const dos::Bytes& sound() {
  static const dos::Bytes bytes = [] {
    const dos::Bytes seed(32, 1);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()), EVP_PKEY_free);
    const Certificate c(X509_new(), X509_free);
    DOS_CHECK(key && X509_set_version(c.get(), X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(c.get()), 1) == 1);
    DOS_CHECK(X509_gmtime_adj(X509_getm_notBefore(c.get()), 0) != nullptr && X509_gmtime_adj(X509_getm_notAfter(c.get()), 1000) != nullptr);
    DOS_CHECK(X509_set_pubkey(c.get(), key.get()) == 1 && X509_sign(c.get(), key.get(), nullptr) > 0);
    return der(c.get());
  }();
  return bytes;
}

void look(dos::BytesView bytes) {
  const std::uint8_t* at = bytes.data();
  const Certificate c(d2i_X509(nullptr, &at, long(bytes.size())), X509_free);
  const auto key = dos::crypto::key_in_certificate(c.get());
  if (key.empty()) return;
  DOS_CHECK(!std::ranges::search(bytes, key).empty());
  const auto again = der(c.get());
  at = again.data();
  const Certificate same(d2i_X509(nullptr, &at, long(again.size())), X509_free);
  DOS_CHECK(dos::crypto::key_in_certificate(same.get()) == key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  if (data[0] & 1) {
    look({data + 1, size - 1});
  } else {
    auto changed = sound();
    for (std::size_t i = 1; i + 2 < size; i += 3) changed[(data[i] | std::size_t(data[i + 1]) << 8) % changed.size()] ^= data[i + 2];
    look(changed);
  }
  ERR_clear_error();  // what the library queues looks like a leak, and each input would be searched for one
  return 0;
}
