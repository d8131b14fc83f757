// The checkers see what they are for.
#include <gtest/gtest.h>

#include "consensus/journal_records.hpp"
#include "fakes/log.hpp"
#include "sim/checkers/agreement.hpp"
#include "sim/checkers/bank.hpp"
#include "sim/checkers/votes.hpp"
#include "store/journal.hpp"

namespace dos::sim {
namespace {

Hash hash_of(std::uint8_t n) {
  Hash h;
  h.bytes.fill(n);
  return h;
}
FinalFact fact(std::uint8_t n) { return {hash_of(n), hash_of(std::uint8_t(n + 1)), hash_of(std::uint8_t(n + 2))}; }

TEST(Agreement, two_blocks_of_one_height_are_seen) {
  Failures failures;
  Agreement a(failures);
  EXPECT_TRUE(a.final_block(0, Height{1}, fact(1)));
  EXPECT_FALSE(a.final_block(1, Height{1}, fact(1)));
  EXPECT_FALSE(failures.any());
  a.final_block(2, Height{1}, fact(9));
  EXPECT_TRUE(failures.any());
}

TEST(Agreement, a_gap_and_a_block_that_another_life_did_not_have_are_seen) {
  Failures gap, other;
  Agreement a(gap), b(other);
  a.final_block(0, Height{1}, fact(1));
  a.final_block(0, Height{3}, fact(3));
  EXPECT_TRUE(gap.any());
  b.final_block(0, Height{1}, fact(1));
  b.opened(0, Height{1}, fact(5));
  EXPECT_TRUE(other.any());
}

struct Voter {
  Failures failures;
  VoteWatch watch{failures};
  SimDisk disk;
  NullLog log;
  SimEntropy entropy{Random(1)};
  std::unique_ptr<store::Journal> journal;
  Voter() {
    EXPECT_TRUE(disk.make_folder("journal").has_value());
    watch.watch(0, disk, "journal");
    store::JournalOptions small;
    small.segment_bytes = 8192;
    journal = std::move(*store::Journal::open(folder_, entropy, log, small));
  }
  void keep(const ledger::Vote& vote) {
    auto r = consensus::encode_vote(vote, Height{1});
    const store::JournalRecord record{std::uint8_t(r.kind), 1, std::move(r.bytes)};
    EXPECT_TRUE(journal->append(std::span(&record, 1)).has_value());
  }
  static ledger::Vote vote(ledger::VoteKind kind, std::uint64_t view, std::uint8_t id) {
    ledger::VoteItem item{kind, View{view}, kind == ledger::VoteKind::null ? Hash{} : hash_of(id),
                          kind == ledger::VoteKind::final ? hash_of(id) : Hash{}};
    return {{Epoch{0}, 0, {item}}, {}};
  }
  SubDisk folder_{disk, "journal"};
};

TEST(VoteWatch, a_vote_that_left_before_it_was_durable_is_seen) {
  Voter v;
  const auto vote = Voter::vote(ledger::VoteKind::notar, 3, 1);
  v.keep(vote);
  v.watch.sent(0, 0, vote);
  EXPECT_FALSE(v.failures.any());
  v.watch.sent(0, 0, Voter::vote(ledger::VoteKind::final, 3, 1));
  EXPECT_TRUE(v.failures.any());
}

TEST(VoteWatch, a_header_may_leave_right_above_what_is_durable_and_nowhere_else) {
  using enum ledger::VoteKind;
  for (const std::uint64_t view : {3u, 4u, 5u}) {
    Voter v;
    v.keep(Voter::vote(null, 3, 0));
    v.watch.sent(0, 0, Voter::vote(notar, view, 1), true);
    EXPECT_EQ(v.failures.any(), view != 4) << view;
    EXPECT_EQ(v.watch.ahead(), view == 4 ? 1u : 0u);
  }
  Voter v;
  v.keep(Voter::vote(null, 3, 0));
  v.watch.sent(0, 0, Voter::vote(notar, 4, 1));  // not with its header
  EXPECT_TRUE(v.failures.any());
}

TEST(VoteWatch, a_sync_that_kept_nothing_does_not_count) {
  Voter v;
  v.disk.lose_syncs = true;
  const auto vote = Voter::vote(ledger::VoteKind::notar, 3, 1);
  v.keep(vote);
  v.watch.sent(0, 0, vote);
  EXPECT_TRUE(v.failures.any());
}

TEST(VoteWatch, conflicting_votes_are_seen_and_others_are_not) {
  using enum ledger::VoteKind;
  const auto judge = [](std::vector<ledger::Vote> votes) {
    Voter v;
    for (const auto& vote : votes) {
      v.keep(vote);
      v.watch.sent(0, 0, vote);
    }
    return v.failures.any();
  };
  EXPECT_TRUE(judge({Voter::vote(notar, 1, 1), Voter::vote(notar, 1, 2)}));
  EXPECT_TRUE(judge({Voter::vote(final, 1, 1), Voter::vote(null, 1, 0)}));
  EXPECT_TRUE(judge({Voter::vote(null, 1, 0), Voter::vote(final, 1, 1)}));
  EXPECT_TRUE(judge({Voter::vote(final, 1, 1), Voter::vote(final, 1, 2)}));
  EXPECT_FALSE(judge({Voter::vote(null, 1, 0), Voter::vote(notar, 1, 1), Voter::vote(notar, 2, 1), Voter::vote(final, 2, 1)}));
}

TEST(Bank, a_second_effect_of_one_transaction_is_seen) {
  Failures failures;
  Bank bank(failures);
  bank.open_account("a", 100);
  bank.open_account("b", 0);
  bank.made(hash_of(1), {"a", "b", 10});
  ledger::Receipt r;
  r.txid = hash_of(1);
  r.fee = Credits{1};
  bank.block(Height{1}, {r});
  EXPECT_EQ(bank.balances().at("a"), 89u);
  EXPECT_EQ(bank.balances().at("b"), 10u);
  EXPECT_FALSE(failures.any());
  bank.block(Height{3}, {r});
  EXPECT_TRUE(failures.any());
}

TEST(Bank, what_could_not_stand_in_a_block_is_seen_in_it) {
  Failures failures;
  Bank bank(failures);
  ledger::Receipt r;
  r.status = ledger::TxStatus::skipped;
  bank.block(Height{2}, {r});
  EXPECT_TRUE(failures.any());
}

}  // namespace
}  // namespace dos::sim
