#include "crypto/key_paths.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

namespace dos::crypto {
namespace {

constexpr std::uint32_t kHardened = 0x80000000;

Result<Secret> at_path(BytesView seed, std::uint32_t type, std::uint32_t index, bool direct) {
  if (index > kMaxPathIndex) return fail(Errc::limit, "a key index is at most 2147483647");
  const std::uint32_t path[] = {kPathPurpose, kPathCoin, type, index};
  Secret key = slip10_ed25519(seed, path);
  if (direct) return key;
  Secret out(32);
  derive(domain::kSeed, key.view(), out.span());
  return out;
}

}  // namespace

std::uint32_t path_type(KeyType type) { return std::uint32_t(type); }
std::uint32_t path_type(BoxType type) { return 100 + std::uint32_t(type); }

Secret slip10_ed25519(BytesView seed, std::span<const std::uint32_t> path) {
  DOS_CHECK(seed.size() >= 16 && seed.size() <= 64);
  SecretArray<64> node;  // private key, chain code
  hmac_sha512(as_bytes("ed25519 seed"), seed, node.span());
  for (const std::uint32_t step : path) {
    SecretArray<37> data;  // 0 || private key || step, big endian
    std::memcpy(data.data() + 1, node.data(), 32);
    const std::uint32_t hardened = step | kHardened;
    for (int i = 0; i < 4; ++i) data.bytes[33 + i] = std::uint8_t(hardened >> (24 - 8 * i));
    SecretArray<64> next;
    hmac_sha512(node.view().subspan(32), data.view(), next.span());
    node.bytes = next.bytes;
  }
  return Secret::copy_of(node.view().first(32));
}

Result<Secret> key_seed(BytesView seed, KeyType type, std::uint32_t index) {
  if (!valid(type)) return fail(Errc::bad_key, "unknown key type");
  return at_path(seed, path_type(type), index, type == KeyType::ed25519);
}

Result<Secret> key_seed(BytesView seed, BoxType type, std::uint32_t index) {
  if (!valid(type)) return fail(Errc::bad_key, "unknown encryption key type");
  return at_path(seed, path_type(type), index, false);
}

}  // namespace dos::crypto
