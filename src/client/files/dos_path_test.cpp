#include "client/files/dos_path.hpp"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include "base/shown_text.hpp"
#include "base/test_code.hpp"

namespace dos::client {
namespace {

std::string text(std::string_view in) {
  const auto p = parse_path(in, "me");
  return p ? p->text() : "refused";
}

TEST(DosPath, relative_and_tilde_paths_lie_below_home) {
  EXPECT_EQ(text("a"), "/home/me/a");
  EXPECT_EQ(text("~"), "/home/me");
  EXPECT_EQ(text("~/a/b"), "/home/me/a/b");
  EXPECT_EQ(text("/"), "/");
  EXPECT_EQ(text("/home//alice/./x/../y"), "/home/alice/y");
  EXPECT_EQ(text("/../.."), "/");
}

TEST(DosPath, a_slash_at_the_end_means_a_folder) {
  EXPECT_TRUE(parse_path("a/", "me")->folder);
  EXPECT_FALSE(parse_path("a", "me")->folder);
}

TEST(DosPath, bad_names_are_refused) {
  EXPECT_EQ(code_of(parse_path("/a\x01", "me")), Errc::bad_name);
  EXPECT_EQ(code_of(parse_path("/\xff\xfe", "me")), Errc::bad_name);
  EXPECT_EQ(code_of(parse_path("/" + std::string(256, 'x'), "me")), Errc::bad_name);
  EXPECT_TRUE(parse_path("/" + std::string(255, 'x'), "me"));
  EXPECT_EQ(code_of(parse_path("", "me")), Errc::usage);
  EXPECT_EQ(code_of(parse_path("~bob", "me")), Errc::usage);
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "/d";
  EXPECT_EQ(code_of(parse_path(deep, "me")), Errc::bad_name);
}

TEST(DosPath, a_new_name_is_seen_as_it_is) {
  for (const auto* good : {"plan.txt", "Übersicht – 日本語", "👨‍👩‍👧 ❤️", "می‌خواهم", "[a]", "a\\b", "a b"})
    EXPECT_TRUE(may_be_given(good)) << good;
  for (const auto* bad : {"a\u202etxt.exe", "a\u2066b", "a\u200b", "\u200e", "a\u2028b",
                          "\ufeff"
                          "a",
                          "a\u00ad", "a\u2060", "a\u061c", "\u180e", "a\u0085", "\U000e0041", "a\x1b"}) {
    EXPECT_EQ(code_of(may_be_given(bad)), Errc::bad_name) << bad;
    EXPECT_TRUE(shown_as_it_is(may_be_given(bad).error().detail));
  }
  EXPECT_TRUE(parse_path("/home/me/a\u202eb", "me"));  // what stands there already can be read and removed
}

TEST(ShownText, hides_what_unicode_says_is_not_drawn) {
  const auto drawn = [](std::uint32_t c) {
    return (c >= 0x600 && c <= 0x605) || c == 0x6DD || c == 0x890 || c == 0x891 || c == 0x8E2 || c == 0x110BD || c == 0x110CD;
  };
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    const auto& p = *utf8proc_get_property(utf8proc_int32_t(c));
    const bool hidden = p.category == UTF8PROC_CATEGORY_CC || p.category == UTF8PROC_CATEGORY_CF || p.category == UTF8PROC_CATEGORY_ZL ||
                        p.category == UTF8PROC_CATEGORY_ZP || p.ignorable;
    if (hidden && !drawn(c)) { EXPECT_TRUE(hidden_character(c)) << std::hex << c; }
  }
  for (const std::uint32_t c : {0x20u, 0x41u, 0xA0u, 0xE9u, 0x5D0u, 0x627u, 0x3042u, 0x1F600u, 0xFFFDu, 0xE000u})
    EXPECT_FALSE(hidden_character(c));
}

TEST(DosPath, names_become_nfc) {
  EXPECT_EQ(text("/U\xcc\x88"), "/\xc3\x9c");  // U and combining diaeresis
}

TEST(DosPath, revisions_and_heights_stand_at_the_end) {
  const auto r = parse_path_spec("a@3", "me");
  EXPECT_EQ(r->path.text(), "/home/me/a");
  EXPECT_EQ(r->revision, 3u);
  const auto h = parse_path_spec("/a/b@#812", "me");
  EXPECT_EQ(h->height, Height(812));
  EXPECT_EQ(h->path.text(), "/a/b");
  for (const auto* name : {"a@", "a@x", "a@0", "a@#", "a@-1", "a@99999999999", "me@x@y"}) {
    const auto plain = parse_path_spec(name, "me");
    EXPECT_FALSE(plain->revision || plain->height) << name;
    EXPECT_EQ(plain->path.name(), name);
  }
  EXPECT_EQ(parse_path_spec("a@7@1", "me")->path.name(), "a@7");
}

}  // namespace
}  // namespace dos::client
