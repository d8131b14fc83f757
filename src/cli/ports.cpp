#include "cli/ports.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"

namespace dos::cli {
namespace {

// Homes of one user have run folders of their own below the user's; ports are shared by all of them.
std::filesystem::path users_folder(const client::Places& places) {
  const auto above = places.run.parent_path();
  return above.filename().string().starts_with("dos") ? above : places.run;
}

}  // namespace

bool port_is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a port in TIME_WAIT is free
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0 && ::listen(fd, 1) == 0;
  ::close(fd);
  return free;
}

bool says_port_taken(std::string_view out) {
  const auto line = "dosd: " + error_name(Errc::no_port) + ":";
  return out.starts_with(line) || out.find("\n" + line) != std::string_view::npos;
}

PortRun::PortRun(PortRun&& o) noexcept : first_(std::exchange(o.first_, 0)), held_(std::exchange(o.held_, {})) {}
PortRun& PortRun::operator=(PortRun&& o) noexcept {
  if (this != &o) {
    release();
    first_ = std::exchange(o.first_, 0);
    held_ = std::exchange(o.held_, {});
  }
  return *this;
}
PortRun::~PortRun() { release(); }
void PortRun::release() {
  for (const int fd : held_) ::close(fd);
  held_.clear();
}

Result<PortRun> PortRun::take(const client::Places& places, std::uint16_t wanted, unsigned count) {
  DOS_TRY(client::make_run_folder(places));
  const unsigned first = wanted != 0 ? wanted : kFirstPort, last = wanted != 0 ? wanted : kLastPort;
  for (unsigned p = first; p <= last; p += 10) {
    if (p + count > 65'536) break;
    PortRun run;
    run.first_ = std::uint16_t(p);
    bool ours = true;
    for (unsigned ten = p / 10; ours && ten <= (p + count - 1) / 10; ++ten) {
      const int fd =
          ::open((users_folder(places) / ("ports-" + std::to_string(ten * 10))).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (fd < 0) continue;  // without the file there is only the look at the port
      run.held_.push_back(fd);
      ours = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
    }
    for (unsigned i = 0; ours && i < count; ++i) ours = port_is_free(std::uint16_t(p + i));
    if (ours) return run;
  }
  return fail(Errc::no_port,
              wanted != 0 ? "of the " + std::to_string(count) + " ports from " + std::to_string(wanted) + " on, one is taken" : "");
}

}  // namespace dos::cli
