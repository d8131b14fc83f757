// BLAKE3-256 (the BLAKE3 paper, 2020). Everything DOS hashes goes through derive_key with a registered context
// (domains.hpp); only file contents and blob chunks are hashed plain, so that `b3sum` gives the same.
#pragma once
#include "base/bytes.hpp"
#include "codec/bcs.hpp"
#include "crypto/domains.hpp"

namespace dos::crypto {

Hash hash(Domain context, BytesView data);  // BLAKE3 derive_key(context, data), 32 bytes
Hash hash_pair(Domain context, const Hash& left, const Hash& right);  // hash(context, left || right)
// out[i] = hash_pair(context, in[2i], in[2i + 1]), many times faster than one by one. in.size() is 2 * out.size(); `out` may
// be the first half of `in` itself.
void hash_pairs(Domain context, std::span<const Hash> in, std::span<Hash> out);
Hash plain_hash(BytesView data);            // BLAKE3(data)

// Derives `out.size()` bytes (any length) of key material; `material` must be secret and uniform.
void derive(Domain context, BytesView material, std::span<std::uint8_t> out);

// Incremental; the same digests as above.
class Hasher {
 public:
  Hasher();                          // plain
  explicit Hasher(Domain context);   // derive_key
  Hasher(const Hasher&);
  Hasher& operator=(const Hasher&);
  ~Hasher();
  void update(BytesView data);
  Hash finish() const;
  void reset();  // to the state after construction

 private:
  alignas(8) unsigned char state_[1912];  // blake3_hasher; its size is checked in hash.cpp
};

// The hash of a typed value: its BCS encoding under `context`.
template <class T>
Hash hash_of(Domain context, const T& value) {
  return hash(context, codec::encode(value));
}

bool equal_secret(BytesView a, BytesView b);  // constant time in the contents

}  // namespace dos::crypto
