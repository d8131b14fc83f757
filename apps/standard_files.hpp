// What a program does before anything else, so that its streams are its streams and a failed write is an error like any.
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace dos {

// Of descriptors 0 to 2, those that are closed are opened on /dev/null in the direction that they are not used in: what reads or writes
// them fails as before, and no file, socket or pipe of this program takes their numbers. A pipe without a reader and a file that may not
// grow are errors of the write (SIGPIPE, SIGXFSZ), and not the end of the process.
inline void prepare_standard_files() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one: those below are open.
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) ::_exit(1);
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace dos
