// Where a passphrase comes from. Never from the command line or the environment: both can be read by others.
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/shown_text.hpp"
#include "client/interrupt.hpp"
#include "client/keys/key_store.hpp"

namespace dos::client {
namespace {

std::unexpected<Error> nowhere() {
  return fail(Errc::locked_key, "no terminal to ask for the passphrase: give --passphrase-fd N, or unlock it first with `dos key agent`");
}

Result<crypto::Secret> finish(const crypto::Secret& buffer, std::size_t size) {
  if (size == 0) return fail(Errc::wrong_passphrase, "the passphrase is empty");
  return crypto::Secret::copy_of(buffer.view().first(size));
}

Result<crypto::Secret> read_fd(int fd) {
  crypto::Secret buffer(kMaxPassphraseBytes);
  std::size_t size = 0;
  for (;;) {
    std::uint8_t c = 0;
    const auto n = ::read(fd, &c, 1);  // one by one: what follows the line belongs to another reader
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::usage, "cannot read descriptor " + std::to_string(fd) + " of --passphrase-fd: " + std::strerror(errno));
    if (n == 0 || c == '\n') break;
    if (size == buffer.size()) return fail(Errc::limit, "a passphrase has at most " + std::to_string(kMaxPassphraseBytes) + " bytes");
    buffer.data()[size++] = c;
  }
  return finish(buffer, size);
}

// Echo and signals off while it lives; Ctrl-C arrives as a byte, and a signal gives the terminal back: it is never left silent.
class QuietTerminal {
 public:
  explicit QuietTerminal(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    arm_terminal(fd, before_);
    set_ = ::tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (set_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    disarm_terminal();
    ::close(fd_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  bool quiet() const { return set_; }
  void say(std::string_view text) const {
    while (!text.empty()) {
      const auto n = ::write(fd_, text.data(), text.size());
      if (n <= 0) return;
      text.remove_prefix(std::size_t(n));
    }
  }

 private:
  int fd_;
  termios before_{};
  bool set_ = false;
};

Result<crypto::Secret> ask(std::string_view prompt) {
  const int fd = ::isatty(STDERR_FILENO) ? ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1;
  if (fd < 0) return nowhere();
  QuietTerminal terminal(fd);
  if (!terminal.quiet()) return nowhere();
  terminal.say(shown_text(prompt));
  crypto::Secret buffer(kMaxPassphraseBytes);
  std::size_t size = 0;
  for (;;) {
    std::uint8_t c = 0;
    const auto n = ::read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || c == '\n' || c == '\r' || c == 4) break;
    if (c == 3) {
      terminal.say("\r\n");
      return fail(Errc::locked_key, "no passphrase was given");
    }
    if (c == 127 || c == 8) {
      while (size > 0 && (buffer.data()[size - 1] & 0xC0) == 0x80) --size;  // the rest of a UTF-8 character
      if (size > 0) --size;
    } else if (c == 21) {
      size = 0;
    } else if (size < buffer.size()) {
      buffer.data()[size++] = c;
    }
  }
  terminal.say("\r\n");
  return finish(buffer, size);
}

}  // namespace

Result<crypto::Secret> read_passphrase(const PassphraseSource& source, std::string_view prompt) {
  if (source.fd >= 0) return read_fd(source.fd);
  if (!source.may_prompt) return nowhere();
  return ask(prompt);
}

Result<crypto::Secret> read_new_passphrase(const PassphraseSource& source, std::string_view account) {
  if (source.fd >= 0) return read_fd(source.fd);
  if (!source.may_prompt) return nowhere();
  for (int tries = 0; tries < 3; ++tries) {
    DOS_ASSIGN(auto first, ask("New passphrase for " + std::string(account) + ": "));
    DOS_ASSIGN(const auto second, ask("The same again: "));
    if (equal(first.view(), second.view())) return first;
  }
  return fail(Errc::wrong_passphrase, "the two passphrases differ");
}

}  // namespace dos::client
