#include "node/os/system.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/check.hpp"

namespace dos::node {

std::uint64_t SystemClock::wall_ms() {
  return std::uint64_t(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}
std::uint64_t SystemClock::monotonic_ns() {
  return std::uint64_t(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

void SystemEntropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const auto n = ::getrandom(out.data(), out.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    DOS_CHECK(n > 0);
    out = out.subspan(std::size_t(n));
  }
}

Result<FolderLock> FolderLock::take(const std::string& folder) {
  const auto path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Errc::disk, "cannot open " + path + ": " + std::strerror(errno));
  int locked = ::flock(fd, LOCK_EX | LOCK_NB);
  for (int i = 0; locked != 0 && errno == EWOULDBLOCK && i < 20; ++i) {  // somebody may just be asking whether it is held
    ::usleep(20'000);
    locked = ::flock(fd, LOCK_EX | LOCK_NB);
  }
  if (locked != 0) {
    const int error = errno;
    ::close(fd);
    if (error == EWOULDBLOCK) return fail(Errc::data_locked, "another dosd runs on " + folder);
    return fail(Errc::disk, "cannot lock " + path + ": " + std::strerror(error));
  }
  return FolderLock(fd);
}

bool FolderLock::held(const std::string& folder) {
  const int fd = ::open((folder + "/lock").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dos::node
