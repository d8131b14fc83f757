#include "base/command_line.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dos {
namespace {

using Words = std::vector<std::string>;
constexpr FlagRow kFlags[] = {{"--long,-l", false}, {"--recursive,-R", false}, {"--output,-o", true}, {"--as", true}, {"--json", false}};

CommandWords read(const Words& words) { return read_words(words, kFlags); }
std::string fault(const Words& words) {
  const auto r = read(words);
  return r.good ? "" : r.good.error().detail;
}

TEST(CommandLine, flags_stand_anywhere_and_keep_their_order) {
  const auto r = read({"a", "-lR", "--as", "bob", "b", "-ofile", "-o", "x", "--as=me", "--output=", "-"});
  ASSERT_TRUE(r.good);
  EXPECT_EQ(r.arguments, (Words{"a", "b", "-"}));
  ASSERT_EQ(r.flags.size(), 7u);
  EXPECT_EQ(r.flags[0].row, 0u);
  EXPECT_EQ(r.flags[1].row, 1u);
  const Words values = {"bob", "file", "x", "me", ""};
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(r.flags[i + 2].value, values[i]);
}

TEST(CommandLine, after_two_dashes_all_is_argument) {
  EXPECT_EQ(read({"--", "--as", "-l", "--", "--no-such"}).arguments, (Words{"--as", "-l", "--", "--no-such"}));
  EXPECT_EQ(read({"a", "--"}).arguments, (Words{"a"}));
  EXPECT_EQ(read({"--as", "--", "-l"}).flags.size(), 2u);  // the value of --as
}

TEST(CommandLine, what_looks_like_a_negative_number_is_an_argument) {
  EXPECT_EQ(read({"-5", "-0.5", "-"}).arguments, (Words{"-5", "-0.5", "-"}));
}

TEST(CommandLine, what_is_not_understood_is_named_and_the_rest_is_still_read) {
  EXPECT_EQ(fault({"--jsn"}), "has no flag --jsn; did you mean --json");
  EXPECT_EQ(fault({"--no-such=5"}), "has no flag --no-such; a name that begins with '-' follows --");
  EXPECT_EQ(fault({"-lx"}), "has no flag -lx; a name that begins with '-' follows --");
  EXPECT_EQ(fault({"--as"}), "needs a value after --as");
  EXPECT_EQ(fault({"-o"}), "needs a value after -o");
  EXPECT_EQ(fault({"--json=1"}), "takes no value after --json");
  EXPECT_EQ(fault({"--x\ny"}), "has no flag --x\\ny; a name that begins with '-' follows --");
  const auto r = read({"--no-such", "--json", "a"});
  EXPECT_EQ(r.flags.size(), 1u);
  EXPECT_EQ(r.arguments, (Words{"a"}));
}

TEST(CommandLine, any_bytes_arrive_as_they_are) {
  std::mt19937 rng(11);
  for (int run = 0; run < 20'000; ++run) {
    std::string text;
    for (auto n = rng() % 12; n > 0; --n) text += rng() % 2 ? "[]{}\"'`,;=\\-%+ \n"[rng() % 16] : char(1 + rng() % 255);
    const auto after = read({"--", text});
    ASSERT_EQ(after.arguments, (Words{text}));
    for (const Words& words : {Words{"--as", text}, Words{"--as=" + text}, Words{"-o", text}}) {
      const auto r = read(words);
      ASSERT_TRUE(r.good);
      ASSERT_EQ(r.flags.size(), 1u);
      ASSERT_EQ(r.flags[0].value, text);
      ASSERT_TRUE(r.arguments.empty());
    }
    if (text.starts_with('-')) continue;
    ASSERT_EQ(read({text, "-l", text}).arguments, (Words{text, text}));
  }
}

TEST(Settings, take_their_values_or_say_what_is_wrong) {
  std::string text;
  bool on = false;
  unsigned n = 7;
  const Setting settings[] = {text_setting("--text,-t", "TEXT", text, "a text"), switch_setting("--on", on, "a switch"),
                              number_setting("--n", n, 1, 64, "a number")};
  const auto take = [&](const Words& words) { return read_settings(words, settings); };
  ASSERT_EQ(*take({"--text", "[a]", "x", "--on", "--n", "64"}), (Words{"x"}));
  EXPECT_EQ(text, "[a]");
  EXPECT_TRUE(on);
  EXPECT_EQ(n, 64u);
  for (const auto* bad : {"", "0", "65", "7x", "+7", " 7", "-1", "99999999999999999999"})
    EXPECT_EQ(take({"--n", bad}).error().detail, "--n takes a number from 1 to 64, not '" + std::string(bad) + "'");
  EXPECT_EQ(take({"--off"}).error().code, Errc::usage);
  EXPECT_EQ(settings_help(settings), "  --text,-t TEXT  a text\n  --on            a switch\n  --n N           a number\n");
}

}  // namespace
}  // namespace dos
