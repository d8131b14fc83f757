#include "crypto/kdf.hpp"

#include <argon2.h>
#include <openssl/digest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.hpp"

namespace dos::crypto {
namespace {
// The C interface takes its inputs without const; it writes to them only under flags that are not set.
std::uint8_t* input(BytesView b) { return b.empty() ? nullptr : const_cast<std::uint8_t*>(b.data()); }
}  // namespace

Status argon2id(const Argon2Cost& cost, BytesView password, BytesView salt, BytesView key, BytesView data, std::span<std::uint8_t> out) {
  argon2_context c{};
  c.out = out.data();
  c.outlen = std::uint32_t(out.size());
  c.pwd = input(password);
  c.pwdlen = std::uint32_t(password.size());
  c.salt = input(salt);
  c.saltlen = std::uint32_t(salt.size());
  c.secret = input(key);
  c.secretlen = std::uint32_t(key.size());
  c.ad = input(data);
  c.adlen = std::uint32_t(data.size());
  c.t_cost = cost.passes;
  c.m_cost = cost.memory_kib;
  c.lanes = cost.lanes;
  c.threads = 1;  // of the machine; the result depends on lanes alone
  c.version = ARGON2_VERSION_13;
  c.flags = ARGON2_DEFAULT_FLAGS;
  const int rc = argon2_ctx(&c, Argon2_id);
  if (rc == ARGON2_MEMORY_ALLOCATION_ERROR)
    return fail(Errc::limit, "this machine did not give the memory that the key file's Argon2id parameters ask for");
  if (rc != ARGON2_OK) return fail(Errc::weak_kdf, "these Argon2id parameters cannot be used");
  return {};
}

void pbkdf2_hmac_sha512(BytesView password, BytesView salt, std::uint32_t rounds, std::span<std::uint8_t> out) {
  DOS_CHECK(rounds > 0);
  DOS_CHECK(PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(password.data()), password.size(), salt.data(), salt.size(), rounds,
                              EVP_sha512(), out.size(), out.data()) == 1);
}

void hmac_sha512(BytesView key, BytesView data, std::span<std::uint8_t, 64> out) {
  unsigned size = 0;
  DOS_CHECK(HMAC(EVP_sha512(), key.data(), key.size(), data.data(), data.size(), out.data(), &size) != nullptr && size == 64);
}

}  // namespace dos::crypto
