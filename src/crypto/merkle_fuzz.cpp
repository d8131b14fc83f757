// A path that climbs to the root of a real list is the path of just that index and count.
#include "base/check.hpp"
#include "crypto/merkle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::crypto;
  if (size < 2) return 0;
  const std::size_t count = 1 + data[0] % 40, index = data[1] % count;
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(merkle_leaf(kListTree, as_bytes(std::to_string(i))));
  const MerklePath real = merkle_path(kListTree, leaves, index);
  const Hash root = merkle_root(kListTree, leaves);

  Bytes changed = codec::encode(real);  // the rest of the input is xored over the honest path
  for (std::size_t i = 0; i + 2 < size && i < changed.size(); ++i) changed[i] ^= data[i + 2];
  for (BytesView in : {BytesView(changed), BytesView(data, size)})
    if (const auto path = codec::decode<MerklePath>(in))
      if (const auto got = merkle_climb(kListTree, leaves[index], *path); got && *got == root) DOS_CHECK(*path == real);
  return 0;
}
