// How much room a folder's file system has.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace dos::os {

struct DiskSpace {
  std::uint64_t total = 0, free = 0;  // bytes; free to this process, without what is kept for root
};

Result<DiskSpace> disk_space(const std::string& folder);

}  // namespace dos::os
