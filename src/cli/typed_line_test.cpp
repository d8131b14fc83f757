#include "cli/typed_line.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "cli/run.hpp"

namespace dos::cli {
namespace {

using Words = std::vector<std::string>;

// What a shell can hand over: any bytes but NUL, those above all that a parser may take for its own.
std::string any_text(std::mt19937& rng) {
  static constexpr std::string_view kPieces[] = {"[",    "]",  "{",   "}",    "[a]",   "[a, b]", "{}",     "\"",   "'",      "`",
                                                 ",",    ";",  "=",   "\\",   "\\n",   "%%",     "++",     "--",   "-",      " ",
                                                 "\n",   "\t", "@",   "#",    "~",     "/",      "é",      "日本", "\u202e", "\xff",
                                                 "\xc3", "$X", "0x7", "none", "false", ".",      "--json", "-h"};
  std::string out;
  for (auto n = rng() % 6; n > 0; --n) {
    if (rng() % 4 == 0) out += char(1 + rng() % 255);
    else out += kPieces[rng() % std::size(kPieces)];
  }
  return out;
}

std::size_t count_of(const Command& c, std::mt19937& rng) {
  std::size_t n = 0;
  for (const auto& a : c.args) n += a.many ? 1 + rng() % 3 : 1;
  return n;
}

const Argument& argument_at(const Command& c, std::size_t i) { return c.args[std::min(i, c.args.size() - 1)]; }

Words words_of(const Command& c) {  // its verb
  Words out(1);
  for (const char* p = c.name; *p != 0; ++p)
    if (*p == ' ') out.emplace_back();
    else out.back() += *p;
  return out;
}

TEST(TypedLine, every_string_arrives_byte_for_byte_in_every_argument_of_every_command) {
  std::mt19937 rng(1);
  for (const auto& c : commands())
    for (int run = 0; run < 60; ++run) {
      Words args;
      for (auto n = count_of(c, rng); n > 0; --n) args.push_back(any_text(rng));
      auto typed = words_of(c);
      typed.push_back("--");
      typed.insert(typed.end(), args.begin(), args.end());
      const auto verb = read_verb(typed);
      ASSERT_EQ(find_command(verb.verb), &c) << verb.verb;
      auto line = read_line(c, verb.rest);
      ASSERT_TRUE(line.good) << line.good.error().detail;
      ASSERT_EQ(line.args, args) << c.name;
      ASSERT_TRUE(line.flags.empty());
      bool refused = false;  // what is empty, where that is no value
      for (std::size_t i = 0; i < args.size(); ++i) refused |= args[i].empty() && !argument_at(c, i).may_be_empty;
      ASSERT_EQ(bool(check_line(c, line)), !refused) << c.name;
      // Without "--" as long as none looks like a flag, flags around them.
      for (auto& a : args)
        if (a.starts_with('-') && a.size() > 1 && (a[1] < '0' || a[1] > '9')) a.insert(0, "[");
      typed = {"--plain"};
      for (const auto& w : words_of(c)) typed.push_back(w);
      for (const auto& a : args) typed.push_back(a), typed.push_back("--json");
      const auto mixed = read_verb(typed);
      ASSERT_EQ(find_command(mixed.verb), &c);
      ASSERT_EQ(read_line(c, mixed.rest).args, args);
    }
}

TEST(TypedLine, every_string_arrives_byte_for_byte_in_every_flag_of_every_command) {
  std::mt19937 rng(2);
  for (const auto& c : commands()) {
    auto flags = c.flags;
    flags.insert(flags.end(), common_flags().begin(), common_flags().end());
    for (const auto& flag : flags) {
      const std::string names = flag.name, name = names.substr(0, names.find(','));
      if (*flag.value == 0) continue;
      for (int run = 0; run < 12; ++run) {
        const auto text = any_text(rng);
        std::vector<Words> ways = {{name, text}, {name + "=" + text}, {name, "another", name, text}};
        if (const auto comma = names.find(','); comma != std::string::npos) {
          ways.push_back({names.substr(comma + 1), text});
          if (!text.empty()) ways.push_back({names.substr(comma + 1) + text});
        }
        for (const auto& way : ways) {
          auto typed = words_of(c);
          typed.insert(typed.end(), way.begin(), way.end());
          const auto line = read_line(c, read_verb(typed).rest);
          ASSERT_TRUE(line.good) << c.name << " " << name << ": " << line.good.error().detail;
          ASSERT_EQ(line.flags.at(name.substr(2)), text) << c.name;
          ASSERT_EQ(line.flags.size(), 1u) << "what is a value is no flag";
          ASSERT_TRUE(line.args.empty());
        }
      }
    }
  }
}

TEST(TypedLine, common_flags_may_stand_before_the_verb_with_any_value) {
  std::mt19937 rng(3);
  for (const auto& flag : common_flags()) {
    if (*flag.value == 0) continue;
    for (int run = 0; run < 100; ++run) {
      const auto text = any_text(rng);
      for (const auto& typed : {Words{flag.name, text, "ls", "[x]"}, Words{flag.name + ("=" + text), "ls", "[x]"}}) {
        const auto verb = read_verb(typed);
        ASSERT_EQ(verb.verb, "ls");
        const auto line = read_line(*find_command("ls"), verb.rest);
        ASSERT_EQ(line.flags.at(std::string(flag.name).substr(2)), text);
        ASSERT_EQ(line.args, (Words{"[x]"}));
      }
    }
  }
}

Words with_arguments(const Command& c) {  // its verb and as many as it needs
  auto out = words_of(c);
  for (const auto& a : c.args)
    if (a.required) out.push_back("x");
  return out;
}

std::string fault(const Words& typed) {
  const auto verb = read_verb(typed);
  const auto* c = find_command(verb.verb);
  if (c == nullptr) return "no command";
  const auto line = read_line(*c, verb.rest);
  if (!line.good) return line.good.error().detail;
  const auto good = check_line(*c, line);
  return good ? "" : good.error().detail;
}

// A script's "$NAME" with NAME unset must not become the default: `dos net rm "" --yes` would remove the network that stands.
TEST(TypedLine, an_empty_argument_is_never_the_same_as_none) {
  std::set<std::string> taken;
  for (const auto& c : commands())
    for (std::size_t at = 0; at < c.args.size() + (!c.args.empty() && c.args.back().many ? 2 : 0); ++at) {
      auto typed = words_of(c);
      Words args(std::max(at + 1, c.args.size()), "x");
      args[at].clear();
      typed.insert(typed.end(), args.begin(), args.end());
      const auto& argument = argument_at(c, at);
      if (argument.may_be_empty) {
        taken.insert(std::string(c.name) + " " + argument.name);
        EXPECT_EQ(fault(typed), "") << c.name;
        EXPECT_EQ(read_line(c, read_verb(typed).rest).args, args) << c.name;
      } else {
        EXPECT_EQ(fault(typed), std::string("dos ") + c.name + " takes no empty " + argument.name + ". See: dos help " + c.name);
      }
    }
  EXPECT_EQ(taken, (std::set<std::string>{"call ARG", "send TEXT"}));
}

// Its flags and the common ones that take a value.
std::vector<Flag> with_values(const Command& c) {
  auto flags = c.flags;
  flags.insert(flags.end(), common_flags().begin(), common_flags().end());
  std::erase_if(flags, [](const Flag& flag) { return *flag.value == 0; });
  return flags;
}

TEST(TypedLine, an_empty_value_of_a_flag_is_never_the_same_as_none) {
  for (const auto& c : commands()) {
    for (const auto& flag : with_values(c)) {
      const std::string names = flag.name, name = names.substr(0, names.find(','));
      std::vector<Words> ways = {{name, ""}, {name + "="}};
      if (name.size() != names.size()) ways.push_back({names.substr(name.size() + 1), ""});
      for (const auto& way : ways)
        for (const bool help : {false, true}) {
          auto typed = with_arguments(c);
          ASSERT_EQ(fault(typed), "") << c.name;
          typed.insert(typed.end(), way.begin(), way.end());
          if (help) typed.push_back("--help");
          EXPECT_TRUE(fault(typed).starts_with(name + " takes ") && fault(typed).ends_with(", not ''")) << c.name << ": " << fault(typed);
        }
    }
  }
}

// Also of the commands that read it nowhere, and of those that would read it too late.
TEST(TypedLine, the_value_of_a_flag_has_its_form_whatever_the_command) {
  const std::map<std::string, std::pair<Words, Words>> known = {
      {"--net", {{"local", "a-b.c_1"}, {"[local]", "A", "../x", "a b"}}},
      {"--as", {{"me", "bob"}, {"[me]", "Me", "a/b", "1"}}},
      {"--via",
       {{"v1", "[v1]", "http://127.0.0.1:7400", "https://[::1]:1"},
        {"v 1", "v\n1", "\x1b[2J", "http://", "ftp://x", "http://example.com"}}},
      {"--timeout", {{"5s", "200ms", "1y", "10"}, {"soon", "5x", "-1s", "s", "99999999999999999999s"}}},
      {"--fresh", {{"5", "2m"}, {"soon", "-1", "1.5"}}},
      {"--at", {{"0", "12", "#12"}, {"x", "#", "-1", "1x", "18446744073709551616"}}},
      {"--min-height", {{"1", "#7"}, {"newest", " 1"}}},
      {"--passphrase-fd", {{"0", "3"}, {"3x", "-1", "99999"}}},
      {"--phrase-fd", {{"3"}, {"x"}}},
      {"--kdf", {{"argon2id", "pbkdf2"}, {"scrypt"}}},
      {"--for", {{"1h"}, {"long"}}},
      {"--height", {{"5"}, {"x"}}},
      {"--port", {{"7400"}, {"80", "7400x", "65534"}}},
      {"--validators", {{"1", "64"}, {"0", "65", "[1]"}}},
      {"--suite", {{"pq", "classic"}, {"PQ"}}},
      {"--gas", {{"1"}, {"1.5", "-1"}}},
      {"--rent", {{"0", "1.5"}, {"lots"}}},
      {"--permission", {{"owner"}, {"[owner]"}}}};
  const std::set<std::string> any = {"--output", "--genesis", "--content", "--access"};
  for (const auto& c : commands()) {
    for (const auto& flag : with_values(c)) {
      const std::string names = flag.name, name = names.substr(0, names.find(','));
      EXPECT_EQ(flag.form == nullptr, any.contains(name)) << c.name << " " << name;
      if (any.contains(name)) continue;
      ASSERT_TRUE(known.contains(name)) << c.name << " " << name;
      auto typed = with_arguments(c);
      typed.push_back(name);
      typed.emplace_back();
      for (const auto& text : known.at(name).first) {
        typed.back() = text;
        EXPECT_EQ(fault(typed), "") << c.name << " " << name << " " << text;
      }
      for (const auto& text : known.at(name).second) {
        typed.back() = text;
        EXPECT_TRUE(fault(typed).starts_with(name + " takes ")) << c.name << " " << name << " " << text;
      }
    }
  }
}

TEST(TypedLine, slips_are_named) {
  EXPECT_EQ(fault({"net", "rm", "", "--yes"}), "dos net rm takes no empty NAME. See: dos help net rm");
  EXPECT_EQ(fault({"explain", "--timeout", "soon"}), "--timeout takes a duration, like 5s, 200ms or 1y, not 'soon'");
  EXPECT_EQ(fault({"ls", "--jsn"}), "dos ls has no flag --jsn; did you mean --json. See: dos help ls");
  EXPECT_EQ(fault({"rm", "-x"}), "dos rm has no flag -x; a name that begins with '-' follows --. See: dos help rm");
  EXPECT_EQ(fault({"ls", "--as"}), "dos ls needs a value after --as. See: dos help ls");
  EXPECT_EQ(fault({"ls", "--json=no"}), "dos ls takes no value after --json. See: dos help ls");
  EXPECT_EQ(fault({"put"}), "dos put needs LOCAL. Example: dos put plan.txt");
  EXPECT_EQ(fault({"mkdir", "a", "[b]"}), "dos mkdir takes no '[b]'. See: dos help mkdir");
  EXPECT_EQ(fault({"ls", "--passphrase-fd", "3x"}), "--passphrase-fd takes the number of a descriptor, not '3x'");
  EXPECT_EQ(fault({"ls", "--as", "[me]"}), "--as takes the name of an account, not '[me]'");
  EXPECT_EQ(fault({"pay", "bob", "-5"}), "");  // an argument, which pay refuses
  EXPECT_EQ(fault({"put", "--help"}), "");
  EXPECT_FALSE(read_verb({"--as", "bob"}).given);
  EXPECT_TRUE(read_verb({""}).given);
}

TEST(Project, the_network_is_read_as_toml_has_it) {
  EXPECT_EQ(net_of_project("net = \"a\"\n"), "a");
  EXPECT_EQ(net_of_project("# net = \"x\"\n\n  net='b'  # which\r\n"), "b");
  EXPECT_EQ(net_of_project("network = \"a\"\nnets = \"b\"\n"), std::nullopt);
  EXPECT_EQ(net_of_project("[other]\nnet = \"a\"\n"), std::nullopt);
  EXPECT_EQ(net_of_project("net = \"\"\nnet = \"a\""), "") << "an empty name is one, and of no network";
  EXPECT_EQ(net_of_project("net =\n"), "");
  EXPECT_EQ(net_of_project("net = \"[a, b]\""), "[a, b]");
  for (const auto* wrong : {"net = \"a", "net = \"a\" b", "net = [\"a\"]", "net = 5"})
    EXPECT_FALSE(client::valid_network_name(*net_of_project(wrong)) && net_of_project(wrong) != "5") << wrong;
  EXPECT_EQ(net_of_project(""), std::nullopt);
}

}  // namespace
}  // namespace dos::cli
