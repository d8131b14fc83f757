// For tests: a folder that goes with its owner, and a log that keeps the last error.
#pragma once
#include <stdlib.h>

#include <filesystem>

#include "base/edge.hpp"

namespace dos::os::testnet {

struct QuietLog final : Log {
  void write(LogLevel level, std::string_view, std::string_view message) override {
    if (level == LogLevel::error) last_error = std::string(message);
  }
  std::string last_error;
};

struct Folder {
  Folder() {
    char name[] = "/tmp/dos-node-test-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace dos::os::testnet
