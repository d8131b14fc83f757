#include "crypto/hash.hpp"

#include <blake3.h>
#include <gtest/gtest.h>

#include <set>

#include "crypto/context_key.hpp"
#include "tests/support/vector_file.hpp"

namespace dos::crypto {
namespace {

Bytes pattern(std::size_t n) {  // the input of the official vectors
  Bytes b(n);
  for (std::size_t i = 0; i < n; ++i) b[i] = std::uint8_t(i % 251);
  return b;
}

TEST(Hash, plain_hash_gives_the_official_vectors) {
  for (const auto& c : test::read_vectors("blake3.txt"))
    EXPECT_EQ(hex(plain_hash(pattern(c.number("input_len"))).bytes), c.text("hash").substr(0, 64)) << c.text("input_len");
}

TEST(Hash, compile_time_context_key_gives_the_official_derive_key_vectors) {
  static constexpr auto kKey = context_key("BLAKE3 2019-12-27 16:29:52 test vectors context");
  for (const auto& c : test::read_vectors("blake3.txt")) {
    blake3_hasher h;
    blake3_hasher_init_keyed(&h, kKey.data());
    h.chunk.flags = 1u << 6;
    const Bytes in = pattern(c.number("input_len")), want = c.bytes("derive_key");
    blake3_hasher_update(&h, in.data(), in.size());
    Bytes out(want.size());
    blake3_hasher_finalize(&h, out.data(), out.size());
    EXPECT_EQ(hex(out), hex(want)) << c.text("input_len");
  }
}

TEST(Hash, every_domain_is_the_librarys_derive_key_under_its_text) {
  std::set<std::string> texts;
  unsigned rows = 0;
#define DOS_ROW(name, text)                                           \
  {                                                                   \
    ++rows;                                                           \
    EXPECT_TRUE(texts.insert(text).second) << "used twice: " << text; \
    const Bytes in = pattern(70);                                     \
    blake3_hasher h;                                                  \
    blake3_hasher_init_derive_key(&h, text);                          \
    blake3_hasher_update(&h, in.data(), in.size());                   \
    Hash want;                                                        \
    blake3_hasher_finalize(&h, want.bytes.data(), 32);                \
    EXPECT_EQ(hash(domain::name, in), want) << text;                  \
    Hasher again(domain::name);                                       \
    again.update(BytesView(in).first(7));                             \
    again.update(BytesView(in).subspan(7));                           \
    EXPECT_EQ(again.finish(), want) << text;                          \
    Hasher copy(again);                                               \
    again.reset();                                                    \
    again.update(in);                                                 \
    EXPECT_EQ(again.finish(), want) << text;                          \
    EXPECT_EQ(copy.finish(), want) << text;                           \
  }
  DOS_DOMAINS(DOS_ROW)
#undef DOS_ROW
  EXPECT_EQ(rows + 1, unsigned(domain::Index::count));
}

TEST(Hash, pair_is_the_hash_of_both_in_order) {
  const Hash a = plain_hash(as_bytes("a")), b = plain_hash(as_bytes("b"));
  Bytes both = to_bytes(a.view());
  append(both, b.view());
  EXPECT_EQ(hash_pair(domain::kNode, a, b), hash(domain::kNode, both));
  EXPECT_NE(hash_pair(domain::kNode, a, b), hash_pair(domain::kNode, b, a));
}

TEST(Hash, many_pairs_are_the_same_as_one_by_one_also_in_place) {
  for (std::size_t n : {0u, 1u, 2u, 3u, 15u, 16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u, 100u, 257u}) {
    std::vector<Hash> in, want;
    for (std::size_t i = 0; i < 2 * n; ++i) in.push_back(plain_hash(as_bytes(std::to_string(i))));
    for (std::size_t i = 0; i < n; ++i) want.push_back(hash_pair(domain::kNode, in[2 * i], in[2 * i + 1]));
    std::vector<Hash> out(n);
    hash_pairs(domain::kNode, in, out);
    EXPECT_EQ(out, want) << n;
    hash_pairs(domain::kNode, in, std::span(in).first(n));
    in.resize(n);
    EXPECT_EQ(in, want) << n;
  }
}

TEST(Hash, short_inputs_are_the_same_without_a_hasher) {  // every length around blocks and the one chunk
  for (std::size_t n = 0; n <= 1100; ++n) {
    Hasher h(domain::kLeaf);
    h.update(pattern(n));
    ASSERT_EQ(hash(domain::kLeaf, pattern(n)), h.finish()) << n;
  }
}

TEST(Hash, derive_gives_a_prefix_of_longer_output) {
  Bytes shorter(32), longer(100);
  derive(domain::kSeed, pattern(32), shorter);
  derive(domain::kSeed, pattern(32), longer);
  EXPECT_TRUE(starts_with(longer, shorter));
  EXPECT_EQ(hex(shorter), hex(hash(domain::kSeed, pattern(32)).bytes));
}

TEST(Hash, equal_secret_compares_length_and_content) {
  EXPECT_TRUE(equal_secret(pattern(32), pattern(32)));
  EXPECT_TRUE(equal_secret({}, {}));
  EXPECT_FALSE(equal_secret(pattern(32), pattern(31)));
  Bytes other = pattern(32);
  other[31] ^= 1;
  EXPECT_FALSE(equal_secret(pattern(32), other));
}

TEST(HashDeathTest, an_unregistered_domain_is_refused) { EXPECT_DEATH(hash(Domain{"DOS/nowhere/1", 0}, {}), "invariant broken"); }

}  // namespace
}  // namespace dos::crypto
