#include "client/home/private_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <thread>

#include "client/home/places.hpp"

namespace dos::client {
namespace {

std::unexpected<Error> system_error(const char* what, const std::filesystem::path& path, int why) {
  return fail(why == ENOSPC || why == EDQUOT ? Errc::disk_full : Errc::host_io,
              std::string(what) + " " + path.string() + ": " + std::strerror(why));
}

struct Fd {
  explicit Fd(int fd) : fd(fd) {}
  Fd(Fd&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  ~Fd() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
};

bool write_all(int fd, BytesView data) {
  while (!data.empty()) {
    const auto n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    data = data.subspan(std::size_t(n));
  }
  return true;
}

constexpr std::chrono::milliseconds kFirstLook{1}, kLastLook{32};  // between two looks whether a lock is free

constexpr const char* kFresh = ".new-";  // then the writer's pid, '-', a number
constexpr int kMaxLooked = 4096;          // entries of the folder
constexpr std::time_t kLeftAfter = 60;    // seconds: a writer whom this process cannot see (another container's) is long done

// What a process that was ended in the middle of a write left beside `file`.
void remove_left_copies(const std::filesystem::path& folder, const std::filesystem::path& file) {
  const auto prefix = file.filename().string() + kFresh;
  std::error_code e;
  std::filesystem::directory_iterator it(folder, e);
  for (int looked = 0; !e && it != std::filesystem::directory_iterator() && looked < kMaxLooked; it.increment(e), ++looked) {
    const auto name = it->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    std::int64_t pid = 0;
    const auto [end, bad] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
    if (bad != std::errc() || pid <= 0 || pid > INT32_MAX || end == name.data() + name.size() || *end != '-') continue;
    if (::kill(pid_t(pid), 0) == 0 || errno != ESRCH) continue;
    struct stat info{};
    if (::lstat(it->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_mtime > std::time(nullptr) - kLeftAfter) continue;
    ::unlink(it->path().c_str());
  }
}

// The name is this call's own: two writers of one file never share a half-written copy.
std::filesystem::path fresh_name(const std::filesystem::path& file) {
  static std::atomic<unsigned> count{0};
  return file.string() + kFresh + std::to_string(::getpid()) + "-" + std::to_string(count.fetch_add(1));
}

}  // namespace

Status write_private(const std::filesystem::path& file, BytesView content) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  DOS_TRY(make_private_folder(folder));
  remove_left_copies(folder, file);
  auto fresh = fresh_name(file);
  int why = 0;
  {
    const auto create = [&] { return ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600); };
    Fd out{create()};
    for (int i = 0; i < 100 && out.fd < 0 && errno == EEXIST; ++i) {  // left by one that had this pid before
      fresh = fresh_name(file);
      out.fd = create();
    }
    if (out.fd < 0) return system_error("cannot write", file, errno);
    if (!write_all(out.fd, content) || ::fsync(out.fd) != 0) why = errno;
  }
  if (why == 0 && ::rename(fresh.c_str(), file.c_str()) != 0) why = errno;
  if (why != 0) {
    ::unlink(fresh.c_str());
    return system_error("cannot write", file, why);
  }
  Fd parent{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (parent.fd < 0 || ::fsync(parent.fd) != 0) return system_error("cannot sync", folder, errno);
  return {};
}

namespace {

Result<Fd> open_to_read(const std::filesystem::path& file, int flags) {
  Fd in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | flags)};
  if (in.fd >= 0) return in;
  if (errno == ENOENT || errno == ENOTDIR) return fail(Errc::no_host_file, file.string() + " is not there");
  if (errno == ELOOP && (flags & O_NOFOLLOW) != 0) return fail(Errc::host_io, file.string() + " is a link: put the file itself there");
  return system_error("cannot open", file, errno);
}

Result<Bytes> read_all(int fd, const std::filesystem::path& file, std::size_t max_bytes) {
  Bytes out;
  std::uint8_t block[16384];
  for (;;) {
    const auto n = ::read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot read", file, errno);
    if (n == 0) return out;
    if (out.size() + std::size_t(n) > max_bytes)
      return fail(Errc::limit, file.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
    out.insert(out.end(), block, block + n);
  }
}

}  // namespace

Result<Bytes> read_standard_input(std::size_t max_bytes) { return read_all(STDIN_FILENO, "standard input", max_bytes); }

Result<bool> remove_file(const std::filesystem::path& file) {
  if (::unlink(file.c_str()) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return system_error("cannot remove", file, errno);
}

Result<Bytes> read_regular(const std::filesystem::path& file, std::size_t max_bytes) {
  DOS_ASSIGN(const auto in, open_to_read(file, O_NONBLOCK));
  struct stat info{};
  if (::fstat(in.fd, &info) != 0) return system_error("cannot look at", file, errno);
  if (!S_ISREG(info.st_mode)) return fail(Errc::host_io, file.string() + " is no regular file");
  return read_all(in.fd, file, max_bytes);
}

// The descriptor that was judged is the one that is read: nothing can be put in its place between the two.
Result<Bytes> read_private(const std::filesystem::path& file, std::size_t max_bytes) {
  DOS_ASSIGN(const auto in, open_to_read(file, O_NOFOLLOW | O_NONBLOCK));
  struct stat info{};
  if (::fstat(in.fd, &info) != 0) return system_error("cannot look at", file, errno);
  if (!S_ISREG(info.st_mode)) return fail(Errc::host_io, file.string() + " is no regular file");
  if (info.st_uid != ::geteuid()) return fail(Errc::host_io, file.string() + " belongs to another user");
  if ((info.st_mode & 077) != 0)
    return fail(Errc::host_io, "others may read " + file.string() + ": chmod 600 it (or treat its keys as known to others)");
  return read_all(in.fd, file, max_bytes);
}

Result<std::optional<FileLock>> FileLock::try_take(const std::filesystem::path& file) {
  return take_by(file, std::chrono::steady_clock::now());
}

Result<FileLock> FileLock::take(const std::filesystem::path& file, std::chrono::milliseconds time) {
  DOS_ASSIGN(auto lock, take_by(file, std::chrono::steady_clock::now() + time));
  if (lock) return std::move(*lock);
  return fail(Errc::host_io, "cannot lock " + file.string() + ": another process has held it for " + std::to_string(time.count()) +
                                 " ms (one that is stopped?)");
}

Result<std::optional<FileLock>> FileLock::take_by(const std::filesystem::path& file, std::chrono::steady_clock::time_point end) {
  if (file.has_parent_path()) DOS_TRY(make_private_folder(file.parent_path()));
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return system_error("cannot lock", file, errno);
  FileLock lock(fd);
  for (auto pause = kFirstLook; ::flock(fd, LOCK_EX | LOCK_NB) != 0;) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error("cannot lock", file, errno);
    if (std::chrono::steady_clock::now() >= end) return std::optional<FileLock>{};
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLastLook);
  }
  return std::optional<FileLock>(std::move(lock));
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dos::client
