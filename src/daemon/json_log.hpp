// Log as JSON lines in FOLDER/log, 10 MiB x 5 (docs/operate.md, "Files"). Thread safe; a failed write of the log never stops
// the node.
#pragma once
#include <atomic>

#include "base/edge.hpp"

namespace dos::daemon {

struct LevelLog : Log {
  std::atomic<LogLevel> level{LogLevel::info};
};
Result<std::unique_ptr<LevelLog>> open_json_log(const std::string& folder, std::string node_name);

}  // namespace dos::daemon
