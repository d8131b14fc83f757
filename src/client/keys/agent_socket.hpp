// The agent's socket: frames of bounded size between processes of one user.
#pragma once
#include <sys/socket.h>
#include <sys/un.h>

#include "client/keys/agent.hpp"

namespace dos::client {

class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), seconds_(other.seconds_) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();
  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void limit_waits(int seconds);  // of each read and write, and twice of each frame, however it dribbles in
  // One frame; an empty one at the end of the stream. unreachable: cut short, too long, too slow.
  Result<crypto::Secret> receive() const;
  Status send(BytesView frame) const;
  bool same_user() const;  // SO_PEERCRED

 private:
  int fd_, seconds_ = 0;
};

// In one buffer that never grows, so that wiping it leaves no copy behind.
template <class T>
Bytes encode_frame(const T& value) {
  codec::Encoder e;
  e.out.reserve(kMaxAgentFrame);
  codec::write(e, value);
  return std::move(e.out);
}

Result<sockaddr_un> agent_address(const Places& places);
Socket connect_agent(const Places& places);  // closed if no agent of this user answers, or the run folder is not the user's alone

}  // namespace dos::client
