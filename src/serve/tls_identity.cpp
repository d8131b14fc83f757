#include "serve/tls_identity.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/secret.hpp"
#include "crypto/sign.hpp"
#include "os/posix_disk.hpp"

namespace dos::serve {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key key_from_seed(crypto::Suite suite, BytesView seed) {
  EVP_PKEY* key = suite == crypto::Suite::pq ? EVP_PKEY_pqdsa_new_raw_private_key(NID_MLDSA65, seed.data(), seed.size())
                                             : EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  return Key(key, EVP_PKEY_free);
}

std::string text_of(BIO* bio) {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  BIO_mem_contents(bio, &data, &size);
  return std::string(as_text({data, size}));
}

}  // namespace

Result<TlsIdentity> make_tls_identity(const std::string& node_key_file, crypto::Suite suite, const std::string& name) {
  DOS_ASSIGN(auto seed, os::read_host_file(node_key_file, crypto::kSeedBytes));
  auto made = tls_identity_of(seed, suite, name);
  crypto::wipe(seed);
  if (!made && made.error().code == Errc::bad_key) return fail(Errc::bad_key, node_key_file + " gives no node key");
  return made;
}

Result<TlsIdentity> tls_identity_of(BytesView seed, crypto::Suite suite, const std::string& name) {
  const Key key = key_from_seed(suite, seed);
  if (!key) return fail(Errc::bad_key, "a node key's seed has " + std::to_string(crypto::kSeedBytes) + " bytes");
  const std::unique_ptr<X509, decltype(&X509_free)> cert(X509_new(), X509_free);
  auto* subject = X509_get_subject_name(cert.get());
  const bool made = X509_set_version(cert.get(), X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(cert.get()), -86'400) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(cert.get()), 10L * 365 * 86'400) != nullptr &&
                    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(name.data()),
                                               ossl_ssize_t(name.size()), -1, 0) == 1 &&
                    X509_set_issuer_name(cert.get(), subject) == 1 && X509_set_pubkey(cert.get(), key.get()) == 1 &&
                    X509_sign(cert.get(), key.get(), nullptr) > 0;
  if (!made) return fail(Errc::internal, "the node's certificate could not be made");
  const std::unique_ptr<BIO, decltype(&BIO_free)> a(BIO_new(BIO_s_mem()), BIO_free), b(BIO_new(BIO_s_mem()), BIO_free);
  if (PEM_write_bio_X509(a.get(), cert.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(b.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return fail(Errc::internal, "the node's certificate could not be written");
  return TlsIdentity{text_of(a.get()), text_of(b.get())};
}

}  // namespace dos::serve
