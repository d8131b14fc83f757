#include "cli/node_holder.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "client/home/private_file.hpp"

namespace dos::cli {
namespace {

using namespace std::chrono_literals;
namespace stdfs = std::filesystem;

constexpr int kHandedOver = 3;       // where dosd looks for its lock
constexpr auto kOthersLook = 400ms;  // who asks whether it is held has it for a moment

bool says_dosd_on(std::string_view line, const stdfs::path& data) {  // words that end with a zero byte each
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto end = std::min(line.find('\0'), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(line.size(), end + 1));
  }
  if (words.empty() || stdfs::path(words[0]).filename() != "dosd") return false;
  std::error_code e;
  for (std::size_t i = 1; i + 1 < words.size(); ++i)
    if (words[i] == "--data" && (stdfs::path(words[i + 1]) == data || stdfs::equivalent(words[i + 1], data, e))) return true;
  return false;
}

std::int64_t pid_in(const stdfs::path& lock) {
  std::int64_t pid = 0;
  const auto text = client::read_regular(lock, 64);
  if (text) std::from_chars(as_text(*text).data(), as_text(*text).data() + text->size(), pid);
  return pid;
}

}  // namespace

bool is_node(std::int64_t pid, const stdfs::path& data) {
  if (pid <= 0) return false;
  const auto line = client::read_regular(stdfs::path("/proc") / std::to_string(pid) / "cmdline", 1 << 20);
  return line && says_dosd_on(as_text(*line), data);
}

std::optional<NodeProcess> NodeProcess::of(std::int64_t pid, const stdfs::path& data) {
  if (pid <= 0) return {};
  // First the descriptor, then the look: what was looked at is what the descriptor means.
  NodeProcess process(pid, int(::syscall(SYS_pidfd_open, pid_t(pid), 0)));
  if (!is_node(pid, data)) return {};
  return process;
}

NodeProcess::NodeProcess(NodeProcess&& o) noexcept : pid_(o.pid_), fd_(std::exchange(o.fd_, -1)) {}
NodeProcess::~NodeProcess() {
  if (fd_ >= 0) ::close(fd_);
}

void NodeProcess::signal(int number) const {
  if (fd_ < 0) ::kill(pid_t(pid_), number);
  else ::syscall(SYS_pidfd_send_signal, fd_, number, nullptr, 0);
}

Result<bool> look_held(const stdfs::path& data) {
  const int fd = ::open((data / "lock").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // on a disk that has become read-only, too
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return false;
  if (fd < 0) return fail(Errc::host_io, "cannot tell whether a node runs on " + data.string() + ": " + std::strerror(errno));
  const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

Result<std::optional<NodeProcess>> holder_of(const stdfs::path& data, std::int64_t hint, std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  for (;;) {
    DOS_ASSIGN(const bool held, look_held(data));
    if (!held) return std::optional<NodeProcess>{};
    for (const auto pid : {pid_in(data / "lock"), hint})
      if (auto process = NodeProcess::of(pid, data)) return process;
    if (std::chrono::steady_clock::now() > until)
      return time < kSaysWhoItIs ? fail(Errc::timed_out,
                                        data.string() + " is held, and by whom is not known within " + std::to_string(time.count()) + " ms")
                                 : fail(Errc::data_locked, data.string() + " is held by a process that is no dosd of this network");
    std::this_thread::sleep_for(2ms);
  }
}

Result<std::optional<HandedLock>> HandedLock::take(const stdfs::path& data) {
  const int fd = ::open((data / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(Errc::host_io, "cannot open the lock in " + data.string() + ": " + std::strerror(errno));
  HandedLock lock(fd);
  const auto until = std::chrono::steady_clock::now() + kOthersLook;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail(Errc::host_io, "cannot lock " + data.string() + ": " + std::strerror(errno));
    if (std::chrono::steady_clock::now() > until) return std::optional<HandedLock>{};
    std::this_thread::sleep_for(2ms);
  }
  return std::optional<HandedLock>(std::move(lock));
}

HandedLock::HandedLock(HandedLock&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
HandedLock::~HandedLock() {
  if (fd_ >= 0) ::close(fd_);
}

void HandedLock::hand_over() const {
  if (::syscall(SYS_close_range, 3u, ~0u, unsigned(CLOSE_RANGE_CLOEXEC)) != 0)
    for (int fd = 3; fd < 1024; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  if (fd_ == kHandedOver) ::fcntl(fd_, F_SETFD, 0);
  else ::dup2(fd_, kHandedOver);
}

}  // namespace dos::cli
