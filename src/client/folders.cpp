#include "client/folders.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace dos::client {
namespace fs = std::filesystem;
namespace {

fs::path variable(const char* name) {
  const char* v = std::getenv(name);
  return v != nullptr && *v == '/' ? fs::path(v) : fs::path();  // relative values are ignored (XDG Base Directory 0.8)
}

fs::path user_home() {
  if (auto home = variable("HOME"); !home.empty()) return home;
  if (const passwd* entry = ::getpwuid(::getuid()); entry != nullptr && entry->pw_dir != nullptr) return entry->pw_dir;
  return "/";
}

fs::path or_else(const char* name, const char* below_home) {
  auto v = variable(name);
  return v.empty() ? user_home() / below_home : v;
}

std::unexpected<Error> system_error(Errc code, const char* what, const fs::path& path) {
  return fail(errno == ENOSPC || errno == EDQUOT ? Errc::disk_full : code,
              std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

}  // namespace

Folders folders() {
  Folders f;
  if (auto home = variable("DOS_HOME"); !home.empty()) {
    f = {home / "config", home / "data", home / "state", {}};
  } else {
    f.config = or_else("XDG_CONFIG_HOME", ".config") / "dos";
    f.data = or_else("XDG_DATA_HOME", ".local/share") / "dos";
    f.state = or_else("XDG_STATE_HOME", ".local/state") / "dos";
  }
  if (auto run = variable("XDG_RUNTIME_DIR"); !run.empty()) f.run = run / "dos";
  else f.run = fs::path(variable("TMPDIR").empty() ? fs::path("/tmp") : variable("TMPDIR")) / ("dos-" + std::to_string(::getuid()));
  return f;
}

Status make_private_folder(const fs::path& path) {
  fs::path at;
  for (const auto& part : path) {
    at /= part;
    if (::mkdir(at.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR) {
      if (std::error_code ignored; fs::is_directory(at, ignored)) continue;
      return system_error(Errc::host_io, "cannot make the folder", at);
    }
  }
  return {};
}

Result<Bytes> read_host_file(const fs::path& path, std::uint64_t limit_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return fail(Errc::no_host_file, path.string() + " is not there");
    return system_error(Errc::host_io, "cannot open", path);
  }
  Bytes out;
  std::uint8_t block[65536];
  for (;;) {
    const auto n = ::read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      auto e = system_error(Errc::host_io, "cannot read", path);
      ::close(fd);
      return e;
    }
    if (n == 0) break;
    if (out.size() + std::size_t(n) > limit_bytes) {
      ::close(fd);
      return fail(Errc::limit, path.string() + " is larger than " + std::to_string(limit_bytes) + " bytes");
    }
    out.insert(out.end(), block, block + n);
  }
  ::close(fd);
  return out;
}

Status write_host_file(const fs::path& path, BytesView data, unsigned mode) {
  if (path.has_parent_path())
    if (std::error_code ignored; !fs::is_directory(path.parent_path(), ignored)) DOS_TRY(make_private_folder(path.parent_path()));
  const fs::path fresh = path.string() + ".new-" + std::to_string(::getpid());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return system_error(Errc::host_io, "cannot write", path);
  std::size_t done = 0;
  bool good = true;
  while (good && done < data.size()) {
    const auto n = ::write(fd, data.data() + done, data.size() - done);
    if (n < 0 && errno == EINTR) continue;
    good = n > 0;
    if (good) done += std::size_t(n);
  }
  good = good && ::fsync(fd) == 0;
  const int why = errno;
  good = ::close(fd) == 0 && good;
  if (!good || ::rename(fresh.c_str(), path.c_str()) != 0) {
    if (!good) errno = why;
    auto e = system_error(Errc::host_io, "cannot write", path);
    ::unlink(fresh.c_str());
    return e;
  }
  return {};
}

}  // namespace dos::client
