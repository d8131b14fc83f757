// The command line of dosd.
#pragma once
#include <span>

#include "daemon/config.hpp"

namespace dos::daemon {

struct DaemonLine {
  enum class Verb { run, check, say };
  Verb verb = Verb::say;
  std::string text;     // to print, for `say`: version or help
  DaemonConfig config;  // for run and check: the file of --config, and over it the flags
};
// usage, and what read_config_file says.
Result<DaemonLine> read_daemon_line(std::span<const std::string> words);

}  // namespace dos::daemon
