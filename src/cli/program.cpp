#include <CLI/CLI.hpp>

#include <set>

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
  try {
    std::ranges::reverse(tokens);
    app.parse(tokens);
  } catch (const CLI::ParseError& e) {
    return fail(Errc::usage, "dos " + std::string(command.name) + ": " + e.what() + ". See: dos help " + command.name);
  }
  for (const auto& [name, option] : options)
    if (option->count() > 0) run.flags[name] = values.contains(name) ? values[name] : "1";
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
  if (line.verb.empty()) {
    first_help(out);
    return out.finish({});
  }
  const auto* command = find_command(line.verb);
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
  run.tell_session();
  return out.finish(done);
}

}  // namespace dos::cli
