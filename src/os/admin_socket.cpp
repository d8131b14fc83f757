#include "os/admin_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace dos::os {
namespace {

constexpr std::size_t kMaxLineBytes = 256;
constexpr std::int64_t kConversationMs = 2'000;
constexpr unsigned kPauseUs = 50'000;

class Socket final : public AdminSocket {
 public:
  Socket(int fd, std::string path, Handler handler) : fd_(fd), path_(std::move(path)), handler_(std::move(handler)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~Socket() override {
    stopping_ = true;
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
    ::unlink(path_.c_str());
  }

 private:
  void serve() {
    for (;;) {
      const int c = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (c < 0 && stopping_) return;
      if (c < 0) {
        if (errno != EINTR && errno != ECONNABORTED) ::usleep(kPauseUs);  // no descriptor or memory left for it; it is over some time
        continue;
      }
      converse(c);
      ::close(c);
    }
  }

  // One at a time: who is slow has a bounded time for all of it, not for each byte.
  void converse(int c) {
    const auto end = now_ms() + kConversationMs;
    std::string line;
    for (char ch = 0; line.size() < kMaxLineBytes && wait(c, POLLIN, end) && ::recv(c, &ch, 1, MSG_DONTWAIT) == 1 && ch != '\n';)
      line += ch;
    const auto answer = handler_(line) + "\n";
    for (std::size_t at = 0; at < answer.size() && wait(c, POLLOUT, end);) {
      const auto n = ::send(c, answer.data() + at, answer.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n <= 0) break;  // the asker left
      at += std::size_t(n);
    }
  }
  static std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  static bool wait(int c, short what, std::int64_t end_ms) {
    for (;;) {
      const auto left = end_ms - now_ms();
      pollfd p{c, what, 0};
      const int ready = left > 0 ? ::poll(&p, 1, int(left)) : 0;
      if (ready < 0 && errno == EINTR) continue;
      return ready == 1;
    }
  }

  int fd_;
  std::string path_;
  Handler handler_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<AdminSocket>> AdminSocket::start(const std::string& path, Handler handler) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.size() >= sizeof at.sun_path) return fail(Errc::usage, "the admin socket's path is longer than 107 bytes: " + path);
  std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(Errc::host_io, std::string("cannot make a unix socket: ") + std::strerror(errno));
  ::unlink(path.c_str());  // left by a killed node; the data folder's lock shows that none runs
  // Its folder is the owner's alone. No umask: it is the whole process's, and other threads make files and folders.
  const bool bound =
      ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 && ::chmod(path.c_str(), 0600) == 0 && ::listen(fd, 16) == 0;
  const int error = errno;
  if (!bound) {
    ::close(fd);
    return fail(Errc::host_io, "cannot listen on " + path + ": " + std::strerror(error));
  }
  return std::make_unique<Socket>(fd, path, std::move(handler));
}

}  // namespace dos::os
