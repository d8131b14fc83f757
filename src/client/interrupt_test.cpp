// What a process leaves said when a signal ends it. Each case is a child process that raises the signal at itself.
#include "client/interrupt.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

namespace dos::client {
namespace {

constexpr int kWentOn = 42;  // the exit code of a child that no signal ended

struct Ended {
  int signal = 0, code = -1;  // by which signal, or with which exit code
  std::string out, err;
};

std::string all_of(int fd) {
  std::string text;
  std::array<char, 4096> some;
  for (ssize_t n; (n = ::read(fd, some.data(), some.size())) > 0;) text.append(some.data(), std::size_t(n));
  ::close(fd);
  return text;
}

Ended child(const std::function<void()>& does) {
  int out[2], err[2];
  EXPECT_EQ(::pipe(out) + ::pipe(err), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (const int fd : {out[0], out[1], err[0], err[1]}) ::close(fd);
    disarm_last_words();
    for (const int n : {SIGINT, SIGTERM, SIGHUP}) ::signal(n, SIG_DFL);  // whatever started the tests
    does();
    ::_exit(kWentOn);
  }
  ::close(out[1]);
  ::close(err[1]);
  Ended ended;
  ended.out = all_of(out[0]);
  ended.err = all_of(err[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

TEST(Interrupt, words_are_said_and_the_process_ends_with_their_code) {
  for (const int number : kSignals) {
    auto ended = child([&] {
      arm_last_words({"", "open\n", 7});
      ::raise(number);
    });
    EXPECT_EQ(ended.code, 7);
    EXPECT_EQ(ended.out + "|" + ended.err, "|open\n");
    ended = child([&] {
      arm_last_words({"{}\n", "open\n", 7});
      ::raise(number);
    });
    EXPECT_EQ(ended.code, 7);
    EXPECT_EQ(ended.out + "|" + ended.err, "{}\n|");
  }
}

TEST(Interrupt, what_standard_output_does_not_take_goes_to_standard_error) {
  const auto ended = child([] {
    ::close(STDOUT_FILENO);
    arm_last_words({"{}\n", "open\n", 7});
    ::raise(SIGHUP);
  });
  EXPECT_EQ(ended.code, 7);
  EXPECT_EQ(ended.err, "open\n");
}

TEST(Interrupt, the_newest_words_are_said_whole) {
  const auto ended = child([] {
    for (int i = 0; i < 1000; ++i) arm_last_words({"", std::string(std::size_t(i), 'x') + "\n", i % 7});
    ::raise(SIGTERM);
  });
  EXPECT_EQ(ended.code, 999 % 7);
  EXPECT_EQ(ended.err, std::string(999, 'x') + "\n");
}

TEST(Interrupt, while_nothing_is_armed_a_signal_ends_it_and_nothing_is_said) {
  for (const int number : kSignals) {
    for (const bool armed_before : {false, true}) {
      const auto ended = child([&] {
        if (armed_before) arm_last_words({"", "open\n", 7});
        disarm_last_words();
        struct sigaction now{};
        if (::sigaction(number, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) ::_exit(1);
        ::raise(number);
      });
      EXPECT_EQ(ended.signal, number) << ended.code;
      EXPECT_EQ(ended.out + ended.err, "");
    }
  }
}

TEST(Interrupt, words_without_a_code_are_said_and_it_dies_by_the_signal) {
  for (const int number : kSignals) {
    const auto ended = child([&] {
      arm_last_words({"", "final\n", {}});
      ::raise(number);
    });
    EXPECT_EQ(ended.signal, number) << ended.code;
    EXPECT_EQ(ended.err, "final\n");
  }
}

TEST(Interrupt, a_signal_that_is_ignored_stays_so_and_the_others_do_not) {
  for (const int number : kSignals) {
    const auto ended = child([&] {
      ::signal(number, SIG_IGN);
      arm_last_words({"", "open\n", 7});
      ::raise(number);
      disarm_last_words();
      ::raise(number);
      ::raise(number == SIGINT ? SIGTERM : SIGINT);
    });
    EXPECT_EQ(ended.signal, number == SIGINT ? SIGTERM : SIGINT) << ended.code;
    EXPECT_EQ(ended.err, "");
  }
}

TEST(Interrupt, what_the_command_says_itself_is_said_once) {
  auto ended = child([] {
    arm_last_words({"", "open\n", 7});
    say_last_words_instead();
    ::raise(SIGINT);
    ::raise(SIGTERM);
  });
  EXPECT_EQ(ended.code, kWentOn) << "they wait";
  EXPECT_EQ(ended.err, "");
  ended = child([] {
    arm_last_words({"", "final\n", {}});
    say_last_words_instead();
    ::raise(SIGINT);
  });
  EXPECT_EQ(ended.signal, SIGINT);
  EXPECT_EQ(ended.err, "final\n");
  ended = child([] {
    say_last_words_instead();
    ::raise(SIGINT);
  });
  EXPECT_EQ(ended.signal, SIGINT) << "nothing was armed";
}

TEST(Interrupt, two_kinds_at_once_say_it_once) {
  const auto ended = child([] {
    arm_last_words({"", "open\n", 7});
    sigset_t both, before;
    ::sigemptyset(&both);
    ::sigaddset(&both, SIGTERM);
    ::sigaddset(&both, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &both, &before);
    ::raise(SIGTERM);
    ::raise(SIGHUP);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);  // both come now
  });
  EXPECT_EQ(ended.code, 7);
  EXPECT_EQ(ended.err, "open\n");
}

TEST(Interrupt, a_terminal_is_given_back) {
  const int ours = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(ours, 0);
  ASSERT_EQ(::grantpt(ours) + ::unlockpt(ours), 0);
  const int theirs = ::open(::ptsname(ours), O_RDWR | O_NOCTTY);
  ASSERT_GE(theirs, 0);
  const auto echoes = [&] {
    termios now{};
    EXPECT_EQ(::tcgetattr(theirs, &now), 0);
    return (now.c_lflag & ECHO) != 0;
  };
  ASSERT_TRUE(echoes());
  for (const bool words : {false, true}) {
    for (const int number : kSignals) {
      const auto ended = child([&] {
        termios before{};
        ::tcgetattr(theirs, &before);
        if (words) arm_last_words({"", "open\n", 7});
        arm_terminal(theirs, before);
        auto quiet = before;
        quiet.c_lflag &= ~tcflag_t(ECHO);
        ::tcsetattr(theirs, TCSANOW, &quiet);
        ::tcgetattr(theirs, &quiet);
        if ((quiet.c_lflag & ECHO) != 0) ::_exit(1);
        ::raise(number);
      });
      EXPECT_EQ(ended.signal, words ? 0 : number) << ended.code;
      EXPECT_EQ(ended.err, words ? "open\n" : "");
      EXPECT_TRUE(echoes());
    }
  }
  const auto ended = child([&] {
    termios before{};
    ::tcgetattr(theirs, &before);
    arm_terminal(theirs, before);
    disarm_terminal();
    struct sigaction now{};
    if (::sigaction(SIGINT, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) ::_exit(1);
  });
  EXPECT_EQ(ended.code, kWentOn);
  ::close(theirs);
  ::close(ours);
}

}  // namespace
}  // namespace dos::client
