// The command table: name, group, summary, arguments, flags, examples, the system call it makes, aliases. Parser, help, docs/cli.md and
// tests derive from it. One row a full verb ("net up").
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/flag_form.hpp"

namespace dos::cli {

class Run;  // run.hpp: what a command works with

struct Flag {
  const char* name;   // "--recursive,-r"
  const char* value;  // "FILE"; empty: a switch
  const char* summary;
  const FlagForm* form = nullptr;  // of the value; null: any text that is not empty
};
struct Argument {
  const char* name;  // "PATH"
  bool required = true;
  bool many = false;
  bool may_be_empty = false;  // "" is a value of it; elsewhere it is a slip ("$NAME" with NAME unset), never the same as leaving it out
};
struct Command {
  const char* name;     // "net up"
  const char* group;    // "Files"
  const char* summary;  // one sentence
  std::vector<Argument> args;
  std::vector<Flag> flags;
  std::vector<const char*> examples;
  const char* call;     // "fs.create 3C", or "" when it makes none
  std::vector<const char*> aliases;
  std::function<Status(Run&)> run;
};

const std::vector<Command>& commands();      // in the order of help
const std::vector<Flag>& common_flags();     // of every command
const Command* find_command(std::string_view name);  // by name or alias
std::string nearest_command(std::string_view name);  // a name at edit distance 2 or less, else empty

// The rows, one group a file.
std::vector<Command> file_commands();
std::vector<Command> change_commands();
std::vector<Command> history_commands();
std::vector<Command> mail_commands();
std::vector<Command> identity_commands();
std::vector<Command> credit_commands();
std::vector<Command> ledger_commands();
std::vector<Command> call_commands();
std::vector<Command> proof_commands();
std::vector<Command> net_commands();
std::vector<Command> tool_commands();
std::vector<Command> tour_commands();

}  // namespace dos::cli
