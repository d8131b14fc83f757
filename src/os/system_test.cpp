#include "os/system.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "os/posix_disk.hpp"
#include "os/test_folder.hpp"

namespace dos::os {
namespace {

TEST(FolderLock, says_who_has_it_and_is_taken_over_from_whoever_starts_the_process) {
  const testnet::Folder folder;
  const auto file = folder.path + "/lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const int other = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX | LOCK_NB), 0);
  ASSERT_EQ(::pwrite(fd, "99999999999999\n", 15, 0), 15);
  for (const int handed_over : {-1, other, 4711}) EXPECT_EQ(FolderLock::take(folder.path, handed_over).error().code, Errc::data_locked);
  {
    const auto lock = FolderLock::take(folder.path, fd);
    ASSERT_TRUE(lock);
    EXPECT_EQ(as_text(*read_host_file(file, 64)), std::to_string(::getpid()) + "\n");
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_LT(::fcntl(fd, F_GETFD), 0) << "it was the lock's";
  EXPECT_TRUE(FolderLock::take(folder.path, other)) << "what is something else is left alone";
  EXPECT_GE(::fcntl(other, F_GETFD), 0);
  ::close(other);
}

}  // namespace
}  // namespace dos::os
