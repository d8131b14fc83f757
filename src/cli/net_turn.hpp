// The right to start, stop or remove nodes of a network of this machine: one `dos net` command at a time has it.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "client/home/private_file.hpp"

namespace dos::cli {

// Waits for whoever has it, and says so; timed_out after `time`.
Result<client::FileLock> take_net_turn(const std::filesystem::path& file, const std::string& net, std::chrono::milliseconds time,
                                       const std::function<void(const std::string&)>& talk);

}  // namespace dos::cli
