// Links between real transports over loopback: up, once, down, cut, flooded, full.
#include "links/peer_transport.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "links/test_peers.hpp"
#include "os/test_memory.hpp"

namespace dos::links {
namespace {

using namespace testpeers;

struct Pair {
  explicit Pair(crypto::Suite suite = crypto::Suite::pq) : a(*loop, "a", suite), b(*loop, "b", suite) {}
  void open() {
    a.open({b.who.key});
    b.open({a.who.key});
  }
  void link() {
    open();
    a.transport->keep_linked({b.address()});
    ASSERT_TRUE(run_until(*loop, [&] { return both(); }));
  }
  bool both() const { return a.linked(b) && b.linked(a); }
  bool neither() const { return !a.linked(b) && !b.linked(a); }
  std::unique_ptr<os::EventLoop> loop = *os::EventLoop::make();
  Peer a, b;
};

std::uint64_t resident_kib() {
  std::ifstream f("/proc/self/status");
  for (std::string line; std::getline(f, line);)
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6));
  return 0;
}

TEST(PeerTransport, links_two_that_accept_each_other_and_carries_bytes_both_ways) {
  for (const auto suite : {crypto::Suite::pq, crypto::Suite::classic}) {
    Pair p(suite);
    p.link();
    Bytes got;
    p.b.on_bytes = [&](LinkId link, BytesView bytes) {
      append(got, bytes);
      p.b.transport->send(link, to_bytes("answer"));
    };
    p.a.transport->send(p.a.link(p.b), to_bytes("question"));
    ASSERT_TRUE(run_until(*p.loop, [&] { return p.a.got == 6; }));
    EXPECT_EQ(as_text(got), "question");
    EXPECT_EQ(p.a.transport->counters().links_up, 1u);
    EXPECT_EQ(p.a.transport->queued_bytes(p.a.link(p.b)), 0u);
  }
}

TEST(PeerTransport, a_link_is_up_within_tens_of_milliseconds_whoever_starts_first) {
  Pair p;
  p.a.open({p.b.who.key});
  const auto free_port = p.a.transport->port();  // a closed one, most likely the one above
  p.a.transport->keep_linked({{p.b.who.id, "127.0.0.1", std::uint16_t(free_port + 1)}});
  run_for(*p.loop, 300);  // a's waits have grown
  EXPECT_GE(p.a.transport->counters().dials, 3u);
  const auto start = p.loop->now_ns();
  p.b.open({p.a.who.key});
  p.b.transport->keep_linked({p.a.address()});
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.both(); }));
  EXPECT_LT(p.loop->now_ns() - start, 200'000'000u);
}

TEST(PeerTransport, simultaneous_dials_give_one_link_and_both_keep_the_same) {
  for (int round = 0; round < 20; ++round) {
    Pair p;
    p.open();
    p.a.transport->keep_linked({p.b.address()});
    p.b.transport->keep_linked({p.a.address()});
    ASSERT_TRUE(run_until(*p.loop, [&] { return p.both(); }));
    run_for(*p.loop, 30);
    ASSERT_TRUE(p.both());
    EXPECT_EQ(p.a.ups, 1);
    EXPECT_EQ(p.b.ups, 1);
    EXPECT_EQ(p.a.downs + p.b.downs, 0);
    p.a.transport->send(p.a.link(p.b), Bytes(10));
    p.b.transport->send(p.b.link(p.a), Bytes(10));
    ASSERT_TRUE(run_until(*p.loop, [&] { return p.a.got == 10 && p.b.got == 10; }));
  }
}

TEST(PeerTransport, an_unknown_key_is_refused_on_either_side_without_an_event) {
  {
    Pair p;
    p.a.open({p.b.who.key});
    p.b.open({});
    p.a.transport->keep_linked({p.b.address()});
    run_for(*p.loop, 200);
    EXPECT_EQ(p.a.ups + p.b.ups, 0);
    EXPECT_GE(p.b.transport->counters().refused_keys, 1u);
    EXPECT_TRUE(p.b.log.has("key was refused")) << p.b.log.all;
  }
  {
    Pair p;  // the one that dials expects somebody else there
    Peer c(*p.loop, "c");
    p.a.open({c.who.key, p.b.who.key});
    p.b.open({p.a.who.key});
    p.a.transport->keep_linked({{c.who.id, "127.0.0.1", p.b.transport->port()}});
    run_for(*p.loop, 200);
    EXPECT_EQ(p.a.ups + p.b.ups, 0);
    EXPECT_GE(p.a.transport->counters().refused_keys, 1u);
  }
}

TEST(PeerTransport, keys_may_be_taken_away_and_given) {
  Pair p;
  p.link();
  p.b.transport->set_accepted({});
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.neither(); }));
  p.b.transport->set_accepted({p.a.who.key});
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.both(); }));
}

TEST(PeerTransport, a_link_of_a_key_taken_away_goes_down_stays_down_and_comes_back_at_once) {
  Pair p;
  p.link();
  p.b.transport->keep_linked({p.a.address()});
  p.a.transport->set_accepted({});
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.neither(); }));
  run_for(*p.loop, 300);
  EXPECT_TRUE(p.neither());
  EXPECT_EQ(p.a.ups, 1);
  p.a.transport->set_accepted({p.b.who.key});
  const auto start = p.loop->now_ns();
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.both(); }));
  EXPECT_LT(p.loop->now_ns() - start, 200'000'000u) << "the side that accepts it again dials at once";
}

TEST(PeerTransport, closing_tells_the_other_side_only_and_the_link_comes_again) {
  Pair p;
  p.link();
  const auto first = p.a.link(p.b);
  p.a.links.clear();  // close() gives no event
  p.a.transport->close(first);
  p.a.transport->send(first, Bytes(10));  // dropped
  EXPECT_EQ(p.a.transport->queued_bytes(first), 0u);
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.a.ups == 2 && p.both(); }));
  EXPECT_EQ(p.a.downs, 0);
  EXPECT_EQ(p.b.downs, 1);
  EXPECT_NE(p.a.link(p.b), first);
}

TEST(PeerTransport, closing_inside_an_event_is_allowed) {
  Pair p;
  p.link();
  p.b.on_bytes = [&](LinkId link, BytesView) {
    p.b.links.clear();
    p.b.transport->close(link);
  };
  p.a.transport->send(p.a.link(p.b), Bytes(200'000));
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.a.downs == 1; }));
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.both(); }));
}

TEST(PeerTransport, a_peer_that_was_killed_and_started_again_is_linked_again) {
  Pair p;
  p.link();
  const auto port = p.b.transport->port();
  p.b.transport.reset();
  p.b.links.clear();
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.a.downs == 1; }));
  p.b.config.port = port;
  p.b.peers.clear();
  p.b.open({p.a.who.key});
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.both(); }));
}

TEST(PeerTransport, a_port_that_is_taken_is_named) {
  Pair p;
  p.a.open({});
  p.b.config.port = p.a.transport->port();
  const auto second = PeerTransport::open(*p.loop, p.b.config, p.b.entropy, p.b.log);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::no_port);
  EXPECT_NE(second.error().detail.find(std::to_string(p.b.config.port)), std::string::npos) << second.error().detail;
}

TEST(PeerTransport, sixty_four_mebibytes_go_through_in_bounded_memory) {
  Pair p;
  p.link();
  constexpr std::uint64_t kAll = 64ull << 20, kPiece = 1 << 20;
  std::uint64_t sent = 0, most = 0;
  crypto::Hasher in, out;
  p.b.on_bytes = [&](LinkId, BytesView bytes) { in.update(bytes); };
  const auto before = resident_kib();
  const auto link = p.a.link(p.b);
  ASSERT_TRUE(run_until(
      *p.loop,
      [&] {
        while (sent < kAll && p.a.transport->queued_bytes(link) < 4 * kPiece) {  // what a sender of bulk does
          Bytes piece(kPiece, std::uint8_t(sent >> 20));
          out.update(piece);
          p.a.transport->send(link, std::move(piece));
          sent += kPiece;
        }
        most = std::max(most, resident_kib());
        return p.b.got == kAll;
      },
      60'000));
  EXPECT_EQ(in.finish(), out.finish());
  if constexpr (os::kMemoryIsOurs) { EXPECT_LT(most, before + 24 * 1024); }
}

TEST(PeerTransport, a_frame_of_any_size_arrives_whole) {
  Pair p;
  p.link();
  crypto::Hasher in, out;
  p.b.on_bytes = [&](LinkId, BytesView bytes) { in.update(bytes); };
  std::uint64_t sent = 0;
  for (const std::size_t size : {1u, 4u, 16'379u, 16'380u, 16'381u, 65'536u, 17u << 20, 3u}) {
    Bytes piece(size, std::uint8_t(size));
    out.update(piece);
    p.a.transport->send(p.a.link(p.b), std::move(piece));
    sent += size;
  }
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.b.got == sent; }, 60'000));
  EXPECT_EQ(in.finish(), out.finish());
}

TEST(PeerTransport, a_queue_past_its_limit_takes_the_link_down_from_the_loop) {
  Pair p;
  p.link();
  const auto link = p.a.link(p.b);
  while (p.a.transport->queued_bytes(link) + (1 << 20) <= kMaxLinkQueueBytes && p.a.downs == 0) {
    p.a.transport->send(link, Bytes(1 << 20));
    EXPECT_LE(p.a.transport->queued_bytes(link), kMaxLinkQueueBytes);
  }
  p.a.transport->send(link, Bytes(2 << 20));
  EXPECT_EQ(p.a.downs, 0) << "no event inside send()";
  EXPECT_EQ(p.a.transport->queued_bytes(link), 0u);
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.a.downs == 1; }));
  EXPECT_TRUE(p.a.log.has("does not take")) << p.a.log.all;
}

// Somebody who connects and says nothing: bounded in number, gone after the time for a handshake; peers link all the same.
TEST(PeerTransport, a_flood_of_silent_connections_is_bounded_and_keeps_no_peer_out) {
  Pair p;
  p.b.config.handshakes = 16;
  p.b.config.handshakes_per_source = 8;
  p.b.config.handshake_ms = 300;
  p.open();
  std::vector<int> strangers;
  for (int i = 0; i < 60; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(p.b.transport->port());
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    strangers.push_back(fd);
  }
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.b.transport->counters().refused_floods == 52; }));
  EXPECT_EQ(p.b.transport->counters().handshakes_now, 8u);
  p.a.transport->keep_linked({p.b.address()});  // from the same source: refused for now
  p.b.transport->keep_linked({p.a.address()});  // but what b dials passes no gate
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.both(); }, 250));
  ASSERT_TRUE(run_until(*p.loop, [&] { return p.b.transport->counters().handshakes_now == 0; }));
  for (const int fd : strangers) ::close(fd);
}

TEST(PeerTransport, idle_links_cost_next_to_nothing) {
  Pair p;
  p.a.config.ping_ms = p.b.config.ping_ms = 50;  // a hundred times as often as set
  p.link();
  auto spent = [] {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::uint64_t(t.tv_sec) * 1'000'000'000 + std::uint64_t(t.tv_nsec);
  };
  auto idle = [&](std::uint64_t ms) {
    p.loop->on_deadline([&] { p.loop->stop(); });
    p.loop->set_deadline(p.loop->now_ns() + ms * 1'000'000);
    const auto before = spent();
    p.loop->run();
    return spent() - before;
  };
  idle(100);
  const auto ns = idle(1000);
  EXPECT_TRUE(p.both()) << p.a.log.all;
  EXPECT_LT(ns, 20'000'000u) << "two nodes, a second, a hundred times the pings";
  ::testing::Test::RecordProperty("idle_ns_of_two_nodes_a_second_at_100_fold_pings", int(ns));
}

}  // namespace
}  // namespace dos::links
