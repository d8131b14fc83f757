#include "os/posix_disk.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "os/test_folder.hpp"

namespace dos::os {
namespace {

TEST(PosixDisk, a_fifo_in_the_place_of_a_file_is_an_error_and_not_waited_for) {
  const testnet::Folder folder;
  const auto fifo = folder.path + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(read_host_file(fifo, 10).error().code, Errc::host_io);
  auto disk = *open_posix_disk(folder.path);
  std::uint8_t byte = 0;
  for (const auto mode : {Disk::Mode::read, Disk::Mode::write, Disk::Mode::create}) {
    const auto file = disk->open("fifo", mode);
    EXPECT_TRUE(!file || !(*file)->read_at(0, std::span(&byte, 1)));
  }
}

}  // namespace
}  // namespace dos::os
