#include "os/disk_space.hpp"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>

namespace dos::os {

Result<DiskSpace> disk_space(const std::string& folder) {
  struct statvfs s{};
  while (::statvfs(folder.c_str(), &s) != 0)
    if (errno != EINTR) return fail(Errc::disk, "cannot ask for the free space of " + folder + ": " + std::strerror(errno));
  return DiskSpace{std::uint64_t(s.f_blocks) * s.f_frsize, std::uint64_t(s.f_bavail) * s.f_frsize};
}

}  // namespace dos::os
