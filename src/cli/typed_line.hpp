// What was typed, read by the command table: the verb, then flags and arguments of its row, each as the shell gave it.
#pragma once
#include "cli/command.hpp"

namespace dos::cli {

struct TypedVerb {
  bool given = false;
  std::string verb;               // "net up"
  std::vector<std::string> rest;  // everything but the words of the verb
  bool json = false, plain = false, help = false;  // as far as this can be told without the command's row
};
// The words of the verb are the first that are no flags; a noun (net, id, key) takes a second one.
TypedVerb read_verb(const std::vector<std::string>& words);

struct TypedLine {
  std::vector<std::string> args;
  std::map<std::string, std::string> flags;  // by long name without dashes; a switch has "1"; of several the last
  Status good;  // usage: a word that was not understood. What was is there.
};
TypedLine read_line(const Command& command, const std::vector<std::string>& rest);
// usage: an argument is missing, one too many or empty, or the value of a flag has not the form that the table says.
Status check_line(const Command& command, const TypedLine& line);

}  // namespace dos::cli
