#include "codec/bcs.hpp"

#include <gtest/gtest.h>

#include "tests/support/vector_file.hpp"

namespace dos::codec {
namespace {

enum class Colour : std::uint8_t { red = 1, blue = 2 };
constexpr bool valid(Colour c) { return c == Colour::red || c == Colour::blue; }

struct Point {
  std::uint16_t x = 0;
  Height height;
  DOS_FIELDS(x, height);
  friend bool operator==(const Point&, const Point&) = default;
};
struct All {
  bool flag = false;
  std::uint8_t u8 = 0;
  std::uint32_t u32 = 0;
  std::uint64_t u64 = 0;
  Colour colour = Colour::red;
  Hash hash;
  Version version;
  Bytes bytes;
  std::string text;
  std::vector<Point> points;
  std::optional<Point> maybe;
  std::variant<std::uint8_t, std::string, Point> choice;
  ByteArray<3> three{};
  DOS_FIELDS(flag, u8, u32, u64, colour, hash, version, bytes, text, points, maybe, choice, three);
  friend bool operator==(const All&, const All&) = default;
};
struct Nest {  // a list of itself: as deep as the input says
  std::vector<Nest> inner;
  DOS_FIELDS(inner);
};

All sample() {
  All a{true, 0xAB, 0x01020304, 0x1122334455667788, Colour::blue, {}, Version{Height{7}, 9}, {1, 2, 3}, "grüß 🦊", {}, {}, {}, {9, 8, 7}};
  a.hash.bytes.fill(0x5C);
  a.points = {{1, Height{2}}, {0xFFFF, Height{UINT64_MAX}}};
  a.maybe = Point{3, Height{4}};
  a.choice = std::string("second");
  return a;
}

template <class T>
bool refused(std::string_view hex_text) {
  const auto got = decode<T>(test::from_hex(hex_text));
  return !got && got.error().code == Errc::malformed;
}
template <class T>
std::string encoded(const T& v) {
  return hex(encode(v));
}

TEST(Bcs, integers_are_little_endian) {
  EXPECT_EQ(encoded(std::uint8_t(1)), "01");
  EXPECT_EQ(encoded(std::uint16_t(4660)), "3412");
  EXPECT_EQ(encoded(std::uint32_t(305419896)), "78563412");  // the examples of the BCS specification
  EXPECT_EQ(encoded(std::uint64_t(1311768467750121216)), "00efcdab78563412");
  EXPECT_EQ(encoded(Height{258}), "0201000000000000");
}

TEST(Bcs, uleb_lengths_are_those_of_the_specification) {
  auto uleb = [](std::uint32_t v) {
    Encoder e;
    e.uleb(v);
    return hex(e.out);
  };
  EXPECT_EQ(uleb(1), "01");
  EXPECT_EQ(uleb(128), "8001");
  EXPECT_EQ(uleb(16384), "808001");
  EXPECT_EQ(uleb(2097152), "80808001");
  EXPECT_EQ(uleb(268435456), "8080808001");
  EXPECT_EQ(uleb(9487), "8f4a");
  EXPECT_EQ(uleb(UINT32_MAX), "ffffffff0f");
}

TEST(Bcs, composed_values_stand_one_after_another) {
  EXPECT_EQ(encoded(std::string("çå∞≠¢õß∂ƒ∫")), "18c3a7c3a5e2889ee289a0c2a2c3b5c39fe28882c692e288ab");  // from the specification
  EXPECT_EQ(encoded(std::optional<std::uint8_t>(8)), "0108");
  EXPECT_EQ(encoded(std::optional<std::uint8_t>()), "00");
  EXPECT_EQ(encoded(std::vector<std::uint16_t>{1, 2}), "0201000200");
  EXPECT_EQ(encoded(Colour::blue), "02");
  EXPECT_EQ(encoded(std::variant<std::uint8_t, std::uint16_t>(std::uint16_t(5))), "010500");
  EXPECT_EQ(encoded(ByteArray<2>{7, 8}), "0708");
}

TEST(Bcs, every_kind_of_field_comes_back) {
  const All a = sample();
  const auto back = decode<All>(encode(a));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, a);
  EXPECT_EQ(encode(*back), encode(a));
  EXPECT_TRUE(decode<All>(encode(All{})));
}

TEST(Bcs, every_cut_is_refused_and_so_is_every_left_over_byte) {
  Bytes good = encode(sample());
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(decode<All>(BytesView(good).first(n))) << n;
  good.push_back(0);
  EXPECT_EQ(decode<All>(good).error().code, Errc::malformed);
}

TEST(Bcs, what_is_accepted_encodes_to_the_same_bytes) {  // no value has two encodings
  const Bytes good = encode(sample());
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = good;
      changed[i] ^= std::uint8_t(1 << bit);
      if (const auto got = decode<All>(changed)) { EXPECT_EQ(encode(*got), changed) << i << ' ' << bit; }
    }
}

TEST(Bcs, uleb_that_is_over_long_or_over_wide_is_refused) {
  EXPECT_TRUE(refused<Bytes>("8000"));          // 0 in two bytes
  EXPECT_TRUE(refused<Bytes>("8100ff"));        // 1 in two bytes
  EXPECT_TRUE(refused<Bytes>("8080808010"));    // above 32 bits
  EXPECT_TRUE(refused<Bytes>("808080808001"));  // six bytes
  EXPECT_TRUE(refused<Bytes>("ffffffff0f"));    // above 2^31 - 1
  EXPECT_TRUE(refused<Bytes>("80"));
}

TEST(Bcs, bools_enums_tags_and_texts_out_of_range_are_refused) {
  EXPECT_TRUE(refused<bool>("02"));
  EXPECT_TRUE(refused<bool>("ff"));
  EXPECT_TRUE(refused<Colour>("00"));
  EXPECT_TRUE(refused<Colour>("03"));
  EXPECT_TRUE(refused<std::optional<std::uint8_t>>("0201"));
  EXPECT_TRUE((refused<std::variant<std::uint8_t, std::uint8_t>>("0201")));
  EXPECT_TRUE((refused<std::variant<std::uint8_t, std::uint8_t>>("800001")));
  EXPECT_TRUE(refused<std::string>("01ff"));
  EXPECT_TRUE(refused<std::uint32_t>("010203"));
  EXPECT_TRUE(refused<std::uint8_t>(""));
}

TEST(Bcs, a_length_beyond_the_input_is_refused_without_being_allocated) {
  EXPECT_TRUE(refused<Bytes>("ffffffff07"));
  EXPECT_TRUE(refused<std::string>("ffffffff07"));
  EXPECT_TRUE(refused<std::vector<Point>>("ffffffff07"));
  EXPECT_TRUE((refused<std::vector<std::vector<std::uint64_t>>>("02ffffffff07ffffffff07")));
}

TEST(Bcs, nesting_ends_at_its_limit) {
  auto nested = [](int depth) {
    Bytes b(std::size_t(depth), 1);
    b.push_back(0);
    return b;
  };
  EXPECT_TRUE(decode<Nest>(nested(10)));
  EXPECT_TRUE(decode<Nest>(nested(kMaxDepth / 2 - 1)));  // a struct and a sequence a level
  EXPECT_FALSE(decode<Nest>(nested(kMaxDepth / 2)));
  EXPECT_FALSE(decode<Nest>(nested(100'000)));
}

TEST(Utf8, accepts_the_shortest_form_alone) {
  for (std::string_view good : {"", "a", "\x7f", "é", "€", "🦊", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(as_bytes(good))) << good;
  EXPECT_TRUE(is_utf8(as_bytes(std::string_view("a\0b", 3))));
  for (std::string_view bad : {"\x80", "\xbf", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
                               "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                               "\xf8\x88\x80\x80\x80", "\xff", "a\xc3(", "\xe2\x28\xa1", "\xf0\x9f\xa6"})
    EXPECT_FALSE(is_utf8(as_bytes(bad))) << hex(as_bytes(bad));
}

}  // namespace
}  // namespace dos::codec
