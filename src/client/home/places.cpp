#include "client/home/places.hpp"

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

// A link, or a folder that another user prepared or may enter, is refused. What this has judged stays: only its owner can put
// something else in its place, in a folder above that is his or sticky.
Status check_own_folder(const fs::path& at) {
  const int fd = ::open(at.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const int why = errno;
  if (fd < 0 && why == ENOENT) return fail(Errc::no_host_file, at.string() + " is not there");
  struct stat info{};
  const bool ours = fd >= 0 && ::fstat(fd, &info) == 0 && info.st_uid == ::geteuid() && (info.st_mode & 077) == 0;
  if (fd >= 0) ::close(fd);
  if (!ours)
    return fail(Errc::host_io, at.string() + " is not a folder of yours alone (no link, mode 0700): remove it, or set XDG_RUNTIME_DIR");
  return {};
}

// The folders of the run path that are the user's own, outermost first. A home's own lies in the user's.
std::vector<fs::path> own_run_folders(const Places& places) {
  const auto above = places.run.parent_path();
  if (above.filename().string().starts_with("dos")) return {above, places.run};
  return {places.run};
}

}  // namespace

Result<Places> find_places(const Environment& environment) {
  // XDG Base Directory 0.8: what is empty counts as not set, what is not absolute is ignored.
  auto named = [&](const char* name) {
    const char* v = environment(name);
    return v != nullptr && *v == '/' ? fs::path(v) : fs::path();
  };
  Places p;
  if (const char* own = environment("DOS_HOME"); own != nullptr && *own != 0) {
    if (*own != '/') return fail(Errc::usage, std::string("DOS_HOME is not an absolute path: ") + own);
    const fs::path base(own);
    p = {base / "config", base / "data", base / "state", {}};
  } else {
    fs::path home = named("HOME");
    if (home.empty())
      if (const passwd* entry = ::getpwuid(::geteuid()); entry != nullptr && entry->pw_dir != nullptr && *entry->pw_dir == '/')
        home = entry->pw_dir;
    auto folder = [&](const char* variable, const char* below_home) {
      auto v = named(variable);
      return v.empty() && !home.empty() ? home / below_home : v;
    };
    p = {folder("XDG_CONFIG_HOME", ".config"), folder("XDG_DATA_HOME", ".local/share"), folder("XDG_STATE_HOME", ".local/state"), {}};
    if (p.config.empty() || p.data.empty() || p.state.empty())
      return fail(Errc::usage, "no folder for your files is known: set HOME or DOS_HOME");
    for (auto* part : {&p.config, &p.data, &p.state}) *part /= "dos";
  }
  if (auto run = named("XDG_RUNTIME_DIR"); !run.empty()) {
    p.run = run / "dos";
  } else {
    auto temporary = named("TMPDIR");
    p.run = (temporary.empty() ? fs::path("/tmp") : temporary) / ("dos-" + std::to_string(::geteuid()));
  }
  if (!environment("DOS_HOME") || *environment("DOS_HOME") == 0) return p;
  // Two homes of one user have sockets of their own; the name stays short whatever DOS_HOME is.
  std::uint64_t h = 0xcbf29ce484222325;  // FNV-1a: tells folders apart, protects nothing
  for (const unsigned char c : std::string_view(environment("DOS_HOME"))) h = (h ^ c) * 0x100000001b3;
  Bytes id;
  append_be(id, std::uint32_t(h ^ (h >> 32)));
  p.run /= "h" + hex(id);
  return p;
}

Result<Places> find_places() {
  return find_places([](const char* name) { return static_cast<const char*>(std::getenv(name)); });
}

Status make_private_folder(const fs::path& folder) {
  fs::path at;
  for (const auto& part : folder) {
    at /= part;
    struct stat info{};
    if (::stat(at.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) continue;
    if (::mkdir(at.c_str(), 0700) == 0) continue;
    const int why = errno;
    if (why == EEXIST && ::stat(at.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) continue;  // another process was first
    return fail(why == ENOSPC || why == EDQUOT ? Errc::disk_full : Errc::host_io,
                "cannot make the folder " + at.string() + ": " + std::strerror(why));
  }
  return {};
}

Status make_run_folder(const Places& places) {
  // Each is judged before anything is made in it.
  for (const auto& folder : own_run_folders(places)) {
    DOS_TRY(make_private_folder(folder));
    DOS_TRY(check_own_folder(folder));
  }
  return {};
}

Status check_run_folder(const Places& places) {
  for (const auto& folder : own_run_folders(places)) DOS_TRY(check_own_folder(folder));
  return {};
}

}  // namespace dos::client
