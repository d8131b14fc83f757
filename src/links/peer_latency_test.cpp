// Round trips between two processes over loopback.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "links/test_peers.hpp"

namespace dos::links {
namespace {

using namespace testpeers;

constexpr std::size_t kMessage = 2560;  // about a signed vote
constexpr int kRounds = 2000;

// Sends back what it gets until its link goes down.
[[noreturn]] void echo(int to_parent, const crypto::PublicKey& other) {
  {
    auto loop = *os::EventLoop::make();
    Peer b(*loop, "b");
    b.open({other});
    b.on_bytes = [&](LinkId link, BytesView bytes) { b.transport->send(link, to_bytes(bytes)); };
    const auto port = b.transport->port();
    if (::write(to_parent, &port, sizeof port) != sizeof port) ::_exit(1);
    run_until(*loop, [&] { return b.downs > 0; }, 60'000);
  }
  ::_exit(0);
}

TEST(PeerLatency, a_vote_goes_to_another_process_and_back_in_microseconds) {
  const auto key = identity("a").key;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) echo(pipe[1], key);
  std::uint16_t port = 0;
  ASSERT_EQ(::read(pipe[0], &port, sizeof port), ssize_t(sizeof port));
  auto loop = *os::EventLoop::make();
  Peer a(*loop, "a");
  const auto b = identity("b");
  a.open({b.key});
  a.transport->keep_linked({{b.id, "127.0.0.1", port}});
  ASSERT_TRUE(run_until(*loop, [&] { return a.links.contains(b.id); }));

  std::vector<std::uint64_t> took;
  std::uint64_t began = 0, got = 0;
  const auto link = a.links.at(b.id);
  auto ask = [&] {
    began = loop->now_ns();
    a.transport->send(link, Bytes(kMessage, 7));
  };
  a.on_bytes = [&](LinkId, BytesView bytes) {
    got += bytes.size();
    if (got < kMessage) return;
    got = 0;
    took.push_back(loop->now_ns() - began);
    if (took.size() == kRounds) loop->stop();
    else ask();
  };
  loop->post(ask);
  loop->run();
  ASSERT_EQ(took.size(), std::size_t(kRounds));
  std::sort(took.begin(), took.end());
  a.transport.reset();
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
  EXPECT_EQ(status, 0);
  std::printf("round trip of %zu bytes: p50 %llu us, p99 %llu us\n", kMessage, static_cast<unsigned long long>(took[kRounds / 2] / 1000),
              static_cast<unsigned long long>(took[kRounds * 99 / 100] / 1000));
  EXPECT_LT(took[kRounds / 10], 1'000'000u) << "the fastest tenth, on a machine that does other things";
}

}  // namespace
}  // namespace dos::links
