#include "crypto/hash.hpp"

#include <blake3.h>
#include <openssl/mem.h>

#include <new>

#include "base/check.hpp"
#include "crypto/context_key.hpp"

namespace dos::crypto {
namespace {

constexpr std::size_t kDomainCount = std::size_t(domain::Index::count);

constexpr std::array<ContextKey, kDomainCount> kContextKeys{
    ContextKey{},  // Index::none
#define DOS_ROW(name, text) context_key(text),
    DOS_DOMAINS(DOS_ROW)
#undef DOS_ROW
};
#define DOS_ROW(name, text) static_assert(sizeof(text) > 1 && sizeof(text) <= 65, "a context is one BLAKE3 block at most");
DOS_DOMAINS(DOS_ROW)
#undef DOS_ROW

// blake3_hasher_init_derive_key, less the compression of the context: a keyed hasher whose flag says that the key came
// from a context (DERIVE_KEY_MATERIAL of the BLAKE3 paper). hash_test.cpp compares every domain with the library's own.
constexpr std::uint8_t kDeriveKeyMaterial = 1u << 6;

void init(blake3_hasher* h, Domain context) {
  DOS_CHECK(context.index != 0 && context.index < kDomainCount);
  blake3_hasher_init_keyed(h, kContextKeys[context.index].data());
  h->chunk.flags = kDeriveKeyMaterial;
}

Hash finish_hash(const blake3_hasher* h) {
  Hash out;
  blake3_hasher_finalize(h, out.bytes.data(), out.bytes.size());
  return out;
}

blake3_hasher* hasher(unsigned char* state) { return std::launder(reinterpret_cast<blake3_hasher*>(state)); }
const blake3_hasher* hasher(const unsigned char* state) {
  return std::launder(reinterpret_cast<const blake3_hasher*>(state));
}

}  // namespace

Hash hash(Domain context, BytesView data) {
  blake3_hasher h;
  init(&h, context);
  blake3_hasher_update(&h, data.data(), data.size());
  return finish_hash(&h);
}

Hash hash_pair(Domain context, const Hash& left, const Hash& right) {
  blake3_hasher h;
  init(&h, context);
  blake3_hasher_update(&h, left.bytes.data(), left.bytes.size());
  blake3_hasher_update(&h, right.bytes.data(), right.bytes.size());
  return finish_hash(&h);
}

Hash plain_hash(BytesView data) {
  blake3_hasher h;
  blake3_hasher_init(&h);
  blake3_hasher_update(&h, data.data(), data.size());
  return finish_hash(&h);
}

void derive(Domain context, BytesView material, std::span<std::uint8_t> out) {
  blake3_hasher h;
  init(&h, context);
  blake3_hasher_update(&h, material.data(), material.size());
  blake3_hasher_finalize(&h, out.data(), out.size());
  OPENSSL_cleanse(&h, sizeof h);  // it holds the material
}

Hasher::Hasher() {
  static_assert(sizeof(blake3_hasher) == sizeof(state_) && alignof(blake3_hasher) <= 8);
  blake3_hasher_init(new (state_) blake3_hasher);
}
Hasher::Hasher(Domain context) { init(new (state_) blake3_hasher, context); }
Hasher::Hasher(const Hasher& other) { std::memcpy(state_, other.state_, sizeof(state_)); }
Hasher& Hasher::operator=(const Hasher& other) {
  if (this != &other) std::memcpy(state_, other.state_, sizeof(state_));
  return *this;
}
Hasher::~Hasher() = default;
void Hasher::update(BytesView data) { blake3_hasher_update(hasher(state_), data.data(), data.size()); }
Hash Hasher::finish() const { return finish_hash(hasher(state_)); }
void Hasher::reset() { blake3_hasher_reset(hasher(state_)); }  // keeps key and flags

bool equal_secret(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace dos::crypto
