#include "cli/net_turn.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "client/places.hpp"

namespace dos::cli {

using namespace std::chrono_literals;

constexpr auto kWaitsUnsaid = 1s;  // as long as a start commonly takes

Result<NetTurn> NetTurn::take(const std::filesystem::path& file, const std::string& net, std::chrono::milliseconds time,
                              const std::function<void(const std::string&)>& talk) {
  DOS_TRY(client::make_private_folder(file.parent_path()));
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(Errc::host_io, "cannot open " + file.string() + ": " + std::strerror(errno));
  NetTurn turn(fd);
  const auto begun = std::chrono::steady_clock::now();
  for (bool said = false; ::flock(fd, LOCK_EX | LOCK_NB) != 0;) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail(Errc::host_io, "cannot lock " + file.string() + ": " + std::strerror(errno));
    const auto waited = std::chrono::steady_clock::now() - begun;
    if (waited >= time)
      return fail(Errc::timed_out, "another `dos net` command works on network '" + net + "', and has not ended within " +
                                       std::to_string(time.count()) + " ms; nothing was changed");
    if (!said && waited >= kWaitsUnsaid) {
      said = true;
      talk("another `dos net` command works on network '" + net + "': this one waits until it has ended");
    }
    std::this_thread::sleep_for(5ms);
  }
  return turn;
}

NetTurn::~NetTurn() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dos::cli
