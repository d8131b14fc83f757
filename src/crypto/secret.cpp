#include "crypto/secret.hpp"

#include <openssl/mem.h>

namespace dos::crypto {

void wipe(std::span<std::uint8_t> b) {
  if (!b.empty()) OPENSSL_cleanse(b.data(), b.size());
}

}  // namespace dos::crypto
