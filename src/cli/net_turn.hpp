// The right to start, stop or remove nodes of a network of this machine: one `dos net` command at a time has it.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace dos::cli {

class NetTurn {
 public:
  // Waits for whoever has it, and says so; timed_out after `time`.
  static Result<NetTurn> take(const std::filesystem::path& file, const std::string& net, std::chrono::milliseconds time,
                              const std::function<void(const std::string&)>& talk);
  NetTurn(NetTurn&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  NetTurn& operator=(NetTurn&&) = delete;
  ~NetTurn();

 private:
  explicit NetTurn(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace dos::cli
