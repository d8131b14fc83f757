// The admin socket under clients that dribble and a process without descriptors.
#include "os/admin_socket.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "os/test_folder.hpp"

namespace dos::os {
namespace {

struct Admin : ::testing::Test {
  Admin() : path(folder.path + "/a.sock") {
    socket = *AdminSocket::start(path, [](std::string_view line) { return "you said " + std::string(line); });
  }
  int connected() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connect(fd);
    return fd;
  }
  void connect(int fd) const {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  }
  static std::string say(int fd, std::string_view text) {
    EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), ssize_t(text.size()));
    std::string out;
    char buffer[256];
    for (ssize_t n; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) out.append(buffer, std::size_t(n));
    ::close(fd);
    return out;
  }
  testnet::Folder folder;
  std::string path;
  std::unique_ptr<AdminSocket> socket;
};

TEST_F(Admin, who_dribbles_has_a_time_for_all_of_it) {
  const int slow = connected();
  std::atomic<bool> over{false};
  std::thread dribbles([&] {
    while (!over && ::send(slow, "x", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(say(connected(), "status\n"), "you said status\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4)) << "256 bytes, each in time, are no 25 seconds";
  over = true;
  dribbles.join();
  ::close(slow);
}

TEST_F(Admin, goes_on_after_descriptors_were_short) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto low = before;
  low.rlim_cur = 256;
  ::setrlimit(RLIMIT_NOFILE, &low);
  std::vector<int> all;
  for (int more; (more = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) all.push_back(more);
  connect(fd);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  for (const int other : all) ::close(other);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(say(fd, "status\n"), "you said status\n");
}

}  // namespace
}  // namespace dos::os
