#include "daemon/config.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace dos::daemon {
namespace {

TEST(Config, listens_on_any_free_port_and_dials_none) {
  EXPECT_EQ(parse_listen("127.0.0.1:0")->port, 0);
  EXPECT_EQ(parse_listen("[::1]:7400")->host, "::1");
  EXPECT_EQ(parse_listen("nowhere").error().code, Errc::usage);
  EXPECT_FALSE(parse_listen(":7400"));
  EXPECT_EQ(parse_peers({"v1=host:1", "v2=[::1]:2"})->at("v2"), "[::1]:2");
  for (const auto* bad : {"v1", "=host:1", "v1=host", "v1=host:0", "v1=ho st:1"}) EXPECT_FALSE(parse_peers({bad})) << bad;
}

TEST(Config, a_file_says_where_it_is_wrong) {
  DaemonConfig config;
  EXPECT_TRUE(parse_config("threads = 3\npeers = [\"v1=host:1\"]\n", "f", config));
  EXPECT_EQ(config.threads, 3u);
  EXPECT_EQ(config.peers, std::vector<std::string>{"v1=host:1"});
  EXPECT_EQ(parse_config("\nthreds = 3\n", "f", config).error().detail, "f, line 2: there is no setting 'threds'; did you mean 'threads'?");
  EXPECT_EQ(parse_config("threads = 65\n", "f", config).error().detail, "f, line 1: threads is a number from 1 to 64");
  EXPECT_EQ(parse_config("listen = 7400\n", "f", config).error().code, Errc::usage);
  EXPECT_EQ(parse_config("data = \"\xff\"\n", "f", config).error().code, Errc::usage);
}

TEST(Config, a_file_may_be_as_deep_or_long_as_it_likes_and_is_refused) {
  DaemonConfig config;
  const auto line = [](std::size_t bytes) { return "data = \"" + std::string(bytes - 9, 'x') + "\"\n"; };
  EXPECT_TRUE(parse_config("threads = 2\n" + line(kMaxConfigLine), "f", config));
  EXPECT_EQ(parse_config("threads = 2\n" + line(kMaxConfigLine + 1), "f", config).error().detail,
            "f, line 2: a line has at most 8192 bytes");
  const auto many = [](const char* piece, std::size_t bytes) {
    std::string out;
    while (out.size() + std::strlen(piece) <= bytes) out += piece;
    return out;
  };
  for (const auto& text :
       {"peers = " + many("[", 4000), many("a.", 8000) + "a = 1\n", "[" + many("a.", 8000) + "a]\n" + many("a.", 8000) + "a = 1\n",
        "peers = " + many("{a=", 6000), many("a.", 1'000'000) + "a = 1\n", "peers = " + many("[\n", 500'000)})
    EXPECT_EQ(parse_config(text, "f", config).error().code, Errc::usage) << text.substr(0, 20);
}

}  // namespace
}  // namespace dos::daemon
