// What the node leaves free on its disk: room for the blocks, checkpoints and checks of what it has already taken in. A full
// disk would stop the node; so uploads and transactions are refused before that, and reads go on.
#pragma once
#include <algorithm>
#include <functional>

#include "os/disk_space.hpp"

namespace dos::node {

constexpr std::uint64_t kDiskReserveBytes = 256ull << 20;
constexpr std::uint64_t kDiskReserveShare = 20;  // but at most one part in so many of the file system

class DiskReserve {
 public:
  using Ask = std::function<Result<os::DiskSpace>(const std::string& folder)>;
  DiskReserve(std::string folder, Ask ask) : folder_(std::move(folder)), ask_(std::move(ask)) {}

  // disk_full if `bytes` more would eat into the reserve.
  Status room_for(std::uint64_t bytes) const {
    DOS_ASSIGN(const auto space, ask_(folder_));
    const auto reserve = std::min(kDiskReserveBytes, space.total / kDiskReserveShare);
    if (bytes <= space.free - std::min(space.free, reserve)) return {};
    return fail(Errc::disk_full, "the node's disk has " + std::to_string(space.free >> 20) + " MiB free and keeps " +
                                     std::to_string(reserve >> 20) + " MiB for itself: nothing new is taken in until space is freed");
  }

 private:
  std::string folder_;
  Ask ask_;
};

}  // namespace dos::node
