// No box but the one that was sealed opens, and none stops the process.
#include "base/check.hpp"
#include "crypto/box.hpp"

namespace {
struct Fixed final : dos::Entropy {
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), std::uint8_t(7)); }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::crypto;
  for (const BoxType type : {BoxType::x_wing, BoxType::x25519}) {
    const auto key = BoxSecret::from_seed(type, Bytes(32, 1));
    DOS_CHECK(key);
    Fixed entropy;
    const auto real = seal(key->public_key(), as_bytes("info"), as_bytes("aad"), as_bytes("plaintext"), entropy);
    DOS_CHECK(real);
    Bytes changed = codec::encode(*real);
    for (std::size_t i = 0; i < size && i < changed.size(); ++i) changed[changed.size() - 1 - i] ^= data[i];
    for (BytesView in : {BytesView(changed), BytesView(data, size)})
      if (const auto box = codec::decode<SealedBox>(in))
        if (open(*key, as_bytes("info"), as_bytes("aad"), *box)) DOS_CHECK(*box == *real);
  }
  return 0;
}
