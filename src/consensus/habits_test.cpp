// Habits of one validator that are each within what is taken of anybody, all at once: what they add up to is bounded (B18: at
// least 40 % of the throughput, four times the quiet p99), also where validators are a quarter of a millisecond apart.
#include "consensus/test_slow_leader.hpp"

namespace dos::consensus::test {
namespace {

using ledger::VoteKind;

// Its headers come late and never to who leads next, it serves no block, gives no FINAL, and wishes for a block in every view.
class Habits {
 public:
  Habits(Cluster& c, std::uint16_t self, std::uint64_t late_ns) : c_(c), self_(self), late_ns_(late_ns) {
    c_.swallow = [this](std::uint16_t from, std::uint16_t to, const Message& m) { return from == self_ && !said_ && keeps(to, m); };
    c_.keeps_blocks = [this](std::uint16_t who) { return who == self_; };
    wish();
  }

 private:
  void say(std::uint16_t to, const Message& m, bool with_payload) {
    said_ = true;
    c_.say(self_, to, m, with_payload);
    said_ = false;
  }
  void wish() {
    for (std::uint16_t to = 0; to < c_.size(); ++to)
      if (to != self_)
        say(to, StatusReport{c_.facts().epoch, c_.status(to).current, {}, Height{c_.height(to) + 1'000'000}, {}, {}, true}, true);
    c_.later(kMs / 4, [this] { wish(); });
  }
  bool keeps(std::uint16_t to, const Message& m) {
    if (const auto* v = std::get_if<Votes>(&m))
      return std::ranges::any_of(
          v->votes, [this](const auto& vote) { return vote.ballot.voter == self_ && vote.ballot.items.front().kind == VoteKind::final; });
    const auto* p = std::get_if<Proposal>(&m);
    if (p == nullptr || p->header.proposer != self_) return false;
    if (to != c_.leader(p->header.view.value + 1)) c_.later(late_ns_, [this, to, late = *p] { say(to, late, true); });
    return true;
  }

  Cluster& c_;
  std::uint16_t self_;
  std::uint64_t late_ns_;
  bool said_ = false;
};

TEST(Habits, that_are_each_taken_of_anybody_add_up_to_what_is_promised) {
  ClusterOptions o;
  o.seed = 2;
  o.delay_min_ns = 250'000;
  o.delay_max_ns = 312'500;
  constexpr std::uint64_t kFor = 2 * kSecond;
  Cluster quiet(o);
  quiet.run_for(kSecond);
  const auto alone = measure(quiet, 0, kFor, 0);
  for (const std::uint64_t late_ns : {1'500'000, 3'000'000}) {
    Cluster c(o);
    c.run_for(kSecond);
    Habits liar(c, 3, late_ns);
    const auto beside = measure(c, 0, kFor, 0);
    EXPECT_GE(beside.transactions * 10, alone.transactions * 4) << late_ns;
    EXPECT_LE(beside.p99_ns, 4 * alone.p99_ns) << late_ns;
    for (const auto& [what, item] : c.votes_heard()) {
      const auto& [voter, view, kind] = what;
      EXPECT_FALSE(kind == VoteKind::null && voter != 3 && c.leader(view) != 3) << "an honest leader's turn was refused";
    }
  }
}

}  // namespace
}  // namespace dos::consensus::test
