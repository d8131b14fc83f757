#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include "base/ids.hpp"
#include "base/limits.hpp"

namespace dos {
namespace {

TEST(Bytes, hex_goes_both_ways_and_refuses_what_is_not_hex) {
  const Bytes all{0x00, 0x7f, 0x80, 0xff};
  EXPECT_EQ(hex(all), "007f80ff");
  Bytes back;
  EXPECT_TRUE(unhex("007F80ff", back));
  EXPECT_EQ(back, all);
  EXPECT_TRUE(unhex("", back));
  EXPECT_TRUE(back.empty());
  for (std::string_view bad : {"0", "0g", "zz", " 0", "0x"}) EXPECT_FALSE(unhex(bad, back)) << bad;
}

TEST(Bytes, order_is_bytewise_and_a_prefix_comes_first) {
  auto order = [](std::string_view a, std::string_view b) { return compare(as_bytes(a), as_bytes(b)); };
  EXPECT_EQ(order("", ""), 0);
  EXPECT_LT(order("", "a"), 0);
  EXPECT_LT(order("a", "ab"), 0);
  EXPECT_LT(order("ab", "b"), 0);
  EXPECT_LT(order("\x7f", "\x80"), 0);  // unsigned
  EXPECT_GT(order("b", "ab"), 0);
  EXPECT_TRUE(equal(as_bytes("ab"), as_bytes("ab")));
  EXPECT_TRUE(starts_with(as_bytes("abc"), as_bytes("ab")));
  EXPECT_FALSE(starts_with(as_bytes("a"), as_bytes("ab")));
}

TEST(Bytes, big_endian_integers_sort_as_numbers) {
  Bytes low, high;
  append_be(low, std::uint32_t(255));
  append_be(high, std::uint32_t(256));
  EXPECT_EQ(hex(low), "000000ff");
  EXPECT_LT(compare(low, high), 0);
  EXPECT_EQ(read_be<std::uint32_t>(high), 256u);
}

TEST(Hash, zero_means_none) {
  Hash h;
  EXPECT_TRUE(h.is_zero());
  h.bytes[31] = 1;
  EXPECT_FALSE(h.is_zero());
}

TEST(Version, holds_height_and_index) {
  const Version v{Height{812}, 5};
  EXPECT_EQ(v.height(), Height{812});
  EXPECT_EQ(v.index(), 5u);
  EXPECT_LT((Version{Height{1}, Version::kBlockIndex}), (Version{Height{2}, 0}));
}

}  // namespace
}  // namespace dos
