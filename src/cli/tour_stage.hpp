// What the tour works on: real files of this machine, gathered as links so that nothing is copied.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace dos::cli {

inline constexpr std::size_t kTourLeastFiles = 1000, kTourMostFiles = 1400;
inline constexpr std::uint64_t kTourImageBytes = 100ull << 20;

struct TourStage {
  std::filesystem::path folder;  // a private folder below the temporary directory; removed with the object
  std::size_t files = 0;
  TourStage() = default;
  TourStage(const TourStage&) = delete;
  ~TourStage();
};

// FOLDER/tree: the machine's C headers, certificates and documentation, names kept. not enough files: host_io.
Status gather_tree(TourStage& stage);
// FOLDER/image.tar: an archive of the repository and its cached sources, cut at kTourImageBytes.
Status make_image(const TourStage& stage);

struct Ran {
  int code = -1;
  std::string out, err;
  double seconds = 0;
};
// Runs a program to its end; `argv[0]` is its path or name. At most 16 MiB of each stream are kept.
Result<Ran> run_to_end(const std::vector<std::string>& argv);

}  // namespace dos::cli
