// Peers that are there and do not answer: what TCP alone does not notice.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "links/test_peers.hpp"

namespace dos::links {
namespace {

using namespace testpeers;

// A wire between two: takes connections, dials on, and carries bytes until it is told to carry none.
class Wire {
 public:
  explicit Wire(std::uint16_t to) : to_(to) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    auto at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener_, 8) != 0) throw std::runtime_error("bind");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
  }
  ~Wire() {
    ::close(listener_);
    for (const auto& [from, into] : ends_) ::close(from);
  }
  void carry() {
    if (const int in = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); in >= 0) {
      const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      auto at = loopback(to_);
      if (::connect(out, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) throw std::runtime_error("connect");
      ::fcntl(out, F_SETFL, O_NONBLOCK);
      ends_.push_back({in, out});
      ends_.push_back({out, in});
    }
    if (dead) return;
    char buffer[65536];
    for (const auto& [from, into] : ends_)
      for (ssize_t n; (n = ::recv(from, buffer, sizeof buffer, 0)) > 0;)
        for (ssize_t done = 0; done < n;) done += std::max<ssize_t>(0, ::send(into, buffer + done, std::size_t(n - done), MSG_NOSIGNAL));
  }
  std::uint16_t port = 0;
  bool dead = false;

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }
  std::uint16_t to_;
  int listener_ = -1;
  std::vector<std::pair<int, int>> ends_;
};

TEST(PeerSilence, a_link_that_stops_answering_goes_down_on_both_sides_and_a_quiet_one_does_not) {
  auto loop = *os::EventLoop::make();
  Peer a(*loop, "a"), b(*loop, "b");
  for (auto* p : {&a, &b}) {
    p->config.ping_ms = 40;
    p->config.last_retry_ms = 50;
    p->config.handshake_ms = 500;
  }
  b.open({a.who.key});
  a.open({b.who.key});
  Wire wire(b.transport->port());
  a.transport->keep_linked({{b.who.id, "127.0.0.1", wire.port}});
  ASSERT_TRUE(run_until(*loop, [&] {
    wire.carry();
    return a.linked(b) && b.linked(a);
  }));
  run_until(
      *loop,
      [&] {
        wire.carry();
        return false;
      },
      600);  // nothing is sent: pings keep it up
  EXPECT_EQ(a.downs + b.downs, 0) << a.log.all;
  wire.dead = true;
  const auto start = loop->now_ns();
  ASSERT_TRUE(run_until(
      *loop,
      [&] {
        wire.carry();
        return a.downs == 1 && b.downs == 1;
      },
      5000))
      << a.log.all << b.log.all;
  EXPECT_GE(loop->now_ns() - start, 3u * 40 * 1'000'000) << "not at the first silence";
  EXPECT_TRUE(a.log.has("stopped answering")) << a.log.all;
}

TEST(PeerSilence, handshakes_end_after_their_time) {
  auto loop = *os::EventLoop::make();
  Peer a(*loop, "a"), b(*loop, "b");
  a.config.handshake_ms = 100;
  b.open({a.who.key});
  a.open({b.who.key});
  Wire wire(b.transport->port());
  wire.dead = true;  // connects, and nothing more
  a.transport->keep_linked({{b.who.id, "127.0.0.1", wire.port}});
  ASSERT_TRUE(run_until(
      *loop,
      [&] {
        wire.carry();
        return a.transport->counters().dials >= 3;
      },
      5000))
      << a.log.all;
  EXPECT_TRUE(a.log.has("within the time")) << a.log.all;
  EXPECT_EQ(a.ups, 0);
}

// The other side's process stands still: its system acknowledges and takes nothing.
TEST(PeerSilence, a_peer_that_reads_nothing_is_dropped_and_the_queue_was_bounded) {
  auto loop = *os::EventLoop::make();
  Peer a(*loop, "a"), b(*loop, "b");
  a.config.ping_ms = 40;
  b.config.ping_ms = 60'000;
  b.open({a.who.key});
  a.open({b.who.key});
  Wire wire(b.transport->port());
  a.transport->keep_linked({{b.who.id, "127.0.0.1", wire.port}});
  ASSERT_TRUE(run_until(*loop, [&] {
    wire.carry();
    return a.linked(b);
  }));
  const auto link = a.link(b);
  wire.dead = true;
  ASSERT_TRUE(run_until(
      *loop,
      [&] {
        wire.carry();
        if (a.downs == 0 && a.transport->queued_bytes(link) < (8u << 20)) a.transport->send(link, Bytes(1 << 20));
        return a.downs == 1;
      },
      10'000))
      << a.log.all;
}

}  // namespace
}  // namespace dos::links
