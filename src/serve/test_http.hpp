// For tests: a client that says what it likes over a raw socket, byte for byte.
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "serve/http_server.hpp"

namespace dos::serve::testhttp {

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) throw std::runtime_error("connect");
  }
  Client(const Client&) = delete;
  ~Client() { ::close(fd_); }
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(std::size_t(n));
    }
    return true;
  }
  void end_of_sending() { ::shutdown(fd_, SHUT_WR); }
  // What there is to read within the time, counted from the last byte; `over`: the server closed.
  std::string read(int ms) {
    std::string out;
    pollfd p{fd_, POLLIN, 0};
    while (!over && ::poll(&p, 1, ms) == 1) {
      char buffer[4096];
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      over = n <= 0;
      if (n > 0) out.append(buffer, std::size_t(n));
    }
    return out;
  }
  // As many whole answers as asked for (those to HEAD have no body), or what came until the server closed or said nothing for 5 s.
  std::string answers(std::size_t count, bool head = false) {
    std::string out;
    std::size_t at = 0;
    for (pollfd p{fd_, POLLIN, 0};;) {
      for (std::size_t end; count > 0 && (end = out.find("\r\n\r\n", at)) != std::string::npos;) {
        const auto field = out.find("Content-Length: ", at);
        const auto body = head || field > end ? 0 : std::stoul(out.substr(field + 16));
        if (out.size() < end + 4 + body) break;
        at = end + 4 + body;
        --count;
      }
      if (count == 0 || over || ::poll(&p, 1, 5000) != 1) return out;
      char buffer[4096];
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      over = n <= 0;
      if (n > 0) out.append(buffer, std::size_t(n));
    }
  }
  bool over = false;

 private:
  int fd_;
};

}  // namespace dos::serve::testhttp
