// Whatever this repository tells a person to type exists: hints, errors, help, manual, README, docs.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "base/errors.hpp"
#include "cli/command.hpp"

namespace dos::cli {
namespace {

namespace stdfs = std::filesystem;

std::set<std::string> flags_of(const Command* command) {  // null: of any command
  std::set<std::string> names;
  const auto add = [&](const std::vector<Flag>& flags) {
    for (const auto& f : flags) {
      std::istringstream both(f.name);
      for (std::string name; std::getline(both, name, ',');) names.insert(name);
    }
  };
  add(common_flags());
  for (const auto& c : commands())
    if (command == nullptr || command == &c) add(c.flags);
  return names;
}

bool is_noun(const std::string& word) {
  for (const auto& c : commands())
    if (std::string(c.name).starts_with(word + " ")) return true;
  return false;
}

// What is wrong with a line that starts with "dos ", or nothing.
std::string fault_in(const std::string& line) {
  static const std::regex word("[a-z]+"), flag("--[a-z][a-z-]*");
  std::istringstream in(line);
  std::string dos, verb, second;
  in >> dos >> verb >> second;
  const Command* command = nullptr;
  if (is_noun(verb)) {
    std::smatch m;
    if (!std::regex_search(second, m, word, std::regex_constants::match_continuous)) return {};  // `dos net`: its help
    command = find_command(verb + " " + m.str());
  } else {
    std::smatch m;
    if (!std::regex_search(verb, m, word, std::regex_constants::match_continuous)) return {};
    command = find_command(m.str());
  }
  if (command == nullptr) return "no such command";
  const auto known = flags_of(command);
  for (std::sregex_iterator it(line.begin(), line.end(), flag), end; it != end; ++it)
    if (!known.contains(it->str())) return "no flag " + it->str();
  return {};
}

void expect_all_exist(const std::string& text, const std::string& where) {
  // In backticks, after a colon, at a prompt, after && or alone at the start of an indented line.
  static const std::regex told("(?:`|: |\\$ |&& |\\n {4,})(dos [a-z][^`\\n\"#;&)]*)");
  for (std::sregex_iterator it(text.begin(), text.end(), told), end; it != end; ++it)
    EXPECT_EQ(fault_in((*it)[1]), "") << where << ": " << (*it)[1];
}

std::string text_of(const stdfs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(NamedCommands, a_remedy_names_only_commands_and_flags_that_exist) {
  unsigned count = 0;
  const auto* rows = error_rows(count);
  const auto any = flags_of(nullptr);
  static const std::regex flag("--[a-z][a-z-]*");
  for (unsigned i = 0; i < count; ++i) {
    const std::string remedy = rows[i].remedy;
    expect_all_exist(remedy, rows[i].name);
    for (std::sregex_iterator it(remedy.begin(), remedy.end(), flag), end; it != end; ++it)
      EXPECT_TRUE(any.contains(it->str())) << rows[i].name << ": " << it->str();
  }
}

TEST(NamedCommands, examples_of_the_help_parse_as_what_they_name) {
  for (const auto& c : commands())
    for (const std::string example : c.examples) EXPECT_EQ(fault_in(example.substr(example.find("dos "))), "") << example;
}

TEST(NamedCommands, sources_and_documents_name_only_what_exists) {
  const stdfs::path root = DOS_TEST_SOURCE;
  std::size_t files = 0;
  const auto look = [&](const stdfs::path& file) {
    expect_all_exist(text_of(file), file.lexically_relative(root).string());
    ++files;
  };
  for (const auto* name :
       {"README.md", "ARCHITECTURE.md", "GLOSSARY.md", "CAVEATS.md", "dev", "docs/cli.md", "docs/operate.md", "docs/benchmarks.md"})
    look(root / name);
  for (const auto& entry : stdfs::directory_iterator(root / "docs" / "spec")) look(entry.path());
  for (const auto& entry : stdfs::recursive_directory_iterator(root / "src")) {
    const auto name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.ends_with("_test.cpp") && !name.ends_with("_fuzz.cpp")) look(entry.path());
  }
  EXPECT_GT(files, 100u);
}

TEST(NamedCommands, what_does_not_exist_is_found) {
  EXPECT_EQ(fault_in("dos bugreport"), "no such command");
  EXPECT_EQ(fault_in("dos key passwd"), "no such command");
  EXPECT_EQ(fault_in("dos ls --max 3"), "no flag --max");
  EXPECT_EQ(fault_in("dos net up --port 7400"), "");
  EXPECT_EQ(fault_in("dos net"), "");
}

}  // namespace
}  // namespace dos::cli
