#include <CLI/CLI.hpp>

#include <algorithm>
#include <set>

#include "base/edit_distance.hpp"
#include "cli/help.hpp"
#include "cli/run.hpp"

namespace dos::cli {
namespace {

std::string long_name(const Flag& flag) {
  std::string name = flag.name;
  name = name.substr(0, name.find(','));
  return name.substr(2);
}

bool takes_value(std::string_view token) {
  for (const auto& flag : common_flags())
    if (*flag.value != 0 && token == "--" + long_name(flag)) return true;
  return false;
}

struct Line {
  std::string verb;               // "net up"
  std::vector<std::string> rest;  // everything but the words of the verb
  bool json = false, plain = false, help = false;
};

// The words of the verb are the first that are no flags; a noun takes a second one.
Line split(const std::vector<std::string>& tokens) {
  static const std::set<std::string> nouns = {"net", "id", "key"};
  Line line;
  std::size_t words = 0, want = 1;
  bool only_arguments = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto& t = tokens[i];
    if (t == "--") only_arguments = true;
    if (!only_arguments) {
      line.json |= t == "--json";
      line.plain |= t == "--plain";
      line.help |= t == "--help" || t == "-h";
    }
    const bool is_flag = !only_arguments && t.size() > 1 && t[0] == '-';
    if (words < want && !is_flag && !only_arguments) {
      line.verb += (words == 0 ? "" : " ") + t;
      if (++words == 1 && nouns.contains(t)) want = 2;
      continue;
    }
    line.rest.push_back(t);
    if (is_flag && takes_value(t) && i + 1 < tokens.size()) line.rest.push_back(tokens[++i]);
  }
  return line;
}

bool of_first_help(const std::string& token) { return token == "--json" || token == "--plain" || token == "--help" || token == "-h"; }

// What CLI11 did not expect, in our words: the flag, and the one that was meant.
std::string unexpected_flag(const Command& command, const std::vector<std::string>& tokens) {
  std::vector<std::string> known;
  const auto add = [&](const std::vector<Flag>& flags) {
    for (const auto& flag : flags) {
      const std::string names = flag.name;
      const auto comma = names.find(',');
      known.push_back(names.substr(0, comma));
      if (comma != std::string::npos) known.push_back(names.substr(comma + 1));
    }
  };
  add(command.flags);
  add(common_flags());
  for (const auto& token : tokens) {
    if (token == "--") break;
    const auto name = token.substr(0, token.find('='));
    if (name.size() < 2 || name[0] != '-' || (name[1] >= '0' && name[1] <= '9') || std::ranges::find(known, name) != known.end()) continue;
    std::string near;
    std::size_t least = 3;
    for (const auto& flag : known)
      if (const auto d = name.size() > 40 ? least : edit_distance(name, flag); flag.size() > 4 && d < least) least = d, near = flag;
    return "has no flag " + safe(name) + (near.empty() ? "; a name that begins with '-' follows --" : "; did you mean " + near);
  }
  return {};
}

Status parse(const Command& command, std::vector<std::string> tokens, Run& run) {
  CLI::App app{command.summary, command.name};
  app.set_help_flag();
  std::map<std::string, std::string> values;
  std::map<std::string, bool> switches;
  std::vector<std::pair<std::string, CLI::Option*>> options;
  const auto add = [&](const Flag& flag) {
    const auto name = long_name(flag);
    options.emplace_back(name,
                         *flag.value != 0 ? app.add_option(flag.name, values[name])->take_last() : app.add_flag(flag.name, switches[name]));
  };
  for (const auto& flag : command.flags) add(flag);
  for (const auto& flag : common_flags()) add(flag);
  std::vector<std::string> args;
  app.add_option("arguments", args);
  const auto typed = tokens;
  try {
    std::ranges::reverse(tokens);
    app.parse(tokens);
  } catch (const CLI::ParseError& e) {
    const auto flag = unexpected_flag(command, typed);
    const auto why = flag.empty() ? ": " + std::string(e.what()) : " " + flag;
    return fail(Errc::usage, "dos " + std::string(command.name) + why + ". See: dos help " + command.name);
  }
  for (const auto& [name, option] : options)
    if (option->count() > 0) run.flags[name] = values.contains(name) ? values[name] : "1";
  for (const auto* fd : {"passphrase-fd", "phrase-fd"})  // a slip must not read another descriptor
    if (const auto text = run.flag(fd, "0"); text.empty() || text.size() > 4 || text.find_first_not_of("0123456789") != text.npos)
      return fail(Errc::usage, "--" + std::string(fd) + " takes the number of a descriptor, not '" + safe(text) + "'");
  if (run.has("as") && !ledger::valid_account_name(run.flag("as")))
    return fail(Errc::usage, "--as takes the name of an account, not '" + safe(run.flag("as")) + "'");
  std::size_t least = 0;
  bool many = false;
  for (const auto& a : command.args) least += a.required, many |= a.many;
  if (!run.has("help")) {
    if (args.size() < least) {
      const char* missing = command.args[std::min(args.size(), command.args.size() - 1)].name;
      return fail(Errc::usage, "dos " + std::string(command.name) + " needs " + missing + ". Example: " + command.examples[0]);
    }
    if (!many && args.size() > command.args.size())
      return fail(Errc::usage, "dos " + std::string(command.name) + " takes no '" + safe(args[command.args.size()]) + "'. See: dos help " +
                                   command.name);
  }
  run.args = std::move(args);
  return {};
}

Status unknown(const std::string& verb) {
  auto detail = "'" + safe(verb) + "' is no command";
  if (const auto near = nearest_command(verb); !near.empty()) detail += "; did you mean: dos " + near;
  return fail(Errc::usage, detail);
}

// Verbs of the whole design that this release does not have.
bool planned(std::string_view verb) {
  static constexpr std::string_view kVerbs[] = {
      "mount",      "umount",    "share",      "unshare",    "find",     "tree",      "du",          "df",       "diff",
      "keep",       "expire",    "seal",       "open",       "edit",     "reply",     "mute",        "run",      "ps",
      "top",        "logs",      "wait",       "kill",       "mem",      "app",       "deploy",      "debug",    "trace",
      "repl",       "cred",      "group",      "name",       "stake",    "unstake",   "delegate",    "vote",     "gov",
      "chan",       "bridge",    "provide",    "job",        "screen",   "events",    "audit",       "apply",    "use",
      "node",       "doctor",    "config",     "completion", "web",      "sh",        "bugreport",   "meter",    "chown",
      "id recover", "id export", "key passwd", "net save",   "net load", "net delay", "net recover", "net clock"};
  for (auto v : kVerbs)
    if (v == verb) return true;
  return false;
}

}  // namespace

int run_program(int argc, char** argv) {
  std::vector<std::string> tokens(argv + 1, argv + argc);
  const auto line = split(tokens);
  Output out(line.json ? Form::json : line.plain ? Form::plain : Form::human);
  const auto* command = find_command(line.verb);
  if (line.verb.empty()) {
    if (std::ranges::find(line.rest, "--version") != line.rest.end()) {
      command = find_command("version");
    } else if (const auto wrong = std::ranges::find_if(line.rest, [](const auto& t) { return !of_first_help(t); });
               wrong != line.rest.end()) {
      return out.finish(fail(Errc::usage, "'" + safe(*wrong) + "' without a command"));
    } else {
      first_help(out);
      return out.finish({});
    }
    const client::Places none{};  // it asks nothing of this machine
    Run run(out, none);
    return out.finish(command->run(run));
  }
  if (command == nullptr) {
    if (line.verb == "net" || line.verb == "id" || line.verb == "key") {
      if (line.help) {
        group_help(out, line.verb);
        return out.finish({});
      }
      return out.finish(fail(Errc::usage, "dos " + line.verb + " needs a verb. See: dos help " + line.verb));
    }
    if (planned(line.verb)) return out.finish(fail(Errc::not_in_release, "dos " + line.verb));
    return out.finish(unknown(line.verb));
  }
  auto places = client::find_places();
  if (!places) return out.finish(std::unexpected(places.error()));
  Run run(out, *places);
  run.command = command;
  if (auto parsed = parse(*command, line.rest, run); !parsed) return out.finish(parsed);
  if (run.has("help")) {
    command_help(out, *command);
    return out.finish({});
  }
  const auto done = command->run(run);
  const auto told = run.tell_session();
  return out.finish(done ? told : done);
}

}  // namespace dos::cli
