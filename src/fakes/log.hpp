// A log that only keeps warnings and errors, for tests.
#pragma once
#include <string>
#include <vector>

#include "base/edge.hpp"

namespace dos::fakes {

struct NullLog final : Log {
  void write(LogLevel level, std::string_view, std::string_view message) override {
    if (level >= LogLevel::warn) lines.emplace_back(message);
  }
  std::vector<std::string> lines;
};

}  // namespace dos::fakes
