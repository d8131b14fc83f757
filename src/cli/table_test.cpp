#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "cli/help.hpp"
#include "cli/local_net.hpp"
#include "cli/run.hpp"

namespace dos::cli {
namespace {

TEST(CommandTable, every_row_is_complete_and_names_are_unique) {
  std::set<std::string> names;
  for (const auto& c : commands()) {
    EXPECT_TRUE(names.insert(c.name).second) << c.name;
    for (const auto* a : c.aliases) EXPECT_TRUE(names.insert(a).second) << a;
    EXPECT_GT(std::string_view(c.summary).size(), 10u) << c.name;
    EXPECT_TRUE(std::string_view(c.summary).ends_with(".")) << c.name;
    ASSERT_FALSE(c.examples.empty()) << c.name;
    for (const auto* e : c.examples) EXPECT_NE(std::string_view(e).find(std::string("dos ") + c.name), std::string_view::npos) << e;
    EXPECT_TRUE(c.run) << c.name;
  }
}

TEST(CommandTable, help_as_json_has_every_field) {
  const auto all = all_commands_json();
  ASSERT_FALSE(all["commands"].empty());
  for (const auto& c : all["commands"])
    for (const auto* field : {"name", "group", "summary", "args", "flags", "examples", "call", "aliases"})
      EXPECT_TRUE(c.contains(field)) << field;
}

TEST(CommandTable, aliases_and_near_misses_are_found) {
  EXPECT_STREQ(find_command("dir")->name, "ls");
  EXPECT_STREQ(find_command("type")->name, "cat");
  EXPECT_STREQ(find_command("del")->name, "rm");
  EXPECT_EQ(find_command("nothing"), nullptr);
  EXPECT_EQ(nearest_command("pit"), "put");
  EXPECT_EQ(nearest_command("balanc"), "balance");
  EXPECT_EQ(nearest_command("xyzzy"), "");
  EXPECT_EQ(nearest_command("foo"), "");  // not "log": two letters of three are another word
}

TEST(Manual, is_what_the_table_says) {
  std::ifstream file(std::string(DOS_TEST_SOURCE) + "/docs/cli.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), manual() + "\n") << "write it again: dos help --markdown > docs/cli.md";
}

TEST(Envelope, success_and_error_have_the_contract_s_fields) {
  const auto good = Json::parse(envelope({{"x", 1}}, {"careful"}, At{Height(12), true}));
  EXPECT_EQ(good["v"], 1);
  EXPECT_EQ(good["ok"], true);
  EXPECT_EQ(good["at"]["height"], "12");
  EXPECT_EQ(good["at"]["proof"], "verified");
  EXPECT_EQ(good["warnings"][0], "careful");
  const auto bad = Json::parse(error_envelope({Errc::not_found, "\xff is not there"}));
  EXPECT_EQ(bad["ok"], false);
  EXPECT_EQ(bad["error"]["code"], "DOS-E0401");
  for (const auto* field : {"title", "detail", "hint", "retry"}) EXPECT_TRUE(bad["error"].contains(field));
}

TEST(Ports, a_node_that_lost_its_port_is_told_from_one_that_died) {
  EXPECT_TRUE(says_port_taken("dosd: DOS-E1003: No free port\n  cannot listen on 127.0.0.1:7400\n"));
  EXPECT_TRUE(says_port_taken("a warning\ndosd: DOS-E1003: No free port\n"));
  for (const auto* other : {"", "dosd: DOS-E0702: Stored data is damaged\n", "it said dosd: DOS-E1003: in a line\n"})
    EXPECT_FALSE(says_port_taken(other)) << other;
}

TEST(Credits, are_exact_decimals) {
  EXPECT_EQ(shown_credits(12'500'000), "12.5");
  EXPECT_EQ(shown_credits(1), "0.000001");
  EXPECT_EQ(*parse_credits("12.5"), 12'500'000u);
  EXPECT_EQ(*parse_credits("0.000001"), 1u);
  for (const auto* bad : {"", ".", "1.", ".5", "-1", "1e3", "0.0000001", "lots", "12,5", "99999999999999"})
    EXPECT_FALSE(parse_credits(bad)) << bad;
}

TEST(Durations, take_units) {
  EXPECT_EQ(parse_duration("5s")->count(), 5000);
  EXPECT_EQ(parse_duration("200ms")->count(), 200);
  EXPECT_EQ(parse_duration("10")->count(), 10'000);
  EXPECT_EQ(parse_duration("1y")->count(), 31'536'000'000);
  for (const auto* bad : {"", "s", "soon", "5x", "-1s", "99999999999999999999s"}) EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Durations, are_waited_for_within_what_a_clock_can_count) {
  Output out(Form::json);
  const client::Places none{};
  cli::Run run(out, none);
  EXPECT_FALSE(run.timeout());
  EXPECT_EQ(run.at_most(std::chrono::hours(1)), std::chrono::hours(1));
  constexpr std::int64_t kYear = 31'536'000'000;
  const std::map<const char*, std::int64_t> waited = {
      {"0", 0}, {"1ms", 1}, {"50y", 50 * kYear}, {"100y", 100 * kYear}, {"101y", 100 * kYear}, {"30000y", 100 * kYear}};
  for (const auto& [text, ms] : waited) {
    run.flags["timeout"] = text;
    ASSERT_TRUE(run.timeout());
    EXPECT_EQ(run.timeout()->count(), ms) << text;
    const auto now = std::chrono::steady_clock::now();
    EXPECT_GE(now + *run.timeout(), now) << text;
    const auto step = run.at_most(std::chrono::seconds(5));
    EXPECT_EQ(step, ms < 5 ? std::chrono::milliseconds(1) : std::chrono::seconds(5)) << text;
  }
}

}  // namespace
}  // namespace dos::cli
