#include "os/own_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/posix_disk.hpp"

namespace dos::os {

Status make_own_folder(const std::string& path) {
  DOS_TRY(make_host_folder(path));
  auto bare = path;  // with a slash at its end a link would be followed
  while (bare.size() > 1 && bare.ends_with('/')) bare.pop_back();
  const int fd = ::open(bare.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fail(Errc::denied, path + " is a link, or no folder that this user may open");
  struct stat s{};
  const bool looked = ::fstat(fd, &s) == 0;
  ::close(fd);
  if (!looked || s.st_uid != ::geteuid()) return fail(Errc::denied, path + " belongs to somebody else");
  if ((s.st_mode & 077) != 0) return fail(Errc::denied, path + " can be entered by others: chmod 700 " + path);
  return {};
}

}  // namespace dos::os
