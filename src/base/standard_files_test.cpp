#include "base/standard_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace dos {
namespace {

// In a child process with those descriptors closed: a bit for each thing that is not so.
int wrong_when_closed(unsigned closed) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (int fd = 0; fd <= 2; ++fd)
      if ((closed >> fd & 1) != 0) ::close(fd);
    prepare_standard_files();
    int wrong = 0, ends[2];
    char byte = 'x';
    if (::pipe(ends) != 0 || ends[0] <= 2 || ends[1] <= 2) wrong |= 1;
    if ((closed & 1) != 0 && (::read(0, &byte, 1) >= 0 || errno != EBADF)) wrong |= 2;
    for (int fd = 1; fd <= 2; ++fd)
      if ((closed >> fd & 1) != 0 && (::write(fd, &byte, 1) >= 0 || errno != EBADF)) wrong |= 4;
    ::close(ends[0]);
    if (::write(ends[1], &byte, 1) >= 0 || errno != EPIPE) wrong |= 8;
    ::_exit(wrong);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StandardFiles, whichever_are_closed_nothing_else_takes_their_numbers_and_writes_fail) {
  for (unsigned closed = 0; closed < 8; ++closed) EXPECT_EQ(wrong_when_closed(closed), 0) << closed;
}

}  // namespace
}  // namespace dos
