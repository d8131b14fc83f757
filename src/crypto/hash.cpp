#include "crypto/hash.hpp"

#include <blake3.h>
#include <openssl/mem.h>

#include <bit>
#include <new>

#include "base/check.hpp"
#include "crypto/context_key.hpp"

// From blake3_impl.h of BLAKE3's C sources, which is not an installed header: one compression, and many one-chunk hashes at
// once in the machine's widest registers.
extern "C" {
void blake3_compress_in_place(std::uint32_t cv[8], const std::uint8_t block[64], std::uint8_t block_len, std::uint64_t counter,
                              std::uint8_t flags);
void blake3_hash_many(const std::uint8_t* const* inputs, std::size_t num_inputs, std::size_t blocks, const std::uint32_t key[8],
                      std::uint64_t counter, bool increment_counter, std::uint8_t flags, std::uint8_t flags_start, std::uint8_t flags_end,
                      std::uint8_t* out);
}

namespace dos::crypto {
namespace {

static_assert(std::endian::native == std::endian::little, "BLAKE3's words are read in place");

constexpr std::size_t kDomainCount = std::size_t(domain::Index::count);

constexpr std::array<ContextKey, kDomainCount> kContextKeys{ContextKey{},  // Index::none
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
constexpr std::uint8_t kChunkStart = 1u << 0, kChunkEnd = 1u << 1, kRoot = 1u << 3;

const ContextKey& key_of(Domain context) {
  DOS_CHECK(context.index != 0 && context.index < kDomainCount);
  return kContextKeys[context.index];
}

void init(blake3_hasher* h, Domain context) {
  blake3_hasher_init_keyed(h, key_of(context).data());
  h->chunk.flags = kDeriveKeyMaterial;
}

// Up to one chunk, without a hasher: a chain of compressions, section 2.4 of the BLAKE3 paper.
Hash hash_chunk(Domain context, BytesView data) {
  std::uint32_t cv[8];
  std::memcpy(cv, key_of(context).data(), sizeof cv);
  std::uint8_t flags = kDeriveKeyMaterial | kChunkStart;
  for (; data.size() > BLAKE3_BLOCK_LEN; data = data.subspan(BLAKE3_BLOCK_LEN)) {
    blake3_compress_in_place(cv, data.data(), BLAKE3_BLOCK_LEN, 0, flags);
    flags = kDeriveKeyMaterial;
  }
  std::uint8_t last[BLAKE3_BLOCK_LEN] = {};
  if (!data.empty()) std::memcpy(last, data.data(), data.size());
  blake3_compress_in_place(cv, last, std::uint8_t(data.size()), 0, flags | kChunkEnd | kRoot);
  Hash out;
  std::memcpy(out.bytes.data(), cv, sizeof cv);
  return out;
}

Hash finish_hash(const blake3_hasher* h) {
  Hash out;
  blake3_hasher_finalize(h, out.bytes.data(), out.bytes.size());
  return out;
}

blake3_hasher* hasher(unsigned char* state) { return std::launder(reinterpret_cast<blake3_hasher*>(state)); }
const blake3_hasher* hasher(const unsigned char* state) { return std::launder(reinterpret_cast<const blake3_hasher*>(state)); }

}  // namespace

Hash hash(Domain context, BytesView data) {
  if (data.size() <= BLAKE3_CHUNK_LEN) return hash_chunk(context, data);
  blake3_hasher h;
  init(&h, context);
  blake3_hasher_update(&h, data.data(), data.size());
  return finish_hash(&h);
}

Hash hash_pair(Domain context, const Hash& left, const Hash& right) {
  ByteArray<64> both;
  std::memcpy(both.data(), left.bytes.data(), 32);
  std::memcpy(both.data() + 32, right.bytes.data(), 32);
  return hash_chunk(context, both);
}

void hash_pairs(Domain context, std::span<const Hash> in, std::span<Hash> out) {
  static_assert(sizeof(Hash) == 32);
  DOS_CHECK(in.size() == out.size() * 2);
  std::uint32_t key[8];
  std::memcpy(key, key_of(context).data(), sizeof key);
  constexpr std::size_t kBatch = 32;  // a batch is read before what it overwrites in place is needed
  const std::uint8_t* pairs[kBatch];
  for (std::size_t at = 0; at < out.size(); at += kBatch) {
    const std::size_t n = std::min(kBatch, out.size() - at);
    for (std::size_t i = 0; i < n; ++i) pairs[i] = in[2 * (at + i)].bytes.data();
    blake3_hash_many(pairs, n, 1, key, 0, false, kDeriveKeyMaterial, kChunkStart, kChunkEnd | kRoot, out[at].bytes.data());
  }
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

bool equal_secret(BytesView a, BytesView b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace dos::crypto
