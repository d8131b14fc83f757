#include "base/text.hpp"

#include <gtest/gtest.h>

namespace dos {
namespace {

TEST(Text, base64_is_that_of_the_standard_and_comes_back) {
  for (const auto& [plain, coded] : {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64(as_bytes(std::string_view(plain))), coded);
    Bytes back;
    ASSERT_TRUE(unbase64(coded, back)) << coded;
    EXPECT_EQ(as_text(back), plain);
  }
  Bytes all;
  for (int i = 0; i < 256; ++i) {
    Bytes back;
    ASSERT_TRUE(unbase64(base64(all), back));
    EXPECT_EQ(back, all);
    all.push_back(std::uint8_t(i * 37));
  }
}

TEST(Text, base64_is_read_in_no_other_form) {
  for (const auto* wrong : {"A", "AA", "AAA", "A===", "AA=A", "AB==", "AAB=", "AA-_", "AAAA ", "Zg==Zg==", "Zg =="}) {
    Bytes back;
    EXPECT_FALSE(unbase64(wrong, back)) << wrong;
  }
}

TEST(Text, times_are_written_as_the_calendar_has_them) {
  EXPECT_EQ(utc_text(TimeMs{0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(TimeMs{951'782'400'000}), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(utc_text(TimeMs{1'709'210'096'007}), "2024-02-29T12:34:56.007Z");
  EXPECT_EQ(utc_text(TimeMs{1'796'000'523'004}), "2026-11-30T01:02:03.004Z");
  EXPECT_EQ(utc_text(TimeMs{253'402'300'800'000}), "10000-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(kPermanent), "584556019-04-03T14:25:51.615Z");
}

TEST(Text, an_error_is_called_by_its_number) {
  EXPECT_EQ(error_name(Errc(7)), "DOS-E0007");
  EXPECT_EQ(error_name(Errc::not_found), "DOS-E0401");
  EXPECT_EQ(error_name(Errc(12345)), "DOS-E12345");
}

}  // namespace
}  // namespace dos
