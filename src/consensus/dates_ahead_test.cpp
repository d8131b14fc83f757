// A leader that dates its blocks as far ahead as its own peers' clocks allow: those after it cannot be dated before them, and whoever's
// clock is behind the others' must not wait for that, nor blame who leads next.
#include "consensus/test_slow_leader.hpp"

namespace dos::consensus::test {
namespace {

using ledger::VoteKind;

constexpr std::uint64_t kBehindMs = 100;  // the clock of node 2 behind the others', well within what clocks may differ by

struct DatesAhead : ::testing::Test {
  std::unique_ptr<Cluster> network() {
    auto c = std::make_unique<Cluster>();
    for (const std::uint16_t i : {0, 1, 3}) c->node(i).wall_skew_ms = kBehindMs;
    c->run_for(kSecond);
    return c;
  }
  // Node 3: its own blocks as far ahead as nodes 0 and 1 take them; and no vote of its own for anybody else's.
  void lie(Cluster& c) {
    c.node(3).dates_ahead_ms = kMaxClockAheadMs - 1;
    c.swallow = [](std::uint16_t from, std::uint16_t, const Message& m) { return from == 3 && std::holds_alternative<Votes>(m); };
  }
  std::size_t refused(const Cluster& c, std::uint16_t chief) {  // NULL of honest ones in views that an honest one led
    return std::size_t(std::ranges::count_if(c.votes_heard(), [&](const auto& v) {
      const auto& [voter, view, kind] = v.first;
      return voter != 3 && kind == VoteKind::null && c.leader(view) == chief;
    }));
  }
};

TEST_F(DatesAhead, it_slows_nobody_elses_turns) {
  for (const std::uint64_t every : {std::uint64_t(0), 10 * kMs}) {
    auto quiet = network(), other = network();
    const auto q = measure(*quiet, 0, every == 0 ? kSecond : 4 * kSecond, every);
    lie(*other);
    const auto l = measure(*other, 0, every == 0 ? kSecond : 4 * kSecond, every);
    std::size_t blamed = 0;
    for (const std::uint16_t i : {0, 1, 2}) blamed += refused(*other, i);
    if (std::getenv("DOS_TRACE") != nullptr)
      std::printf("every %llu ms: blocks %llu of %llu, transactions %llu of %llu, p99 %llu us, quiet %llu us, refused %zu\n",
                  (unsigned long long)(every / kMs), (unsigned long long)l.blocks, (unsigned long long)q.blocks,
                  (unsigned long long)l.transactions, (unsigned long long)q.transactions, (unsigned long long)(l.p99_ns / 1000),
                  (unsigned long long)(q.p99_ns / 1000), blamed);
    EXPECT_GE(10 * l.transactions, 4 * q.transactions);
    EXPECT_LE(l.p99_ns, 4 * q.p99_ns);
    EXPECT_EQ(blamed, 0u);
  }
}

}  // namespace
}  // namespace dos::consensus::test
