#include "node/os/admin_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace dos::node {
namespace {

class Socket final : public AdminSocket {
 public:
  Socket(int fd, std::string path, Handler handler) : fd_(fd), path_(std::move(path)), handler_(std::move(handler)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~Socket() override {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
    ::unlink(path_.c_str());
  }

 private:
  void serve() {
    for (;;) {
      const int c = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (c < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
      if (c < 0) return;
      const timeval limit{2, 0};
      ::setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      ::setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
      std::string line;
      char ch = 0;
      while (line.size() < 256 && ::recv(c, &ch, 1, 0) == 1 && ch != '\n') line += ch;
      const auto answer = handler_(line) + "\n";
      for (std::size_t at = 0; at < answer.size();) {
        const auto n = ::send(c, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
        if (n <= 0) break;  // the asker left
        at += std::size_t(n);
      }
      ::close(c);
    }
  }

  int fd_;
  std::string path_;
  Handler handler_;
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

}  // namespace dos::node
