#include "client/keys/agent_socket.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace dos::client {
namespace {

using Time = std::chrono::steady_clock;

enum class Got { all, nothing, less };
Got read_all(int fd, std::span<std::uint8_t> out, Time::time_point end) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (done > 0 && Time::now() >= end) return Got::less;
    const auto n = ::recv(fd, out.data() + done, out.size() - done, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return done == 0 && n == 0 ? Got::nothing : Got::less;
    done += std::size_t(n);
  }
  return Got::all;
}

bool write_all(int fd, BytesView data) {
  while (!data.empty()) {
    const auto n = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data = data.subspan(std::size_t(n));
  }
  return true;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) ::close(fd_);
  fd_ = std::exchange(other.fd_, -1);
  seconds_ = other.seconds_;
  return *this;
}
Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

void Socket::limit_waits(int seconds) {
  seconds_ = seconds;
  const timeval t{seconds, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

Result<crypto::Secret> Socket::receive() const {
  ByteArray<4> head{};
  const auto end = seconds_ > 0 ? Time::now() + std::chrono::seconds(seconds_) : Time::time_point::max();
  const auto got = read_all(fd_, head, end);
  if (got == Got::nothing) return crypto::Secret();
  const std::uint32_t size = head[0] | head[1] << 8 | head[2] << 16 | std::uint32_t(head[3]) << 24;
  if (got == Got::less || size == 0 || size > kMaxAgentFrame) return fail(Errc::unreachable, "the agent's conversation broke off");
  crypto::Secret frame(size);
  if (read_all(fd_, frame.span(), end) != Got::all) return fail(Errc::unreachable, "the agent's conversation broke off");
  return frame;
}

Status Socket::send(BytesView frame) const {
  if (frame.empty() || frame.size() > kMaxAgentFrame) return fail(Errc::limit, "too much for the key agent");
  const auto size = frame.size();
  const ByteArray<4> head{std::uint8_t(size), std::uint8_t(size >> 8), 0, 0};
  if (!write_all(fd_, head) || !write_all(fd_, frame)) return fail(Errc::unreachable, "the key agent does not take a request");
  return {};
}

bool Socket::same_user() const {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer && peer.uid == ::geteuid();
}

Result<sockaddr_un> agent_address(const Places& places) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = places.agent_socket().string();
  if (path.size() >= sizeof address.sun_path) return fail(Errc::host_io, "too long for a socket: " + path + " (set XDG_RUNTIME_DIR)");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Socket connect_agent(const Places& places) {
  const auto address = agent_address(places);
  if (!address || !check_run_folder(places)) return Socket();
  Socket s(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!s.open()) return s;
  s.limit_waits(5);
  if (::connect(s.fd(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 || !s.same_user()) return Socket();
  return s;
}

}  // namespace dos::client
