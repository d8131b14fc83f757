// Any input is refused or is the one encoding of what was read.
#include "base/check.hpp"
#include "codec/bcs.hpp"

namespace {

struct Tree {
  std::vector<Tree> inner;
  std::optional<dos::Bytes> leaf;
  DOS_FIELDS(inner, leaf);
};
struct Everything {
  bool flag = false;
  std::uint16_t small = 0;
  dos::Hash hash;
  dos::Version version;
  dos::Bytes bytes;
  std::string text;
  std::vector<std::uint64_t> numbers;
  std::variant<std::uint8_t, std::string, std::vector<std::string>> choice;
  Tree tree;
  DOS_FIELDS(flag, small, hash, version, bytes, text, numbers, choice, tree);
};

template <class T>
void one(dos::BytesView in) {
  if (const auto v = dos::codec::decode<T>(in)) DOS_CHECK(dos::equal(dos::codec::encode(*v), in));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dos::BytesView in(data, size);
  one<Everything>(in);
  one<Tree>(in);
  one<std::string>(in);
  one<std::vector<std::string>>(in);
  return 0;
}
