#include "cli/node_holder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "client/home/private_file.hpp"
#include "client/test_places.hpp"

namespace dos::cli {
namespace {

// A process whose words are those of a dosd on `data`; it waits.
class Named {
 public:
  explicit Named(const std::string& data) {
    std::vector<std::string> words = {"dosd", "-c", "kill -STOP $$; exit 0", "--data", data};
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execv("/bin/sh", argv.data());
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(pid_, &status, WUNTRACED);  // until it stands still, so the exec is behind it
  }
  ~Named() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  int end() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

struct Held {  // a data folder whose lock this process has
  explicit Held(const std::filesystem::path& data) {
    EXPECT_TRUE(client::make_private_folder(data));
    fd = ::open((data / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_EQ(::flock(fd, LOCK_EX | LOCK_NB), 0);
  }
  ~Held() { ::close(fd); }
  void says(std::int64_t pid) const {
    const auto text = std::to_string(pid) + "\n";
    EXPECT_EQ(::ftruncate(fd, 0), 0);
    EXPECT_EQ(::pwrite(fd, text.data(), text.size(), 0), ssize_t(text.size()));
  }
  int fd;
};

TEST(NodeHolder, is_named_by_the_lock_or_else_by_the_record_and_by_neither_if_it_is_no_dosd_there) {
  client::TestPlaces home;
  const auto data = home.base / "v1";
  Named node(data), other(home.base / "v10");
  const auto none = holder_of(data, node.pid());
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none) << "nobody holds what is not there";
  const Held held(data);
  held.says(node.pid());
  for (const std::int64_t hint : {std::int64_t(0), std::int64_t(other.pid()), std::int64_t(::getpid())}) {
    const auto found = holder_of(data, hint);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->pid(), node.pid());
  }
  for (const std::int64_t stale : {std::int64_t(::getpid()), std::int64_t(other.pid())}) {  // the number is another process's now
    held.says(stale);
    const auto found = holder_of(data, node.pid());
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->pid(), node.pid());
  }
  EXPECT_FALSE(NodeProcess::of(other.pid(), data)) << "v10 is not v1";
  EXPECT_FALSE(NodeProcess::of(::getpid(), data));
  EXPECT_FALSE(NodeProcess::of(0, data));
  const auto process = NodeProcess::of(node.pid(), data);
  ASSERT_TRUE(process);
  process->signal(SIGKILL);
  EXPECT_EQ(node.end(), SIGKILL);
  process->signal(SIGKILL);  // whoever has the number next is not meant
  EXPECT_FALSE(is_node(process->pid(), data));
}

// Nobody is said to have it because this process could not look.
TEST(NodeHolder, is_not_none_where_the_lock_cannot_be_looked_at) {
  client::TestPlaces home;
  const auto data = home.base / "v1";
  EXPECT_FALSE(*look_held(data));
  Named node(data);
  {
    const Held held(data);
    held.says(node.pid());
    ASSERT_EQ(::chmod((data / "lock").c_str(), 0400), 0);
    EXPECT_TRUE(*look_held(data));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{rlim_t(next), before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto found = holder_of(data, node.pid());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::host_io);
    EXPECT_TRUE(*holder_of(data, 0));
    held.says(::getpid());
    EXPECT_EQ(holder_of(data, 0, std::chrono::milliseconds(5)).error().code, Errc::timed_out) << "a command's time was too short to know";
  }
  EXPECT_FALSE(*look_held(data));
  std::filesystem::remove(data / "lock");
  std::filesystem::create_symlink("lock", data / "lock");
  EXPECT_EQ(holder_of(data, node.pid()).error().code, Errc::host_io);
}

TEST(NodeHolder, a_lock_that_is_handed_over_is_held_until_the_one_who_got_it_ends) {
  client::TestPlaces home;
  const auto data = home.base / "v1";
  ASSERT_TRUE(client::make_private_folder(data));
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  pid_t pid = -1;
  constexpr int kHigh = 700;  // of a caller that has many
  ASSERT_EQ(::dup2(pipe[1], kHigh), kHigh);
  {
    const auto lock = HandedLock::take(data);
    ASSERT_TRUE(lock && *lock);
    EXPECT_TRUE(is_held(data));
    pid = ::fork();
    if (pid == 0) {
      ::dup2(pipe[0], 0);
      (*lock)->hand_over();
      ::execl("/bin/cat", "cat", nullptr);  // ends with its input; nothing else of ours goes on in it
      ::_exit(127);
    }
  }
  ::close(kHigh);
  EXPECT_TRUE(is_held(data)) << "the starter has let go";
  const auto second = HandedLock::take(data);
  EXPECT_TRUE(second && !*second);
  ::close(pipe[0]);
  ::close(pipe[1]);
  ::waitpid(pid, nullptr, 0);
  EXPECT_FALSE(is_held(data));
}

}  // namespace
}  // namespace dos::cli
