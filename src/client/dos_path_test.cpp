#include "client/dos_path.hpp"

#include <gtest/gtest.h>

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
  EXPECT_EQ(parse_path("/a\x01", "me").error().code, Errc::bad_name);
  EXPECT_EQ(parse_path("/\xff\xfe", "me").error().code, Errc::bad_name);
  EXPECT_EQ(parse_path("/" + std::string(256, 'x'), "me").error().code, Errc::bad_name);
  EXPECT_TRUE(parse_path("/" + std::string(255, 'x'), "me"));
  EXPECT_EQ(parse_path("", "me").error().code, Errc::usage);
  EXPECT_EQ(parse_path("~bob", "me").error().code, Errc::usage);
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "/d";
  EXPECT_EQ(parse_path(deep, "me").error().code, Errc::bad_name);
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
