#include "cli/tour_steps.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>

extern char** environ;

namespace dos::cli {
namespace stdfs = std::filesystem;
namespace {

struct Child {
  pid_t pid = -1;
  int out = -1;
};

Result<Child> start(const std::string& program, std::vector<std::string> words, bool quiet) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return fail(Errc::host_io, std::string("no pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  // tar complains about the pipe that is closed once the archive is cut, and about files it may not read.
  if (quiet) ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  Child c;
  const int bad = ::posix_spawnp(&c.pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (bad != 0) {
    ::close(pipe[0]);
    return fail(Errc::host_io, "cannot run " + program + ": " + std::strerror(bad));
  }
  c.out = pipe[0];
  return c;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<StepResult> run_self(const std::vector<std::string>& words) {
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::string> argv = {"dos"};
  argv.insert(argv.end(), words.begin(), words.end());
  DOS_ASSIGN(const auto child, start("/proc/self/exe", std::move(argv), false));
  StepResult r;
  char block[65536];
  for (;;) {
    const auto n = ::read(child.out, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    if (r.out.size() + std::size_t(n) <= kMaxStepOutput) r.out.append(block, std::size_t(n));
  }
  ::close(child.out);
  r.code = wait_for(child.pid);
  r.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return r;
}

Result<Gathered> gather_files(const stdfs::path& to) {
  Gathered g;
  std::error_code e;
  const auto link = [&](const stdfs::path& file, const stdfs::path& as) {
    std::error_code quiet;
    stdfs::create_directories(as.parent_path(), quiet);
    stdfs::create_symlink(file, as, quiet);
    if (quiet) return;
    ++g.files;
    g.bytes += stdfs::file_size(file, quiet);
  };
  std::uint64_t special = 0;
  for (const auto& [tree, name] : {std::pair<stdfs::path, const char*>{"/usr/share/doc", "documentation"}, {"/usr/include", "headers"}}) {
    std::uint64_t here = 0;
    for (stdfs::recursive_directory_iterator it(tree, stdfs::directory_options::skip_permission_denied, e), end;
         !e && it != end && here < 800; it.increment(e)) {
      std::error_code quiet;
      if (it.depth() > 12 || !it->is_regular_file(quiet) || it->is_symlink(quiet)) continue;
      const auto size = it->file_size(quiet);
      if (quiet || size > (1u << 20) || ::access(it->path().c_str(), R_OK) != 0) continue;
      link(it->path(), to / name / it->path().lexically_relative(tree));
      ++here;
      // The same real files once more under names as people write them.
      if (special < 6 && size > 0)
        link(it->path(), to / "names as people write them" /
                             ((special % 2 == 0 ? "a copy of " : "Übersicht – 日本語 ") + it->path().filename().string()));
      special += special < 6;
    }
    e.clear();
  }
  if (g.files == 0) return fail(Errc::no_host_file, "this machine has neither /usr/share/doc nor /usr/include to show");
  return g;
}

Status make_archive(const stdfs::path& to, std::uint64_t bytes) {
  std::error_code e;
  const auto self = stdfs::read_symlink("/proc/self/exe", e);
  const auto repository = self.parent_path().parent_path().parent_path();
  const char* cache = std::getenv("DOS_CACHE");
  const char* home = std::getenv("HOME");
  const auto cached =
      cache != nullptr && *cache != 0 ? stdfs::path(cache) : stdfs::path(home != nullptr ? home : "/root") / ".cache" / "dos";
  std::vector<std::string> words = {"tar", "-cf", "-", "--ignore-failed-read", "--warning=none"};
  if (stdfs::exists(repository / "CMakeLists.txt", e)) words.insert(words.end(), {"--exclude=./build", "-C", repository.string(), "."});
  if (stdfs::exists(cached, e)) words.insert(words.end(), {"-C", cached.parent_path().string(), cached.filename().string()});
  words.insert(words.end(), {"-C", "/usr", "include", "share/doc", "bin", "lib"});  // when repository and cache are smaller than the cut
  DOS_ASSIGN(const auto child, start("tar", std::move(words), true));
  const int fd = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  std::vector<char> block(1 << 18);
  std::uint64_t done = 0;
  bool good = fd >= 0;
  while (good && done < bytes) {
    const auto n = ::read(child.out, block.data(), std::min<std::uint64_t>(block.size(), bytes - done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    good = ::write(fd, block.data(), std::size_t(n)) == n;
    done += std::uint64_t(n);
  }
  ::close(child.out);  // tar ends on the closed pipe
  (void)wait_for(child.pid);
  if (fd >= 0) good = ::close(fd) == 0 && good;
  if (!good) return fail(errno == ENOSPC ? Errc::disk_full : Errc::host_io, "cannot write " + to.string());
  if (done < bytes) return fail(Errc::host_io, "the archive has only " + std::to_string(done) + " bytes");
  return {};
}

Result<bool> same_files(const stdfs::path& a, const stdfs::path& b) {
  std::ifstream one(a, std::ios::binary), two(b, std::ios::binary);
  if (!one || !two) return fail(Errc::host_io, "cannot read " + (one ? b : a).string());
  std::vector<char> left(1 << 20), right(1 << 20);
  for (;;) {
    one.read(left.data(), std::streamsize(left.size()));
    two.read(right.data(), std::streamsize(right.size()));
    if (one.gcount() != two.gcount() || !std::equal(left.begin(), left.begin() + one.gcount(), right.begin())) return false;
    if (one.gcount() == 0) return true;
  }
}

}  // namespace dos::cli
