#include <algorithm>
#include <new>
#include <stdexcept>

#include "cli/help.hpp"
#include "cli/run.hpp"
#include "cli/typed_line.hpp"

namespace dos::cli {
namespace {

bool of_first_help(const std::string& token) { return token == "--json" || token == "--plain" || token == "--help" || token == "-h"; }

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

Form form_of(bool json, bool plain) { return json ? Form::json : plain ? Form::plain : Form::human; }

// Without a verb: the version, or what there is.
int run_without_verb(const TypedVerb& typed, Output& out) {
  if (std::ranges::find(typed.rest, "--version") != typed.rest.end()) {
    const client::Places none{};  // it asks nothing of this machine
    Run run(out, none);
    return out.finish(find_command("version")->run(run));
  }
  if (const auto wrong = std::ranges::find_if(typed.rest, [](const auto& t) { return !of_first_help(t); }); wrong != typed.rest.end())
    return out.finish(fail(Errc::usage, "'" + safe(*wrong) + "' without a command"));
  first_help(out);
  return out.finish({});
}

int run_unknown(const TypedVerb& typed, Output& out) {
  if (typed.verb == "net" || typed.verb == "id" || typed.verb == "key") {
    if (typed.help) {
      group_help(out, typed.verb);
      return out.finish({});
    }
    return out.finish(fail(Errc::usage, "dos " + typed.verb + " needs a verb. See: dos help " + typed.verb));
  }
  if (planned(typed.verb)) return out.finish(fail(Errc::not_in_release, "dos " + typed.verb));
  return out.finish(unknown(typed.verb));
}

}  // namespace

namespace {

// Libraries throw where the machine has nothing left to give: it ends as an error, and what was handed in is told as ever.
Status run_guarded(Run& run) {
  try {
    return run.command->run(run);
  } catch (const std::bad_alloc&) {
    return fail(Errc::host_io, "there is not enough memory");
  } catch (const std::runtime_error& e) {  // of which the libraries' system errors are
    return fail(Errc::host_io, e.what());
  }
}

}  // namespace

int run_program(int argc, char** argv) {
  const auto typed = read_verb(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  Output out(form_of(typed.json, typed.plain));
  if (!typed.given) return run_without_verb(typed, out);
  const auto* command = find_command(typed.verb);
  if (command == nullptr) return run_unknown(typed, out);
  auto line = read_line(*command, typed.rest);
  out.set_form(form_of(line.flags.contains("json"), line.flags.contains("plain")));
  if (!line.good) return out.finish(line.good);
  if (auto good = check_line(*command, line); !good) return out.finish(good);
  if (line.flags.contains("help")) {
    command_help(out, *command);
    return out.finish({});
  }
  auto places = client::find_places();
  if (!places) return out.finish(std::unexpected(places.error()));
  Run run(out, *places);
  run.command = command;
  run.args = std::move(line.args);
  run.flags = std::move(line.flags);
  if (!ledger::valid_account_name(run.as()))
    return out.finish(fail(Errc::usage, "DOS_AS is the name of an account, not '" + safe(run.as()) + "'"));
  const auto done = run_guarded(run);
  const auto told = run.tell_session(done.has_value());
  return out.finish(done ? told : done);
}

}  // namespace dos::cli
