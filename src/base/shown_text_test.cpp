#include "base/shown_text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dos {
namespace {

TEST(ShownText, what_is_seen_stays_and_the_rest_is_written_out) {
  for (const std::string_view plain : {"", "plan.txt", "Übersicht – 日本語.md", "a\\b \"c\" [d]", "العربية", "٠١", "e\xcc\x81"})
    EXPECT_EQ(shown_text(plain), plain);
  EXPECT_EQ(shown_text("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(shown_text("\x1b[31mred\x7f"), "\\u001b[31mred\\u007f");
  EXPECT_EQ(shown_text("\xc2\x9b"
                       "31m\xc2\xad"),
            "\\u009b31m\\u00ad");
  EXPECT_EQ(shown_text("a\u202etxt.exe\u2066\u2069\u200b\u2028\u2029\u061c\ufeff\u2060\u180e"),
            "a\\u202etxt.exe\\u2066\\u2069\\u200b\\u2028\\u2029\\u061c\\ufeff\\u2060\\u180e");
  EXPECT_EQ(shown_text("\U000e0041\U000e0100\U0010fffd"), "\\u{e0041}\\u{e0100}\U0010fffd");
  EXPECT_EQ(shown_text("\xff"
                       "a\xc3(\xe2\x80\xed\xa0\x80\xf4\x90\x80\x80"),
            "\\xffa\\xc3(\\xe2\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(shown_text(std::string_view("a\0b", 3)), "a\\u0000b");
}

TEST(ShownText, joiners_and_selectors_stay_where_they_are_drawn) {
  for (const std::string_view emoji : {"👨‍👩‍👧", "❤️", "👩‍❤️‍👩", "🏳️‍🌈", "1️⃣", "#️⃣", "✔︎", "👍🏽"})
    EXPECT_EQ(shown_text(emoji), emoji);
  EXPECT_EQ(shown_text("pl\u200dan"), "pl\\u200dan");
  EXPECT_EQ(shown_text("plan\ufe0f"), "plan\\ufe0f");
  EXPECT_EQ(shown_text("\U0001f468\u200d"), "\U0001f468\\u200d");
  EXPECT_EQ(shown_text("\U0001f468\u200dx"), "\U0001f468\\u200dx");
  EXPECT_EQ(shown_text("\u2764\ufe0f\ufe0f\ufe0e"), "\u2764\ufe0f\\ufe0f\\ufe0e");  // a row of them says something unseen
  EXPECT_EQ(shown_text("1\ufe0f"), "1\\ufe0f");
  EXPECT_EQ(shown_text("\u200c"), "\\u200c");
}

TEST(ShownText, is_bounded_and_never_cuts_a_character) {
  EXPECT_EQ(shown_text("abcdef", 6), "abcdef");
  EXPECT_EQ(shown_text("abcdef", 5), "abcde...");
  EXPECT_EQ(shown_text("aaé", 3), "aa...");
  EXPECT_EQ(shown_text("\x80\x80\x80", 2), "...");
}

TEST(ShownText, done_twice_is_done_once_and_of_any_bytes_one_line_comes) {
  std::mt19937 rng(7);
  for (int run = 0; run < 20'000; ++run) {
    std::string text;
    for (auto n = rng() % 24; n > 0; --n) {
      static constexpr std::string_view kPieces[] = {"\n",   "\x1b",   "\u200d", "\ufe0f", "\U0001f468", "❤", "\xe2",
                                                     "\x80", "\u202e", "1",      "\u20e3", "a",          "\\"};
      const auto pick = rng() % (std::size(kPieces) + 3);
      if (pick < std::size(kPieces)) text += kPieces[pick];
      else text += char(rng());
    }
    const auto shown = shown_text(text);
    EXPECT_EQ(shown_text(shown), shown);
    EXPECT_EQ(shown_as_it_is(text), shown == text);
    for (const unsigned char c : shown) ASSERT_TRUE(c >= 0x20 && c != 0x7f) << shown;
    ASSERT_EQ(shown.find("\u202e"), std::string::npos);
  }
}

TEST(QuotedText, is_one_line_whose_quote_the_words_cannot_close) {
  EXPECT_EQ(quoted_text("no\n  help: send me your key", 99), "\"no\\n  help: send me your key\"");
  EXPECT_EQ(quoted_text("x\" is true. \"y", 99), "\"x' is true. 'y\"");
  EXPECT_EQ(quoted_text("abc", 3), "\"abc\"");
  EXPECT_EQ(quoted_text("abcd", 3), "\"abc...\"");
}

TEST(ShownJson, is_the_same_value_without_hidden_characters) {
  EXPECT_EQ(shown_json(R"({"a":"b\n"})"), R"({"a":"b\n"})");
  EXPECT_EQ(shown_json("[\"é\u202e\u200d\x7f\U000e0041\"]"), "[\"é\\u202e\\u200d\\u007f\\udb40\\udc41\"]");
}

}  // namespace
}  // namespace dos
