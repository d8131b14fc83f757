#include "daemon/stop_signal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace dos::daemon {
namespace {

int stop_pipe[2] = {-1, -1};

void on_signal(int) { ask_to_stop(StopReason::asked); }

}  // namespace

Status listen_for_signals() {
  if (::pipe2(stop_pipe, O_CLOEXEC) != 0) return fail(Errc::host_io, "cannot make a pipe");
  struct sigaction action{};
  action.sa_handler = on_signal;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  return {};
}

void ask_to_stop(StopReason why) {
  const int before = errno;  // of whoever was interrupted
  [[maybe_unused]] const auto written = ::write(stop_pipe[1], &why, 1);  // full: somebody asked already
  errno = before;
}

StopReason wait_for_stop() {
  auto why = StopReason::asked;
  while (::read(stop_pipe[0], &why, 1) < 0 && errno == EINTR) {}
  return why;
}

}  // namespace dos::daemon
