#include "net/short_ids.hpp"

#include <bit>

namespace dos::net {
namespace {

std::uint64_t read_le(BytesView b) {
  std::uint64_t v = 0;
  for (std::size_t i = b.size(); i-- > 0;) v = v << 8 | b[i];
  return v;
}

struct State {
  std::uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1, v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0, v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1, v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2, v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void word(std::uint64_t m) {
    v3 ^= m;
    round(), round();
    v0 ^= m;
  }
};

}  // namespace

std::uint64_t siphash_2_4(std::uint64_t key0, std::uint64_t key1, BytesView data) {
  State s{0x736f6d6570736575 ^ key0, 0x646f72616e646f6d ^ key1, 0x6c7967656e657261 ^ key0, 0x7465646279746573 ^ key1};
  const std::uint64_t last = std::uint64_t(data.size()) << 56;
  for (; data.size() >= 8; data = data.subspan(8)) s.word(read_le(data.first(8)));
  s.word(last | read_le(data));
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

ShortIdKey::ShortIdKey(const Hash& parent, View view, std::uint64_t salt) {
  codec::Encoder e;
  codec::write(e, parent);
  codec::write(e, view);
  codec::write(e, salt);
  const Hash key = crypto::hash(crypto::domain::kShortId, e.out);
  key0_ = read_le(key.view().first(8));
  key1_ = read_le(key.view().subspan(8, 8));
}

ShortId ShortIdKey::of(const Hash& wtxid) const {
  const auto h = siphash_2_4(key0_, key1_, wtxid.view());
  ShortId id;
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = std::uint8_t(h >> (8 * i));
  return id;
}

}  // namespace dos::net
