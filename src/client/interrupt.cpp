#include "client/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace dos::client {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

struct Terminal {
  int fd;
  termios before;
};
// Owned, and changed with the signals blocked: what a handler holds is not freed.
std::atomic<const LastWords*> words{nullptr};
std::atomic<const Terminal*> terminal{nullptr};
static_assert(std::atomic<const LastWords*>::is_always_lock_free && std::atomic<const Terminal*>::is_always_lock_free);

bool write_whole(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto n = ::write(fd, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += std::size_t(n);
  }
  return true;
}

// Only what is async-signal-safe (signal-safety(7)).
void on_signal(int number) {
  if (const auto* t = terminal.load()) ::tcsetattr(t->fd, TCSANOW, &t->before);
  if (const auto* w = words.load()) {
    if (w->out.empty() || !write_whole(STDOUT_FILENO, w->out)) (void)write_whole(STDERR_FILENO, w->err);
    if (w->exit_code) ::_exit(*w->exit_code);
  }
  ::raise(number);  // which has its default action again, and comes when this returns
}

sigset_t all_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int n : kSignals) ::sigaddset(&set, n);
  return set;
}

class Blocked {
 public:
  Blocked() {
    const auto set = all_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~Blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

 private:
  sigset_t before_;
};

// Ours where the default action stands, while something is armed; the default where ours stands, when nothing is.
void catch_or_not() {
  const bool armed = words.load() != nullptr || terminal.load() != nullptr;
  for (const int n : kSignals) {
    struct sigaction now{};
    if (::sigaction(n, nullptr, &now) != 0) continue;
    const bool ours = now.sa_handler == on_signal;
    if (armed ? now.sa_handler != SIG_DFL : !ours) continue;
    struct sigaction next{};
    next.sa_handler = armed ? on_signal : SIG_DFL;
    next.sa_flags = int(SA_RESETHAND);
    next.sa_mask = all_signals();        // who ends a process may send two kinds at once: the second waits
    ::sigaddset(&next.sa_mask, SIGTTOU);  // from the background, too, a terminal is given back
    ::sigaction(n, &next, nullptr);
  }
}

template <class T>
void put(std::atomic<const T*>& place, const T* next) {
  const Blocked blocked;
  delete place.exchange(next);
  catch_or_not();
}

}  // namespace

void arm_last_words(LastWords next) { put<LastWords>(words, new LastWords(std::move(next))); }
void disarm_last_words() { put<LastWords>(words, nullptr); }

void say_last_words_instead() {
  const auto* w = words.load();
  if (w == nullptr || !w->exit_code) return;
  const auto set = all_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  disarm_last_words();
}

void arm_terminal(int fd, const termios& before) { put<Terminal>(terminal, new Terminal{fd, before}); }
void disarm_terminal() { put<Terminal>(terminal, nullptr); }

}  // namespace dos::client
