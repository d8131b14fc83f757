// Six-byte names of transactions, good for one proposal: SipHash-2-4 (Aumasson, Bernstein, 2012) of the wtxid under a key
// that nobody knows before the leader has chosen its salt, so that nobody can prepare two transactions with one name.
#pragma once
#include "net/messages.hpp"

namespace dos::net {

std::uint64_t siphash_2_4(std::uint64_t key0, std::uint64_t key1, BytesView data);

class ShortIdKey {
 public:
  ShortIdKey(const Hash& parent, View view, std::uint64_t salt);  // first 16 bytes of H(kShortId, BCS(parent, view, salt))
  ShortId of(const Hash& wtxid) const;                            // the low 48 bits, little-endian

 private:
  std::uint64_t key0_, key1_;
};

}  // namespace dos::net
