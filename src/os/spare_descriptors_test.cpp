// A process that has no file descriptor left: the disk goes on from its spare ones, and is not called broken.
#include "os/spare_descriptors.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/posix_disk.hpp"
#include "os/test_folder.hpp"

namespace dos::os {
namespace {

// Takes every descriptor there is, under a limit that leaves few.
struct Greedy {
  Greedy() {
    ::getrlimit(RLIMIT_NOFILE, &before);
    auto low = before;
    low.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &low);
    take();
  }
  void take() {
    for (int fd; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) all.push_back(fd);
  }
  ~Greedy() {
    for (const int fd : all) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before);
    SpareDescriptors::of_process().refill();
  }
  rlimit before{};
  std::vector<int> all;
};

TEST(SpareDescriptors, the_disk_opens_files_when_others_took_all_descriptors) {
  const testnet::Folder folder;
  auto disk = *open_posix_disk(folder.path);
  ASSERT_EQ(SpareDescriptors::of_process().held(), kSpareDescriptors);
  Greedy others;
  std::vector<std::unique_ptr<DiskFile>> files;
  for (std::size_t i = 0; i < kSpareDescriptors; ++i) {
    auto file = disk->open("f" + std::to_string(i), Disk::Mode::create);
    ASSERT_TRUE(file) << i << ": " << file.error().detail;
    ASSERT_TRUE((*file)->write_at(0, as_bytes("x")));
    files.push_back(std::move(*file));
    others.take();
  }
  EXPECT_EQ(SpareDescriptors::of_process().held(), 0u);
  const auto none = disk->open("more", Disk::Mode::create);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::not_ready) << "nothing is broken: " << none.error().detail;
  files.pop_back();  // what the disk gives back goes to its spare ones first
  EXPECT_EQ(SpareDescriptors::of_process().held(), 1u);
  EXPECT_TRUE(disk->open("more", Disk::Mode::create));
}

TEST(SpareDescriptors, connections_leave_descriptors_for_files_and_validators) {
  EXPECT_EQ(share_descriptors(65'536, 4).clients, 4096u);
  EXPECT_EQ(share_descriptors(65'536, 4).peer_handshakes, 128u);
  for (const std::size_t all : {512u, 1024u, 2048u, 4096u, 8192u})
    for (const std::size_t validators : {1u, 4u, 100u}) {
      const auto shares = share_descriptors(all, validators);
      if (shares.clients == 16) continue;  // the least: such a limit is too low
      EXPECT_LE(shares.clients + shares.clients / 8 + shares.peer_handshakes + 2 * validators + kDescriptorsForFiles + kSpareDescriptors,
                all);
    }
  EXPECT_GT(share_descriptors(1024, 4).clients, 500u);
  EXPECT_EQ(share_descriptors(64, 4).clients, 16u);
  EXPECT_EQ(share_descriptors(64, 4).peer_handshakes, 8u);
}

}  // namespace
}  // namespace dos::os
