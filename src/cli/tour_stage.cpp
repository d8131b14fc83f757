#include "cli/tour_stage.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>

namespace dos::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytesAFile = 256 * 1024;
constexpr std::size_t kMostKept = 16u << 20;

struct Source {
  const char* from;
  const char* to;
  std::size_t most;
};
constexpr Source kSources[] = {{"/usr/include/linux", "headers/linux", 500},
                               {"/usr/include/x86_64-linux-gnu", "headers/machine", 300},
                               {"/usr/include/aarch64-linux-gnu", "headers/machine", 300},
                               {"/usr/include/c++", "headers/c++", 250},
                               {"/usr/share/ca-certificates", "certificates", 150},
                               {"/usr/share/doc", "documentation", 400}};

void link_tree(const Source& source, const fs::path& tree, std::size_t& files) {
  std::error_code ec;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator it(source.from, fs::directory_options::skip_permission_denied, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code one;
    if (it->is_regular_file(one) && !one && it->file_size(one) <= kMostBytesAFile && !one) found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
  std::size_t taken = 0;
  for (const auto& f : found) {
    if (taken == source.most || files == kTourMostFiles) return;
    const auto at = tree / source.to / f.lexically_relative(source.from);
    fs::create_directories(at.parent_path(), ec);
    fs::create_symlink(f, at, ec);
    if (ec) continue;
    ++taken;
    ++files;
  }
}

void keep(std::string& into, const char* data, std::size_t n) {
  if (into.size() < kMostKept) into.append(data, std::min(n, kMostKept - into.size()));
}

}  // namespace

TourStage::~TourStage() {
  std::error_code ec;
  if (!folder.empty()) fs::remove_all(folder, ec);
}

Status gather_tree(TourStage& stage) {
  std::error_code ec;
  std::string name = (fs::temp_directory_path(ec) / "dos-tour-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return fail(Errc::host_io, "no private folder below the temporary directory");
  stage.folder = name;
  const auto tree = stage.folder / "tree";
  fs::create_directories(tree / "names", ec);
  for (const auto& source : kSources) link_tree(source, tree, stage.files);
  std::ofstream(tree / "names" / "two words, Übersicht 日本.txt") << "names keep their blanks and letters\n";
  ++stage.files;
  if (stage.files < kTourLeastFiles)
    return fail(Errc::host_io, "this machine has only " + std::to_string(stage.files) + " headers and documents; the tour wants " + std::to_string(kTourLeastFiles));
  return {};
}

Status make_image(const TourStage& stage) {
  std::error_code ec;
  const auto program = fs::read_symlink("/proc/self/exe", ec);
  std::vector<std::string> argv = {"/bin/sh", "-c", "out=$1; shift; tar -cf - -- \"$@\" 2>/dev/null | head -c " + std::to_string(kTourImageBytes) + " >\"$out\"",
                                   "sh", (stage.folder / "image.tar").string()};
  const auto repository = program.parent_path().parent_path().parent_path();  // REPOSITORY/build/bin/dos
  if (!ec && fs::exists(repository / "CMakeLists.txt", ec)) argv.push_back(repository.string());
  const char* cache = std::getenv("DOS_CACHE");
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path sources = cache ? fs::path(cache) : xdg ? fs::path(xdg) / "dos" : fs::path(home ? home : "/") / ".cache" / "dos";
  if (fs::exists(sources / "third_party", ec)) argv.push_back((sources / "third_party").string());
  for (const char* more : {"/usr/include", "/usr/lib"})  // where both together are smaller than the image
    if (fs::exists(more, ec)) argv.push_back(more);
  DOS_ASSIGN(const auto ran, run_to_end(argv));
  const auto size = fs::file_size(stage.folder / "image.tar", ec);
  if (ran.code != 0 || ec || size != kTourImageBytes) return fail(Errc::host_io, "the archive of 100 MiB could not be made: " + ran.err);
  return {};
}

Result<Ran> run_to_end(const std::vector<std::string>& argv) {
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return fail(Errc::host_io, "no pipe");
  std::vector<char*> raw;
  for (const auto& a : argv) raw.push_back(const_cast<char*>(a.c_str()));
  raw.push_back(nullptr);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) return fail(Errc::host_io, "no new process");
  if (child == 0) {
    const int none = ::open("/dev/null", O_RDONLY);
    ::dup2(none, 0);
    ::dup2(out[1], 1);
    ::dup2(err[1], 2);
    ::execvp(raw[0], raw.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  Ran ran;
  std::array<pollfd, 2> fds{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
  std::vector<char> buffer(1 << 16);
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (::poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    for (int i = 0; i < 2; ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      const auto n = ::read(fds[i].fd, buffer.data(), buffer.size());
      if (n > 0) keep(i == 0 ? ran.out : ran.err, buffer.data(), std::size_t(n));
      else if (n == 0 || errno != EINTR) fds[i].fd = -1;
    }
  }
  ::close(out[0]);
  ::close(err[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return ran;
}

}  // namespace dos::cli
