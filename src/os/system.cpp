#include "os/system.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/check.hpp"

namespace dos::os {

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

namespace {

bool is_file(int fd, const std::string& path) {
  struct stat here{}, there{};
  return fd >= 0 && ::fstat(fd, &here) == 0 && ::stat(path.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
         here.st_ino == there.st_ino;
}

// For those who want to end the holder. What cannot be written (a full disk) leaves them to what they know otherwise.
void write_pid(int fd) {
  const auto text = std::to_string(::getpid()) + "\n";
  if (::pwrite(fd, text.data(), text.size(), 0) == ssize_t(text.size())) (void)!::ftruncate(fd, off_t(text.size()));
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder, int handed_over) {
  const auto path = folder + "/lock";
  const bool ours = is_file(handed_over, path);
  const int fd = ours ? handed_over : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Errc::disk, "cannot open " + path + ": " + std::strerror(errno));
  if (ours) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
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
  write_pid(fd);
  return FolderLock(fd);
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dos::os
