// The tour's tools: commands run as a person would run them, real files gathered.
#pragma once
#include <filesystem>
#include <vector>

#include "cli/output.hpp"

namespace dos::cli {

inline constexpr std::size_t kMaxStepOutput = 64u << 20;

struct StepResult {
  int code = 0;
  std::string out;
  double seconds = 0;
};
// Runs this program with these words; its stderr goes to ours.
Result<StepResult> run_self(const std::vector<std::string>& words);

// Links to real files below `to`: documentation and C headers of this machine, some under names with blanks and UTF-8.
struct Gathered {
  std::uint64_t files = 0, bytes = 0;
};
Result<Gathered> gather_files(const std::filesystem::path& to);
// An archive of the repository and its cached sources, cut at `bytes`.
Status make_archive(const std::filesystem::path& to, std::uint64_t bytes);
Result<bool> same_files(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace dos::cli
