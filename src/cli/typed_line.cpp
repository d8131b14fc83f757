#include "cli/typed_line.hpp"

#include <algorithm>
#include <set>

#include "base/command_line.hpp"
#include "cli/output.hpp"

namespace dos::cli {
namespace {

FlagRow row_of(const Flag& flag) { return {flag.name, *flag.value != 0}; }

bool takes_value(std::string_view word) {
  return std::ranges::any_of(common_flags(), [&](const Flag& f) { return *f.value != 0 && word == row_of(f).long_name(); });
}

std::string of_command(const Command& command, const std::string& what) { return "dos " + std::string(command.name) + " " + what; }

}  // namespace

TypedVerb read_verb(const std::vector<std::string>& words) {
  static const std::set<std::string> nouns = {"net", "id", "key"};
  TypedVerb line;
  std::size_t have = 0, want = 1;
  bool only_arguments = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& w = words[i];
    if (w == "--") only_arguments = true;
    if (!only_arguments) {
      line.json |= w == "--json";
      line.plain |= w == "--plain";
      line.help |= w == "--help" || w == "-h";
    }
    const bool is_flag = !only_arguments && w.size() > 1 && w[0] == '-';
    if (have < want && !is_flag && !only_arguments) {
      line.given = true;
      line.verb += (have == 0 ? "" : " ") + w;
      if (++have == 1 && nouns.contains(w)) want = 2;
      continue;
    }
    line.rest.push_back(w);
    if (is_flag && takes_value(w) && i + 1 < words.size()) line.rest.push_back(words[++i]);
  }
  return line;
}

TypedLine read_line(const Command& command, const std::vector<std::string>& rest) {
  std::vector<FlagRow> rows;
  for (const auto& flag : command.flags) rows.push_back(row_of(flag));
  for (const auto& flag : common_flags()) rows.push_back(row_of(flag));
  auto words = read_words(rest, rows);
  TypedLine line;
  line.args = std::move(words.arguments);
  for (auto& given : words.flags) {
    const auto& row = rows[given.row];
    line.flags[std::string(row.long_name().substr(2))] = row.takes_value ? std::move(given.value) : "1";
  }
  if (!words.good) line.good = fail(Errc::usage, of_command(command, words.good.error().detail) + ". See: dos help " + command.name);
  return line;
}

Status check_line(const Command& command, const TypedLine& line) {
  for (const auto* flags : {&command.flags, &common_flags()})
    for (const auto& flag : *flags) {
      const auto name = row_of(flag).long_name();
      const auto given = line.flags.find(std::string(name.substr(2)));
      if (*flag.value == 0 || given == line.flags.end()) continue;
      const auto& text = given->second;
      if (text.empty() || (flag.form != nullptr && !flag.form->fits(text)))
        return fail(Errc::usage,
                    std::string(name) + " takes " + (flag.form != nullptr ? flag.form->what : flag.value) + ", not '" + safe(text) + "'");
    }
  if (line.flags.contains("help")) return {};
  std::size_t least = 0;
  bool many = false;
  for (const auto& a : command.args) least += a.required, many |= a.many;
  if (line.args.size() < least) {
    const char* missing = command.args[std::min(line.args.size(), command.args.size() - 1)].name;
    return fail(Errc::usage, of_command(command, std::string("needs ") + missing) + ". Example: " + command.examples[0]);
  }
  if (!many && line.args.size() > command.args.size())
    return fail(Errc::usage,
                of_command(command, "takes no '" + safe(line.args[command.args.size()]) + "'") + ". See: dos help " + command.name);
  for (std::size_t i = 0; i < line.args.size(); ++i)
    if (const auto& argument = command.args[std::min(i, command.args.size() - 1)]; line.args[i].empty() && !argument.may_be_empty)
      return fail(Errc::usage, of_command(command, std::string("takes no empty ") + argument.name) + ". See: dos help " + command.name);
  return {};
}

}  // namespace dos::cli
