#include "os/posix_disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "os/spare_descriptors.hpp"

namespace dos::os {
namespace {

std::unexpected<Error> io_error(int error, const std::string& path, const char* what) {
  // Not the disk's fault, and over when others close theirs: nobody should look for a broken disk.
  if (out_of_descriptors(error)) return fail(Errc::not_ready, std::string(what) + " " + path + ": the node has no file descriptors left");
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(full ? Errc::disk_full : Errc::disk, std::string(what) + " " + path + ": " + std::strerror(error));
}

// openat(2) that is not refused for want of a descriptor as long as there are spare ones.
int open_at(int folder, const char* path, int flags, mode_t mode = 0) {
  return SpareDescriptors::of_process().with_spare([&] { return ::openat(folder, path, flags, mode); });
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

class PosixFile final : public DiskFile {
 public:
  PosixFile(Descriptor fd, std::string path, Cached cached) : fd_(std::move(fd)), path_(std::move(path)), cached_(cached) {}
  ~PosixFile() override {
    { const Descriptor closed = std::move(fd_); }
    if (SpareDescriptors::of_process().held() < kSpareDescriptors) SpareDescriptors::of_process().refill();
  }

  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      const auto n = ::pread(fd_.get(), out.data(), out.size(), off_t(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return io_error(errno, path_, "cannot read");
      if (n == 0) return fail(Errc::disk, path_ + " ends before offset " + std::to_string(offset + out.size()));
      out = out.subspan(std::size_t(n));
      offset += std::uint64_t(n);
    }
    return {};
  }
  Status write_at(std::uint64_t offset, BytesView data) override {
    while (!data.empty()) {
      const auto n = ::pwrite(fd_.get(), data.data(), data.size(), off_t(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return io_error(n < 0 ? errno : ENOSPC, path_, "cannot write");
      data = data.subspan(std::size_t(n));
      offset += std::uint64_t(n);
    }
    return {};
  }
  Status sync() override {
    if (::fdatasync(fd_.get()) != 0) return io_error(errno, path_, "cannot sync");
    if (cached_ == Cached::no) ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);  // advice: it cannot go wrong
    return {};
  }
  Status truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), off_t(size)) != 0) return io_error(errno, path_, "cannot cut");
    return {};
  }
  Result<std::uint64_t> size() override {
    struct stat s{};
    if (::fstat(fd_.get(), &s) != 0) return io_error(errno, path_, "cannot look at");
    return std::uint64_t(s.st_size);
  }

 private:
  Descriptor fd_;
  std::string path_;
  Cached cached_;
};

class PosixDisk final : public Disk {
 public:
  PosixDisk(Descriptor root, std::string name, Cached cached) : root_(std::move(root)), name_(std::move(name)), cached_(cached) {}

  Result<std::unique_ptr<DiskFile>> open(std::string_view path, Mode mode) override {
    DOS_ASSIGN(const auto p, inside(path));
    // Without O_NONBLOCK a FIFO in the place of a file would be waited for without end; a regular file knows no difference.
    const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
                      (mode == Mode::read    ? O_RDONLY
                       : mode == Mode::write ? O_RDWR
                                             : O_RDWR | O_CREAT);
    Descriptor fd(open_at(root_.get(), p.c_str(), flags, 0600));
    if (fd.get() < 0) return io_error(errno, full(p), "cannot open");
    return std::make_unique<PosixFile>(std::move(fd), full(p), cached_);
  }
  Result<bool> exists(std::string_view path) override {
    DOS_ASSIGN(const auto p, inside(path));
    struct stat s{};
    if (::fstatat(root_.get(), p.c_str(), &s, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return io_error(errno, full(p), "cannot look at");
  }
  Result<std::vector<std::string>> list(std::string_view folder) override {
    DOS_ASSIGN(const auto p, inside(folder));
    Descriptor fd(open_at(root_.get(), p.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (fd.get() < 0 && errno == ENOENT) return std::vector<std::string>{};
    if (fd.get() < 0) return io_error(errno, full(p), "cannot list");
    DIR* dir = ::fdopendir(fd.get());
    if (dir == nullptr) return io_error(errno, full(p), "cannot list");
    fd.release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* e = ::readdir(dir)) {
      const std::string_view name = e->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int error = errno;
    ::closedir(dir);
    if (error != 0) return io_error(error, full(p), "cannot list");
    std::sort(names.begin(), names.end());
    return names;
  }
  Status make_folder(std::string_view path) override {
    DOS_ASSIGN(const auto p, inside(path));
    for (std::size_t at = 0; at != std::string::npos;) {
      at = p.find('/', at + 1);
      const auto part = p.substr(0, at);
      if (::mkdirat(root_.get(), part.c_str(), 0700) != 0 && errno != EEXIST) return io_error(errno, full(part), "cannot make");
    }
    return {};
  }
  Status rename(std::string_view from, std::string_view to) override {
    DOS_ASSIGN(const auto a, inside(from));
    DOS_ASSIGN(const auto b, inside(to));
    if (::renameat(root_.get(), a.c_str(), root_.get(), b.c_str()) != 0) return io_error(errno, full(a), "cannot rename");
    return {};
  }
  Status remove(std::string_view path) override {
    DOS_ASSIGN(const auto p, inside(path));
    if (::unlinkat(root_.get(), p.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno == EISDIR && (::unlinkat(root_.get(), p.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT)) return {};
    return io_error(errno, full(p), "cannot remove");
  }
  Status sync_folder(std::string_view path) override {
    DOS_ASSIGN(const auto p, inside(path));
    Descriptor fd(open_at(root_.get(), p.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) return io_error(errno, full(p), "cannot sync");
    return {};
  }

 private:
  static Result<std::string> inside(std::string_view path) {
    if (path.empty() || path == ".") return std::string(".");
    if (path.front() == '/' || path == ".." || path.starts_with("../") || path.find("/..") != std::string_view::npos)
      return fail(Errc::disk, "the path '" + std::string(path) + "' leaves the data folder");
    if (path.back() == '/') path.remove_suffix(1);
    return std::string(path);
  }
  std::string full(const std::string& p) const { return name_ + "/" + p; }

  Descriptor root_;
  std::string name_;
  Cached cached_;
};

}  // namespace

Status make_host_folder(const std::string& path) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const auto part = path.substr(0, at);
    if (!part.empty() && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return io_error(errno, part, "cannot make");
  }
  return {};
}

Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& root, Cached cached) {
  DOS_TRY(make_host_folder(root));
  SpareDescriptors::of_process().refill();
  Descriptor fd(open_at(AT_FDCWD, root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return io_error(errno, root, "cannot open");
  return std::make_unique<PosixDisk>(std::move(fd), root, cached);
}

Result<Bytes> read_host_file(const std::string& path, std::uint64_t max_bytes) {
  Descriptor fd(open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return fail(errno == ENOENT ? Errc::no_host_file : Errc::host_io, "cannot open " + path + ": " + std::strerror(errno));
  struct stat s{};
  if (::fstat(fd.get(), &s) != 0) return fail(Errc::host_io, "cannot look at " + path + ": " + std::strerror(errno));
  if (!S_ISREG(s.st_mode)) return fail(Errc::host_io, path + " is no regular file");
  if (std::uint64_t(s.st_size) > max_bytes) return fail(Errc::limit, path + " is larger than " + std::to_string(max_bytes) + " bytes");
  Bytes out(std::size_t(s.st_size));
  PosixFile file(std::move(fd), path, Cached::yes);
  if (auto read = file.read_at(0, out); !read) return fail(Errc::host_io, read.error().detail);
  return out;
}

}  // namespace dos::os
