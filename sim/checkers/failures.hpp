// What a checker found. The first ends the run.
#pragma once
#include <string>
#include <vector>

namespace dos::sim {

class Failures {
 public:
  void add(std::string_view checker, std::string what) { found_.push_back(std::string(checker) + ": " + std::move(what)); }
  bool any() const { return !found_.empty(); }
  const std::vector<std::string>& all() const { return found_; }

 private:
  std::vector<std::string> found_;
};

}  // namespace dos::sim
