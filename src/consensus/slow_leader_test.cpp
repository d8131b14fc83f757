// One validator may slow its own turns only: what slow leaders, refused views and wishes cost the others, in simulated time, against
// the same network when it is quiet.
#include "consensus/test_slow_leader.hpp"

namespace dos::consensus::test {
namespace {

using ledger::VoteItem;
using ledger::VoteKind;
using Habit = SlowLeader::Habit;

struct Net {
  std::uint64_t delay_ns, for_ns, every_ns;  // every 0: one transaction after the other
};
constexpr Net kNets[] = {{kMs / 4, kSecond, 0}, {kMs / 4, 36 * kSecond, 40 * kMs}, {20 * kMs, 40 * kSecond, 0}};

ClusterOptions options_of(const Net& net, std::uint64_t seed) {
  ClusterOptions o;
  o.seed = seed;
  o.delay_min_ns = net.delay_ns;
  o.delay_max_ns = net.delay_ns * 5 / 4;
  return o;
}

const Measured& when_quiet(const Net& net) {
  static std::map<const Net*, Measured> known;
  if (!known.contains(&net)) {
    Cluster quiet(options_of(net, 1));
    quiet.run_for(kSecond);
    known[&net] = measure(quiet, 0, net.for_ns, net.every_ns);
  }
  return known.at(&net);
}

void expect_bounded(Habit habit, const Net& net, bool asks = false) {
  Cluster other(options_of(net, 1));
  other.run_for(kSecond);
  SlowLeader liar(other, 3, habit);
  const std::function<void()> ask = [&] {  // where the others are: each answer of theirs says what they want
    for (std::uint16_t i = 0; i < 3; ++i) other.say(3, i, StatusReport{other.facts().epoch, View{1}, {}, {}, {}, {}, false});
    other.later(10 * kMs, ask);
  };
  if (asks) ask();
  const auto& q = when_quiet(net);
  const auto l = measure(other, 0, net.for_ns, net.every_ns);
  EXPECT_GT(liar.led(), 0u);
  EXPECT_GE(10 * l.blocks, 4 * q.blocks) << "habit " << habit << ": blocks " << l.blocks << " of " << q.blocks;
  EXPECT_GE(10 * l.transactions, 4 * q.transactions) << "habit " << habit;
  EXPECT_LE(l.p99_ns, 4 * q.p99_ns) << "habit " << habit << ": 99 of 100 within " << l.p99_ns / 1000 << " us, quiet " << q.p99_ns / 1000;
  if (std::getenv("DOS_TRACE") != nullptr)
    std::printf("habit %d delay %llu us: blocks %llu of %llu, p99 %llu us, quiet %llu us, led %llu\n", int(habit),
                (unsigned long long)(net.delay_ns / 1000), (unsigned long long)l.blocks, (unsigned long long)q.blocks,
                (unsigned long long)(l.p99_ns / 1000), (unsigned long long)(q.p99_ns / 1000), (unsigned long long)liar.led());
}

TEST(SlowLeader, one_that_keeps_its_payloads_back_costs_the_others_little) {
  for (const auto& net : kNets) expect_bounded(Habit::late_payload, net);
}
TEST(SlowLeader, one_that_keeps_its_headers_back_costs_the_others_little) {
  for (const auto& net : kNets) expect_bounded(Habit::late_header, net);
}
TEST(SlowLeader, one_that_votes_and_never_leads_costs_the_others_little) {
  for (const auto& net : kNets) expect_bounded(Habit::silent, net);
}
// The wishes that are said as answers to it are not those by which it is judged.
TEST(SlowLeader, nor_does_it_if_it_asks_all_the_time) { expect_bounded(Habit::silent, kNets[1], true); }
TEST(SlowLeader, one_that_gives_its_blocks_to_some_costs_the_others_little) {
  for (const auto& net : kNets) expect_bounded(Habit::some_only, net);
}

TEST(SlowLeader, one_that_is_late_by_less_than_two_delays_costs_the_others_little) {
  for (const auto& net : kNets) expect_bounded(Habit::late_by_less, net);
}
// It is told in every turn, not once a second.
TEST(SlowLeader, one_that_is_late_when_it_was_prompt_just_before_costs_the_others_little) {
  for (const auto& net : kNets) expect_bounded(Habit::late_when_spared, net);
}

// Node 1 is cut off for five seconds under load; whatever that cost, it does not hide the liar.
TEST(SlowLeader, an_honest_stall_before_frees_no_liar) {
  const Net& net = kNets[1];
  const auto& q = when_quiet(net);
  Cluster c(options_of(net, 1));
  c.run_for(kSecond);
  measure(c, 0, kSecond, net.every_ns);
  c.swallow = [](std::uint16_t from, std::uint16_t, const Message&) { return from == 1; };
  measure(c, 0, 5 * kSecond, net.every_ns);
  c.swallow = nullptr;
  measure(c, 0, kSecond, net.every_ns);
  SlowLeader liar(c, 3, Habit::late_payload);
  const auto l = measure(c, 0, net.for_ns, net.every_ns);
  EXPECT_GT(liar.led(), 0u);
  EXPECT_GE(10 * l.transactions, 4 * q.transactions);
  EXPECT_LE(l.p99_ns, 4 * q.p99_ns);
}

TEST(SlowLeader, one_with_nearly_a_third_of_the_weight_costs_the_others_little) {
  for (const auto& net : {kNets[0], kNets[1]}) {
    auto o = options_of(net, 1);
    o.weights = {32, 17, 17, 17, 17};
    Cluster quiet(o), other(o);
    quiet.run_for(kSecond);
    const auto q = measure(quiet, 1, net.for_ns, net.every_ns);
    other.run_for(kSecond);
    SlowLeader liar(other, 0, Habit::late_payload);
    const auto l = measure(other, 1, net.for_ns, net.every_ns);
    EXPECT_GT(liar.led(), 0u);
    EXPECT_GE(10 * l.blocks, 4 * q.blocks) << "blocks " << l.blocks << " of " << q.blocks;
    EXPECT_LE(l.p99_ns, 4 * q.p99_ns) << l.p99_ns / 1000 << " us, quiet " << q.p99_ns / 1000;
  }
}

// A network at rest, and who makes one node believe that another one is slow: transactions that only this node has, in views that
// the other leads.
struct Aimed : ::testing::Test {
  Cluster c;
  void SetUp() override {
    c.run_for(kSecond);
    measure(c, 0, 2 * kSecond, 20 * kMs);
    c.run_for(kSecond);
  }
  std::uint64_t current() { return c.status(0).current.value; }
  // NULL of `who` in views that `chief` led.
  std::size_t refused(std::uint16_t who, std::uint16_t chief) const {
    return std::size_t(std::ranges::count_if(c.votes_heard(), [&](const auto& v) {
      const auto& [voter, view, kind] = v.first;
      return voter == who && kind == VoteKind::null && c.leader(view) == chief;
    }));
  }
  // unheard: nor does its wish for a block reach anybody. Else it leads next.
  void aim(std::uint16_t who, std::uint16_t at, bool unheard) {
    for (int k = 0; k < 400 && (c.leader(current()) != at || (!unheard && c.leader(current() + 1) != who)); ++k) {
      const auto tx = c.submit(0);
      ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 10 * kSecond));
      c.run_for(1500 * kMs);
    }
    ASSERT_EQ(c.leader(current()), at);
    const auto view = c.status(who).current;
    c.swallow = [=](std::uint16_t from, std::uint16_t, const Message& m) {
      return unheard && from == who && std::holds_alternative<StatusReport>(m);
    };
    c.options().gossip = false;
    const auto tx = c.submit(who);
    c.options().gossip = true;
    c.run_until([&] { return c.status(who).current > view; }, 10 * kSecond);
    c.swallow = nullptr;
    ASSERT_TRUE(c.run_until([&] { return c.is_final(who, tx); }, 20 * kSecond));
  }
};

TEST_F(Aimed, who_alone_has_something_blames_no_leader_for_not_having_it) {
  aim(0, 1, false);
  const auto before = refused(0, 1);
  measure(c, 0, 2 * kSecond, 20 * kMs);
  EXPECT_EQ(refused(0, 1), before);
}

// Whoever gives its transactions to node 0 alone whenever node 1 leads: a leader that is told answers, and who is told no more, as it was
// told too often, does not owe for that.
TEST_F(Aimed, nor_does_who_gets_transactions_alone_again_and_again) {
  std::uint64_t led = 0, blamed = 0;
  for (int k = 0; k < 600; ++k) {
    const auto view = current();
    c.options().gossip = c.leader(view) != 1;
    led += !c.options().gossip;
    const auto start = c.now(), before = refused(0, 1);
    const auto tx = c.submit(0);
    ASSERT_TRUE(c.run_until([&] { return c.is_final(0, tx); }, 10 * kSecond));
    blamed += refused(0, 1) > before && c.now() - start < 20 * kMs;  // at once
    c.run_for(2 * kMs);
  }
  c.options().gossip = true;
  EXPECT_GE(led, 50u);
  EXPECT_EQ(blamed, 0u);
  const auto before = refused(0, 1);
  measure(c, 0, 2 * kSecond, 20 * kMs);
  EXPECT_EQ(refused(0, 1), before);
}

// As a collection of garbage or a sync of the disk does: for 50 ms nothing that node 1 says leaves it, while it leads.
TEST_F(Aimed, one_stumble_of_an_honest_leader_is_forgotten_within_seconds) {
  for (int k = 0; k < 400 && c.leader(current()) != 1; ++k) {
    const auto tx = c.submit(0);
    ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, kSecond));
    c.run_for(50 * kMs);
  }
  const auto before = refused(0, 1);
  const auto over = c.now() + 50 * kMs;
  c.swallow = [&](std::uint16_t from, std::uint16_t to, const Message& m) {
    if (from != 1 || c.now() >= over) return false;
    c.later(over - c.now(), [this, to, m] { c.say(1, to, m); });
    return true;
  };
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, kSecond));
  c.run_for(kMs);
  c.swallow = nullptr;
  EXPECT_GE(c.now(), over);
  measure(c, 0, 4 * kSecond, 20 * kMs);
  const auto after = refused(0, 1), height = c.height(0);
  EXPECT_GT(after, before);  // it was blamed
  measure(c, 0, 2 * kSecond, 20 * kMs);
  EXPECT_EQ(refused(0, 1), after);
  std::uint64_t led = 0;
  for (auto h = height; h < c.height(0); ++h) led += c.node(0).finals[h].header.proposer == 1;
  EXPECT_GE(led, 10u);
}

// Each passes over another one, and the fourth says nothing: no view has all three until they see that it is not the leaders.
TEST_F(Aimed, nodes_that_pass_over_different_leaders_soon_pass_over_nobody) {
  for (const std::uint16_t i : {0, 1, 2}) aim(i, std::uint16_t((i + 1) % 3), true);
  c.swallow = [](std::uint16_t from, std::uint16_t, const Message&) { return from == 3; };
  const auto before = c.status(0).current;
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return c.is_final(0, tx) && c.is_final(1, tx) && c.is_final(2, tx); }, 60 * kSecond));
  EXPECT_LE(c.status(0).current.value - before.value, 12u);
}

TEST_F(Aimed, nor_with_one_of_four_dead) {
  for (const std::uint16_t i : {0, 1, 2}) aim(i, std::uint16_t((i + 1) % 3), true);
  c.power_off(3);
  const auto start = c.now();
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 60 * kSecond));
  EXPECT_LE(c.now() - start, 3 * kSecond);
  EXPECT_GE(measure(c, 0, 20 * kSecond, 100 * kMs).transactions, 190u);
}

// On a chain that rests between two transactions.
TEST(SlowLeader, one_that_dates_its_blocks_back_makes_no_block_of_long_ago) {
  Cluster c;
  c.run_for(kSecond);
  SlowLeader liar(c, 3, Habit::back_dated);
  std::uint64_t slow = 0;
  for (int k = 0; k < 60; ++k) {
    c.run_for(30 * kSecond);
    const auto start = c.now();
    const auto tx = c.submit(0);
    ASSERT_TRUE(c.run_until([&] { return c.is_final(0, tx); }, 10 * kSecond));
    slow += c.now() - start > 10 * kMs;
    const auto& h = c.node(0).finals.back().header;
    EXPECT_GE(h.time.value + kMaxClockBehindMs + 200, 1'000'000 + start / kMs) << k;
  }
  EXPECT_GE(slow, 1u);
  EXPECT_LE(slow, 30u);  // its turns
}

TEST(SlowLeader, it_leads_again_once_it_is_prompt) {
  Cluster c;
  c.run_for(kSecond);
  {
    SlowLeader liar(c, 3, Habit::silent);
    measure(c, 0, 3 * kSecond, 20 * kMs);
    c.swallow = nullptr;
    c.keeps_blocks = nullptr;
  }
  const auto before = c.height(0);
  measure(c, 0, 80 * kSecond, 200 * kMs);
  std::uint64_t led = 0;
  for (auto h = before; h < c.height(0); ++h) led += c.node(0).finals[h].header.proposer == 3;
  EXPECT_GT(led, 25u);
}

// A hundred times slower from one block to the next: everybody's views fail, and soon nobody's.
TEST(SlowLeader, a_network_that_becomes_slow_is_nobodys_fault) {
  Cluster c;
  c.run_for(kSecond);
  measure(c, 0, kSecond, 20 * kMs);
  c.options().delay_min_ns = 400 * kMs;
  c.options().delay_max_ns = 600 * kMs;
  const auto start = c.now();
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 120 * kSecond));
  EXPECT_LT(c.now() - start, 40 * kSecond);
  const auto slow = measure(c, 0, 120 * kSecond, 0);
  EXPECT_GT(slow.blocks, 40u);
  c.options().delay_min_ns = c.options().delay_max_ns = kMs / 4;
  c.run_for(2 * kSecond);
  measure(c, 0, kSecond, 20 * kMs);
  EXPECT_LE(measure(c, 0, 2 * kSecond, 20 * kMs).p99_ns, 10 * kMs);
}

// A quiet network in which one validator refuses every view: it may be a second's wish, not a mill.
TEST(SlowLeader, one_that_refuses_every_view_makes_the_others_write_at_a_bounded_pace) {
  ClusterOptions o;
  o.liars = {3};
  Cluster c(o);
  c.run_for(10 * kMs);
  const auto before = c.node(0).persists;
  std::uint64_t refused = 0;
  for (int k = 0; k < 10'000; ++k) {
    if (const auto view = c.status(0).current; view.value > refused && c.leader(view.value) != 3) {
      refused = view.value;
      c.say_all(3, Votes{{c.vote(3, {{VoteKind::null, view, Hash{}, Hash{}}})}});
    }
    c.run_for(kMs);
  }
  EXPECT_LE(c.height(0), 25u);                     // blocks in ten seconds
  EXPECT_LE(c.node(0).persists - before, 400u);
  const auto tx = c.submit(0);
  ASSERT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, kSecond));
}

struct Dates : ::testing::Test {
  std::unique_ptr<Cluster> c;
  void SetUp() override {
    ClusterOptions o;
    o.liars = {1, 2, 3};
    for (o.seed = 1;; ++o.seed) {
      c = std::make_unique<Cluster>(o);
      if (c->leader(1) == 1) break;
    }
    c->run_for(3600 * kSecond);  // a quiet hour
  }
  Proposal dated(std::uint64_t behind_ms) {
    auto p = c->propose(1, View{1}, nullptr, c->genesis().result, {5});
    p.header.time = TimeMs{p.header.time.value - behind_ms};
    p.vote = c->vote(1, {{VoteKind::notar, View{1}, ledger::block_id(p.header), Hash{}}});
    return p;
  }
  bool notarized() const { return c->votes_heard().contains({0, 1, VoteKind::notar}); }
  static constexpr std::uint64_t kBound = kMaxClockBehindMs + 150;  // and a view's time
};

TEST_F(Dates, a_header_dated_further_back_than_the_bound_gets_no_vote_and_its_view_is_given_up) {
  c->say(1, 0, dated(kBound + 10));
  c->run_for(20 * kMs);
  EXPECT_FALSE(notarized());
  c->run_for(kSecond);
  EXPECT_TRUE(c->votes_heard().contains({0, 1, VoteKind::null}));
  EXPECT_FALSE(notarized());
}

TEST_F(Dates, up_to_the_bound_it_gets_one) {
  c->say(1, 0, dated(kBound - 10));
  c->run_for(20 * kMs);
  EXPECT_TRUE(notarized());
}

TEST_F(Dates, it_is_judged_when_the_header_comes_and_not_when_its_payload_does) {
  const auto p = dated(0);
  c->say(1, 0, p, false);
  c->run_for((kBound + 500) * kMs);
  c->say(1, 0, p);
  c->run_for(20 * kMs);
  EXPECT_TRUE(notarized());
}

TEST(Clocks, one_that_is_a_day_wrong_does_not_stop_the_network) {
  for (const bool ahead : {false, true}) {
    Cluster c;
    for (std::uint16_t i = 0; i < 4; ++i) c.node(i).wall_skew_ms = (i == 3) == ahead ? 86'400'000 : 0;
    c.run_for(kSecond);
    const auto m = measure(c, 0, 20 * kSecond, 100 * kMs);
    EXPECT_GE(m.blocks, 150u) << ahead;
    EXPECT_EQ(c.height(3), c.height(0));
    for (const auto& f : c.node(0).finals) EXPECT_FALSE(ahead && f.header.proposer == 3);  // nobody takes a time of tomorrow
  }
}

// Half of the clocks twenty seconds ahead of the others: nobody's time is believed by a strong set, and it decides all the same.
TEST(Clocks, where_they_differ_widely_they_are_believed_less_and_the_network_decides) {
  Cluster c;
  for (const std::uint16_t i : {2, 3}) c.node(i).wall_skew_ms = 20'000;
  const auto tx = c.submit(0);
  EXPECT_TRUE(c.run_until([&] { return final_everywhere(c, tx); }, 600 * kSecond));
}

}  // namespace
}  // namespace dos::consensus::test
