// The parts of `dos net`, one a file.
#pragma once
#include "cli/local_net.hpp"
#include "cli/run.hpp"

namespace dos::cli {

LocalNet net_of(Run& run, std::string name);
Result<std::string> wanted_net(Run& run);  // the NAME argument, else --net and its kin; usage

std::vector<Command> net_life_commands();   // up, down, reset, rm, genesis
std::vector<Command> net_sight_commands();  // status, ls, logs, wait
std::vector<Command> net_fault_commands();  // start, kill, pause, resume, cut, heal, tamper

}  // namespace dos::cli
