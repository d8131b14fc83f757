#include "fakes/network.hpp"

#include <gtest/gtest.h>

namespace dos::fakes {
namespace {

// A machine that only counts what it hears.
struct Listener final : MachineDoor, LinkEvents {
  Schedule& schedule;
  std::unique_ptr<Transport> transport;
  std::map<LinkId, Hash> up;
  Bytes heard;
  std::uint64_t pieces = 0, downs = 0;
  explicit Listener(Schedule& s) : schedule(s) {}
  SimTime local_now() const override { return schedule.now(); }
  void call(std::function<void()> action) override { action(); }
  void link_up(LinkId link, const Hash& peer) override { up[link] = peer; }
  void link_bytes(LinkId link, BytesView bytes) override {
    EXPECT_TRUE(up.contains(link));
    append(heard, bytes);
    ++pieces;
  }
  void link_down(LinkId link) override {
    EXPECT_EQ(up.erase(link), 1u);
    ++downs;
  }
  LinkId link() const { return up.empty() ? 0 : up.begin()->first; }
};

struct Pair {
  Schedule schedule;
  FaultCounters counters;
  Trace trace;
  SimNet net;
  Listener a{schedule}, b{schedule};
  explicit Pair(std::uint64_t seed = 1) : net(schedule, Random(seed), counters, trace) {
    net.add("a", 1, key(1));
    net.add("b", 1, key(2));
    boot(0, a);
    boot(1, b);
    a.transport->keep_linked({{key(2), "b", 1}});
    schedule.run_until(kSecond);
  }
  static Hash key(std::uint8_t n) {
    Hash h;
    h.bytes[0] = n;
    return h;
  }
  void boot(Machine m, Listener& l) {
    l.transport = net.boot(m, l);
    l.transport->start(l);
  }
};

Bytes unit(std::uint8_t n) { return Bytes(100, n); }

TEST(SimNet, one_side_dials_and_both_learn_who_is_there) {
  Pair p;
  ASSERT_EQ(p.a.up.size(), 1u);
  ASSERT_EQ(p.b.up.size(), 1u);
  EXPECT_EQ(p.a.up.begin()->second, Pair::key(2));
  EXPECT_EQ(p.b.up.begin()->second, Pair::key(1));
  EXPECT_TRUE(p.net.linked(0, 1));
}

TEST(SimNet, bytes_arrive_in_order_whatever_the_slices) {
  Pair p;
  p.net.path(0, 1).cut = 800'000;
  Bytes sent;
  for (std::uint8_t i = 0; i < 50; ++i) {
    append(sent, unit(i));
    p.a.transport->send(p.a.link(), unit(i));
  }
  p.schedule.run_until(2 * kSecond);
  EXPECT_EQ(p.b.heard, sent);
  EXPECT_GT(p.b.pieces, 60u);
  EXPECT_GT(p.counters.of(FaultKind::send_cut), 10u);
  EXPECT_EQ(p.a.transport->queued_bytes(p.a.link()), 0u);
}

TEST(SimNet, whole_sends_are_lost_repeated_and_overtaken) {
  Pair p;
  auto& path = p.net.path(0, 1);
  path.loss = path.repeat = path.overtake = 200'000;
  for (std::uint8_t i = 0; i < 100; ++i) {
    p.a.transport->send(p.a.link(), unit(i));
    p.schedule.run_until(p.schedule.now() + 5 * kMs);
  }
  p.schedule.run_until(p.schedule.now() + kSecond);
  ASSERT_EQ(p.b.heard.size() % 100, 0u);
  std::map<std::uint8_t, int> times;
  bool disorder = false;
  for (std::size_t at = 0; at < p.b.heard.size(); at += 100) {
    const BytesView u = BytesView(p.b.heard).subspan(at, 100);
    ASSERT_TRUE(equal(u, unit(u[0])));
    ++times[u[0]];
    disorder |= at > 0 && p.b.heard[at - 100] > u[0];
  }
  EXPECT_EQ(100 - times.size(), p.counters.of(FaultKind::send_lost));
  EXPECT_GT(p.counters.of(FaultKind::send_repeated), 5u);
  EXPECT_TRUE(disorder);
}

TEST(SimNet, a_blocked_path_holds_what_is_sent_and_breaks_the_link_in_the_end) {
  Pair p;
  p.net.path(0, 1).blocked = true;
  p.a.transport->send(p.a.link(), unit(1));
  p.b.transport->send(p.b.link(), unit(2));
  p.schedule.run_until(p.schedule.now() + 5 * kSecond);
  EXPECT_TRUE(p.b.heard.empty());
  EXPECT_EQ(p.a.heard, unit(2));  // the other way is open
  p.net.path(0, 1).blocked = false;
  p.net.opened();
  p.schedule.run_until(p.schedule.now() + kSecond);
  EXPECT_EQ(p.b.heard, unit(1));
  p.net.path(0, 1).blocked = true;
  p.a.transport->send(p.a.link(), unit(3));
  p.schedule.run_until(p.schedule.now() + 20 * kSecond);
  EXPECT_EQ(p.b.downs, 1u);
  EXPECT_EQ(p.a.downs, 1u);
  p.net.path(0, 1).blocked = false;
  p.schedule.run_until(p.schedule.now() + kSecond);
  EXPECT_TRUE(p.net.linked(0, 1));  // dialled again
  EXPECT_EQ(p.b.heard, unit(1));
}

TEST(SimNet, a_dead_machine_is_missed_late_and_found_again) {
  Pair p;
  p.net.died(1, 3 * kSecond);
  p.b.up.clear();
  p.a.transport->send(p.a.link(), unit(1));
  p.schedule.run_until(p.schedule.now() + kSecond);
  EXPECT_EQ(p.a.downs, 0u);
  EXPECT_EQ(p.counters.of(FaultKind::link_half_open), 1u);
  p.boot(1, p.b);
  p.a.transport->send(p.a.link(), unit(2));  // answered with a reset
  p.schedule.run_until(p.schedule.now() + kSecond);
  EXPECT_EQ(p.a.downs, 1u);
  EXPECT_TRUE(p.net.linked(0, 1));
  EXPECT_TRUE(p.b.heard.empty());
}

TEST(SimNet, a_closed_link_is_silent_here_and_down_there) {
  Pair p;
  p.a.transport->close(p.a.link());
  p.schedule.run_until(p.schedule.now() + 20 * kMs);
  EXPECT_EQ(p.a.downs, 0u);
  EXPECT_EQ(p.b.downs, 1u);
}

TEST(SimNet, bandwidth_delays_and_a_full_queue_breaks_the_link) {
  Pair p;
  p.net.path(0, 1).bytes_per_second = 1'000;
  for (int i = 0; i < 10; ++i) p.a.transport->send(p.a.link(), unit(1));
  EXPECT_EQ(p.a.transport->queued_bytes(p.a.link()), 1000u);
  p.schedule.run_until(p.schedule.now() + kSecond / 2);
  EXPECT_NEAR(double(p.b.heard.size()), 500, 110);
  p.a.transport->send(p.a.link(), Bytes(kMaxLinkQueueBytes, 1));
  p.schedule.run_until(p.schedule.now() + 20 * kMs);
  EXPECT_EQ(p.a.downs, 1u);
}

TEST(SimNet, a_seed_gives_the_same_run) {
  std::string digests[2];
  for (auto& d : digests) {
    Pair p(7);
    auto& path = p.net.path(0, 1);
    path.loss = path.repeat = path.overtake = path.cut = 300'000;
    for (std::uint8_t i = 0; i < 100; ++i) p.a.transport->send(p.a.link(), unit(i));
    p.schedule.run_until(10 * kSecond);
    d = p.trace.digest();
  }
  EXPECT_EQ(digests[0], digests[1]);
}

}  // namespace
}  // namespace dos::fakes
