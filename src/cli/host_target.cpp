#include "cli/host_target.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace dos::cli {
namespace {

constexpr int kMaxNames = 100;      // left by such as had this pid before
constexpr mode_t kPrivate = 0600;  // of a new file: what was sealed stays its reader's

std::string folder_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::unexpected<Error> HostTarget::error(const char* what) const {
  const int why = errno;
  const auto code = why == ENOSPC || why == EDQUOT ? Errc::disk_full : why == ENOENT || why == ENOTDIR ? Errc::no_host_file : Errc::host_io;
  return fail(code, std::string(what) + " " + path_ + ": " + std::strerror(why));
}

Result<HostTarget> HostTarget::open(const std::string& path, Output& out) {
  HostTarget target(path, out);
  if (path == "-") {
    if (out.json()) return fail(Errc::usage, "- and --json both want standard output");
    return target;
  }
  if (path.empty()) return fail(Errc::usage, "the name of the file to write is empty");
  struct stat st{};
  const bool there = ::stat(path.c_str(), &st) == 0;
  if (there && S_ISDIR(st.st_mode)) return fail(Errc::wrong_type, path + " is a folder");
  if (there && !S_ISREG(st.st_mode)) {
    target.in_place_ = true;
    target.fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (target.fd_ < 0) return target.error("cannot open");
    return target;
  }
  target.fd_ = ::open(folder_of(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kPrivate);
  target.nameless_ = target.fd_ >= 0;
  const auto create = [&] {
    target.fd_ = ::open(target.fresh_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kPrivate);
    return target.fd_ >= 0;
  };
  if (!target.nameless_) target.take_name(create);
  if (target.fd_ < 0) {
    target.fresh_.clear();
    return target.error("cannot write");
  }
  if (there && ::fchmod(target.fd_, st.st_mode & 07777) != 0) return target.error("cannot keep the mode of");
  return target;
}

bool HostTarget::take_name(const std::function<bool()>& create) {
  for (int i = 0; i < kMaxNames; ++i) {
    fresh_ = path_ + ".part-" + std::to_string(::getpid()) + (i == 0 ? std::string() : "-" + std::to_string(i));
    if (create()) return true;
    if (errno != EEXIST) return false;
  }
  return false;
}

HostTarget::HostTarget(HostTarget&& other) noexcept
    : path_(std::move(other.path_)),
      fresh_(std::exchange(other.fresh_, {})),
      out_(other.out_),
      fd_(std::exchange(other.fd_, -1)),
      in_place_(other.in_place_),
      nameless_(other.nameless_) {}

HostTarget::~HostTarget() {
  if (fd_ >= 0) ::close(fd_);
  if (!fresh_.empty() && !nameless_) ::unlink(fresh_.c_str());
}

Status HostTarget::write(BytesView bytes) {
  if (is_stdout()) return out_->bytes(bytes);
  while (!bytes.empty()) {
    const auto n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return error("cannot write");
    bytes = bytes.subspan(std::size_t(n));
  }
  return {};
}

Status HostTarget::keep() {
  if (is_stdout()) return {};
  if (nameless_) {
    const auto own = "/proc/self/fd/" + std::to_string(fd_);
    if (!take_name([&] { return ::linkat(AT_FDCWD, own.c_str(), AT_FDCWD, fresh_.c_str(), AT_SYMLINK_FOLLOW) == 0; }))
      return error("cannot write");
    nameless_ = false;
  }
  if (::close(std::exchange(fd_, -1)) != 0) return error("cannot write");
  if (in_place_) return {};
  if (::rename(fresh_.c_str(), path_.c_str()) != 0) return error("cannot write");
  fresh_.clear();
  return {};
}

}  // namespace dos::cli
