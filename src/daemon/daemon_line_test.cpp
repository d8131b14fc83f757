#include "daemon/daemon_line.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dos::daemon {
namespace {

using Words = std::vector<std::string>;

TEST(DaemonLine, every_text_arrives_byte_for_byte) {
  std::mt19937 rng(3);
  for (int run = 0; run < 500; ++run) {
    std::string text;
    for (auto n = rng() % 10; n > 0; --n) text += rng() % 2 ? "[]{}\"'`,;=\\-% \n"[rng() % 15] : char(1 + rng() % 255);
    for (const auto& [flag, field] : {std::pair("--data", &DaemonConfig::data),
                                      {"--genesis", &DaemonConfig::genesis},
                                      {"--keys", &DaemonConfig::keys},
                                      {"--modules", &DaemonConfig::modules},
                                      {"--listen", &DaemonConfig::listen},
                                      {"--p2p-listen", &DaemonConfig::p2p_listen},
                                      {"--run", &DaemonConfig::run},
                                      {"--log-level", &DaemonConfig::log_level}}) {
      EXPECT_EQ(read_daemon_line(Words{"run", flag, text})->config.*field, text);
      EXPECT_EQ(read_daemon_line(Words{"check", flag + ("=" + text)})->config.*field, text);
    }
    EXPECT_EQ(read_daemon_line(Words{"run", "--peer", text, "--peer", "[a,b]"})->config.peers, (Words{text, "[a,b]"}));
  }
}

TEST(DaemonLine, the_last_of_a_flag_counts_and_wrong_ones_are_named) {
  const auto line = read_daemon_line(Words{"run", "--data", "a", "--data", "b", "--threads", "64"});
  EXPECT_EQ(line->config.data, "b");
  EXPECT_EQ(line->config.threads, 64u);
  for (const auto& [words, said] : {std::pair(Words{}, "needs a command"),
                                    {Words{"rn"}, "no command 'rn'"},
                                    {Words{"run", "x"}, "takes no 'x'"},
                                    {Words{"run", "--dat", "x"}, "did you mean --data"},
                                    {Words{"run", "--threads", "65"}, "--threads takes a number from 1 to 64"},
                                    {Words{"run", "--threads", "2x"}, "not '2x'"},
                                    {Words{"run", "--data"}, "needs a value after --data"}}) {
    const auto wrong = read_daemon_line(words);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Errc::usage);
    EXPECT_NE(wrong.error().detail.find(said), std::string::npos) << wrong.error().detail;
  }
  EXPECT_NE(read_daemon_line(Words{"run", "--help"})->text.find("--upload-quota-mib"), std::string::npos);
  EXPECT_TRUE(read_daemon_line(Words{"--version"})->text.starts_with("dosd "));
}

}  // namespace
}  // namespace dos::daemon
