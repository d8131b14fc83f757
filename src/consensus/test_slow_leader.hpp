// A validator whose engine is sound and whose own views are as slow as it can make them: what it sends of its own proposals is
// kept back. Tests only.
#pragma once
#include "consensus/test_cluster.hpp"

namespace dos::consensus::test {

class SlowLeader {
 public:
  enum Habit {
    late_payload,  // the header at once, the payload when the view's time is nearly over
    late_header,   // both then
    silent,        // neither; it votes like any other
    some_only,     // the payload at once, to as many as make a strong set with it; and no FINAL
    back_dated,    // a time just behind the parent's
    late_by_less,  // header and payload when the others have nearly waited for two least delays
    late_when_spared,  // so, but at once in its first turn of each second
  };
  SlowLeader(Cluster& cluster, std::uint16_t self, Habit habit) : c_(cluster), self_(self), habit_(habit) {
    c_.swallow = [this](std::uint16_t from, std::uint16_t to, const Message& m) { return from == self_ && !saying_ && changes(to, m); };
    c_.keeps_blocks = [this](std::uint16_t holder) { return holder == self_; };
    if (habit == back_dated) c_.node(self_).dates_ahead_ms.reset();
  }
  std::uint64_t led() const { return led_; }  // views in which it made a header

 private:
  bool changes(std::uint16_t to, const Message& m) {
    if (const auto* v = std::get_if<Votes>(&m); v != nullptr && habit_ == some_only)
      for (const auto& vote : v->votes)
        for (const auto& item : vote.ballot.items)
          if (vote.ballot.voter == self_ && item.kind == ledger::VoteKind::final) return true;
    const auto* p = std::get_if<Proposal>(&m);
    if (p == nullptr || p->header.proposer != self_) return false;
    if (last_ != p->header.view) adapt(p->header.view);
    if (habit_ == late_payload) say(to, *p, false);
    if (habit_ == late_payload || habit_ == late_header) c_.later(wait_ns_, [this, to, p = *p] { say(to, p, true); });
    if (habit_ == late_by_less || habit_ == late_when_spared)
      c_.later(prompt_ ? kPromptNs : kLessNs, [this, to, p = *p] { say(to, p, true); });
    if (habit_ == some_only) return to == (self_ + 1 + last_.value % (c_.size() - 1)) % c_.size();
    return habit_ != back_dated;
  }
  // Longer while its blocks become final, shorter when one did not: as near to the time-out as it can find.
  void adapt(View now) {
    const auto& finals = c_.node(std::uint16_t((self_ + 1) % c_.size())).finals;
    const bool passed = std::ranges::any_of(finals.rbegin(), finals.rend(), [this](const auto& f) { return f.header.view == last_; });
    if (led_++ > 0) wait_ns_ = passed ? wait_ns_ * 5 : std::max(kLeastWaitNs, wait_ns_ / 3);
    prompt_ = habit_ == late_when_spared && c_.now() >= prompt_again_;
    if (prompt_) prompt_again_ = c_.now() + kSecondNs;
    last_ = now;
  }
  void say(std::uint16_t to, const Proposal& p, bool with_payload) {
    saying_ = true;
    c_.say(self_, to, p, with_payload);
    saying_ = false;
  }

  static constexpr std::uint64_t kSecondNs = 1'000 * kMs, kLessNs = 48 * kMs, kPromptNs = 4 * kMs;
  static constexpr std::uint64_t kLeastWaitNs = 135 * kMs;  // nine tenths of the shortest time of a view
  Cluster& c_;
  std::uint16_t self_;
  Habit habit_;
  std::uint64_t wait_ns_ = kLeastWaitNs, led_ = 0;
  View last_;
  bool saying_ = false, prompt_ = false;
  std::uint64_t prompt_again_ = 0;
};

struct Measured {
  std::uint64_t blocks = 0, transactions = 0, p99_ns = 0;
};

// Transactions handed to node `by`, one every `every_ns`; 0: each when the one before is final there.
inline Measured measure(Cluster& c, std::uint16_t by, std::uint64_t for_ns, std::uint64_t every_ns) {
  std::map<std::uint64_t, std::uint64_t> waiting;  // since when
  std::vector<std::uint64_t> took;
  const auto& finals = c.node(by).finals;
  const auto first = finals.size();
  auto seen = first;
  const auto end = c.now() + for_ns;
  std::uint64_t next = c.now();
  while (c.now() < end) {
    if (c.now() >= next) {
      waiting[c.submit(by)] = c.now();
      next = every_ns == 0 ? end : next + every_ns;
    }
    c.run_until([&] { return finals.size() > seen; }, std::min(next, end) - c.now());
    for (; seen < finals.size(); ++seen) {
      const auto payload = c.payload_of(finals[seen].header);
      const auto txs = codec::decode<std::vector<std::uint64_t>>(payload);
      for (const auto tx : *txs) {
        took.push_back(c.now() - waiting.at(tx));
        waiting.erase(tx);
        if (every_ns == 0) next = c.now();
      }
    }
  }
  for (const auto& [tx, at] : waiting) took.push_back(c.now() - at);
  std::ranges::sort(took);
  return {finals.size() - first, took.size(), took.empty() ? 0 : took[(took.size() * 99 + 99) / 100 - 1]};
}

}  // namespace dos::consensus::test
