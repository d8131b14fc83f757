// Help from the command table: for people, as JSON, as docs/cli.md.
#pragma once
#include "cli/command.hpp"
#include "cli/output.hpp"

namespace dos::cli {

void first_help(Output& out);
void group_help(Output& out, std::string_view noun);  // "net": all "net ..." rows
void command_help(Output& out, const Command& command);
Json command_json(const Command& command);
Json all_commands_json();
std::string usage_line(const Command& command);
std::string manual();  // docs/cli.md

}  // namespace dos::cli
