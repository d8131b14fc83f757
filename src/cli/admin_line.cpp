#include "cli/admin_line.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/shown_text.hpp"
#include "client/trust/json_text.hpp"

namespace dos::cli {
namespace {

constexpr std::size_t kMaxAnswer = 1 << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Result<Json> admin_line(const client::NodeRecord& node, const std::string& line, std::chrono::milliseconds time) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (node.admin.empty() || node.admin.size() >= sizeof at.sun_path)
    return fail(Errc::unreachable, node.name + " has no admin socket that is known here; dos net up starts it again");
  std::memcpy(at.sun_path, node.admin.c_str(), node.admin.size() + 1);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return fail(Errc::host_io, std::string("cannot make a unix socket: ") + std::strerror(errno));
  const auto us = std::max<std::int64_t>(1000, std::chrono::microseconds(time).count());  // nothing would be no limit
  const timeval limit{time_t(us / 1'000'000), suseconds_t(us % 1'000'000)};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    return fail(Errc::unreachable, node.name + " does not answer on its admin socket: " + std::strerror(errno));
  ucred peer{};  // a socket that another user put there gets no command
  socklen_t size = sizeof peer;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != ::geteuid())
    return fail(Errc::denied, "the admin socket of " + node.name + " belongs to another user");
  const auto words = line + "\n";
  if (::send(socket.get(), words.data(), words.size(), MSG_NOSIGNAL) != ssize_t(words.size()))
    return fail(Errc::unreachable, node.name + " does not read from its admin socket");
  std::string text;
  char block[4096];
  for (;;) {
    const auto n = ::recv(socket.get(), block, sizeof block, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::timed_out, node.name + " did not answer '" + line + "' on its admin socket");
    if (n == 0) break;
    text.append(block, std::size_t(n));
    if (text.size() > kMaxAnswer) return fail(Errc::limit, node.name + " answers too much on its admin socket");
  }
  const auto said = client::parse_json(text, kMaxAnswer, "the answer");
  if (!said || !said->is_object()) return fail(Errc::unreachable, node.name + " closed its admin socket without an answer");
  const auto ok = said->find("ok");
  if (ok == said->end() || *ok != true) {
    const auto why = said->find("error");
    return fail(Errc::usage,
                node.name + " refuses '" + line + "'" +
                    (why != said->end() && why->is_string() ? ": " + quoted_text(why->get<std::string>(), kMaxShownWord) : ""));
  }
  return Json(*said);
}

}  // namespace dos::cli
