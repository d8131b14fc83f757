#include "replica/pool.hpp"

#include <gtest/gtest.h>

#include "codec/bcs.hpp"

namespace dos::replica {
namespace {

PoolEntry entry(std::uint32_t n, std::size_t bytes = 100, const std::string& account = "alice", std::uint16_t from = PoolEntry::kHere) {
  PoolEntry e;
  e.tx.tx.valid_until = TimeMs{1000 + n};
  e.tx.tx.limits.gas = Gas{10};
  e.encoded.resize(bytes);
  for (int i = 0; i < 4; ++i) e.txid.bytes[i] = e.wtxid.bytes[i] = std::uint8_t(n >> (8 * i));
  e.wtxid.bytes[31] = 1;
  e.account = account;
  e.from = from;
  return e;
}

const Pool::Judge kAll = [](const PoolRef&) { return Pool::Fit::taken; };

struct Taker {  // adds, and keeps what had to go
  Pool pool;
  std::vector<PoolRef> out;
  explicit Taker(PoolLimits limits = {}) : pool(limits) {}
  Status add(PoolEntry e) { return pool.add(std::move(e), out); }
};

std::vector<std::uint32_t> numbers(const std::vector<PoolRef>& chosen) {
  std::vector<std::uint32_t> out;
  for (const auto& e : chosen) out.push_back(e->txid.bytes[0] | std::uint32_t(e->txid.bytes[1]) << 8);
  return out;
}

TEST(Pool, gives_the_oldest_of_a_payer_without_what_the_branch_carries_or_time_has_passed) {
  Taker t;
  for (std::uint32_t n = 0; n < 6; ++n) ASSERT_TRUE(t.add(entry(n)));
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, kAll)), (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(numbers(t.pool.choose({entry(3).txid}, TimeMs{1002}, kAll)), (std::vector<std::uint32_t>{2, 4, 5}));
  std::uint32_t room = 3;
  const auto until = [&](const PoolRef&) { return room == 0 ? Pool::Fit::full : (--room, Pool::Fit::taken); };
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, until)), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(t.pool.count(), 6u);  // they stay until they are final
}

TEST(Pool, what_earlier_final_blocks_left_is_given_out_in_turn_to_be_judged_again) {
  Taker t;
  for (std::uint32_t n = 0; n < 5; ++n) ASSERT_TRUE(t.add(entry(n)));
  EXPECT_TRUE(t.pool.left_behind(3).empty());  // they came since the last final block
  ASSERT_TRUE(t.add(entry(5)));
  EXPECT_EQ(numbers(t.pool.left_behind(3)), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(numbers(t.pool.left_behind(3)), (std::vector<std::uint32_t>{3, 4, 5}));
  t.pool.finish(entry(1).txid);
  EXPECT_EQ(numbers(t.pool.left_behind(4)), (std::vector<std::uint32_t>{0, 2, 3, 4}));
  EXPECT_EQ(numbers(t.pool.left_behind(9)), (std::vector<std::uint32_t>{5, 0, 2, 3, 4}));  // each once
}

TEST(Pool, blocks_take_from_each_payer_in_turn_and_go_on_where_the_last_one_ended) {
  Taker t;
  for (std::uint32_t n = 0; n < 50; ++n) ASSERT_TRUE(t.add(entry(n, 100, "rich")));
  for (std::uint32_t n = 50; n < 54; ++n) ASSERT_TRUE(t.add(entry(n, 100, "p" + std::to_string(n))));
  std::uint32_t room = 3;
  const auto until = [&](const PoolRef&) { return room == 0 ? Pool::Fit::full : (--room, Pool::Fit::taken); };
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, until)), (std::vector<std::uint32_t>{50, 51, 52}));
  room = 3;
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, until)), (std::vector<std::uint32_t>{53, 0, 50}));
  room = 8;
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, until)), (std::vector<std::uint32_t>{51, 52, 53, 0, 50, 1, 2, 3}));
}

// What does not fit costs a look each, at most so many a payer and a block, and keeps nobody behind it out.
TEST(Pool, what_does_not_fit_is_passed_over_within_bounds) {
  Taker t;
  const std::uint32_t payers = kPassedOver / kPassedOverInLine + 10;
  std::uint32_t n = 0;
  for (std::uint32_t p = 0; p < payers; ++p)
    for (std::uint32_t i = 0; i < kPassedOverInLine + 2; ++i) ASSERT_TRUE(t.add(entry(n++, 100, "junk" + std::to_string(1000 + p))));
  ASSERT_TRUE(t.add(entry(n, 100, "zoe")));
  std::uint32_t looks = 0;
  const auto judge = [&](const PoolRef& e) { return ++looks, e->account == "zoe" ? Pool::Fit::taken : Pool::Fit::later; };
  EXPECT_TRUE(t.pool.choose({}, TimeMs{0}, judge).empty());
  EXPECT_EQ(looks, kPassedOver);
  looks = 0;
  EXPECT_EQ(t.pool.choose({}, TimeMs{0}, judge).size(), 1u);  // it goes on behind those
  EXPECT_LE(looks, kPassedOver + 1);
}

TEST(Pool, a_purse_covers_all_that_waits_for_it) {
  Taker t;
  const auto costing = [](std::uint32_t n, std::uint64_t reserves, const std::string& account = "alice") {
    auto e = entry(n, 100, account);
    e.reserves = reserves;
    e.balance = 100;
    return e;
  };
  ASSERT_TRUE(t.add(costing(1, 60)));
  ASSERT_TRUE(t.add(costing(2, 40)));
  const auto over = t.add(costing(3, 1));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Errc::busy);
  EXPECT_NE(over.error().detail.find("2 transactions waiting"), std::string::npos) << over.error().detail;
  EXPECT_TRUE(t.add(costing(4, 100, "bob")));
  t.pool.finish(entry(2).txid);
  EXPECT_TRUE(t.add(costing(3, 40)));
}

TEST(Pool, bare_keys_share_one_small_line_in_which_more_work_goes_first) {
  Taker t({.bare_bytes = 450, .bare_count = 3});
  const auto bare = [](std::uint32_t n, std::uint64_t rank, std::size_t bytes = 100) {
    auto e = entry(n, bytes, kBareKeys);
    e.rank = rank;
    return e;
  };
  ASSERT_TRUE(t.add(bare(1, 30)));
  ASSERT_TRUE(t.add(bare(2, 10)));
  ASSERT_TRUE(t.add(bare(3, 20)));
  EXPECT_EQ(t.pool.bare_keys(), 3u);
  EXPECT_EQ(t.add(bare(4, 30)).error().code, Errc::busy);
  EXPECT_TRUE(t.out.empty());
  ASSERT_TRUE(t.add(bare(5, 29)));
  ASSERT_EQ(t.out.size(), 1u);
  EXPECT_EQ(t.out[0]->txid, entry(1).txid);
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, kAll)), (std::vector<std::uint32_t>{2, 3, 5}));
  // For one of many bytes more have to go, or none if one of them shows more.
  EXPECT_EQ(t.add(bare(6, 15, 400)).error().code, Errc::busy);
  EXPECT_EQ(t.pool.bare_keys(), 3u);
  ASSERT_TRUE(t.add(bare(6, 15, 350)));
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, kAll)), (std::vector<std::uint32_t>{2, 6}));
  ASSERT_TRUE(t.add(entry(7)));  // others have their own
}

TEST(Pool, what_others_send_never_takes_the_place_of_what_clients_hand_in) {
  Taker t({.bytes = 1000, .account_bytes = 1000, .peers_bytes = 600, .peer_bytes = 400, .count = 100});
  std::uint32_t n = 0;
  while (t.add(entry(n, 100, "p" + std::to_string(n), 1))) ++n;
  EXPECT_EQ(t.pool.bytes(), 400u);  // its own share
  while (t.add(entry(n, 100, "p" + std::to_string(n), 2))) ++n;
  EXPECT_EQ(t.pool.bytes(), 600u);  // that of all peers together
  ASSERT_EQ(t.out.size(), 1u);      // which the two share alike
  EXPECT_EQ(t.out[0]->txid, entry(3).txid);
  EXPECT_TRUE(t.add(entry(n++, 100, "x", 3)));  // and with a third
  EXPECT_EQ(t.pool.bytes(), 600u);
  for (int i = 0; i < 4; ++i, ++n) EXPECT_TRUE(t.add(entry(n, 100, "mine"))) << i;
  EXPECT_EQ(t.add(entry(n, 100, "mine")).error().code, Errc::pool_full);
}

// Who fills the pool has to give way to those who come, newest first; who has most itself is told that there is no room.
TEST(Pool, a_full_pool_takes_newcomers_in_the_place_of_whoever_has_most) {
  for (const bool of_bytes : {true, false}) {
    Taker t(of_bytes ? PoolLimits{.bytes = 1000, .account_bytes = 2000, .count = 1000} : PoolLimits{.bytes = 100'000, .count = 10});
    std::uint32_t n = 0;
    for (; n < 2; ++n) ASSERT_TRUE(t.add(entry(n, 100, "small")));
    for (; n < 6; ++n) ASSERT_TRUE(t.add(entry(n, 100, "large")));
    for (; n < 8; ++n) ASSERT_TRUE(t.add(entry(n, 100, "large", 1)));
    for (; n < 10; ++n) ASSERT_TRUE(t.add(entry(n, 100, "large")));
    EXPECT_EQ(t.add(entry(n, 100, "large")).error().code, Errc::pool_full);
    EXPECT_TRUE(t.out.empty());
    // What a peer sends takes the place of what peers sent only, the newest of it first.
    ASSERT_TRUE(t.add(entry(10, 100, "new", 2)));
    ASSERT_TRUE(t.add(entry(11, 100, "newer")));
    EXPECT_EQ(t.add(entry(12, 100, "newest", 2)).error().code, Errc::pool_full);
    ASSERT_TRUE(t.add(entry(12, 100, "newest")));
    EXPECT_EQ(numbers(t.out), (std::vector<std::uint32_t>{7, 6, 9}));
    ASSERT_TRUE(t.add(entry(13, 100, "small")));
    EXPECT_EQ(t.out.back()->txid, entry(8).txid);
    EXPECT_EQ(t.add(entry(14, 100, "small")).error().code, Errc::pool_full);  // no more than `large` has now
    EXPECT_EQ(t.pool.count(), 10u);
    EXPECT_EQ(t.pool.bytes(), 1000u);
    EXPECT_EQ(t.pool.drain().size(), 10u);
    EXPECT_TRUE(t.add(entry(15)));
  }
}

TEST(Pool, a_peer_has_a_fourth_of_the_count_and_peers_together_three) {
  Taker t({.count = 40});
  std::uint32_t n = 0;
  for (; n < 10; ++n) ASSERT_TRUE(t.add(entry(n, 100, "p" + std::to_string(n), 1)));
  EXPECT_EQ(t.add(entry(n, 100, "x", 1)).error().code, Errc::busy);
  for (; n < 30; ++n) ASSERT_TRUE(t.add(entry(n, 100, "p" + std::to_string(n), std::uint16_t(1 + n / 10))));
  ASSERT_TRUE(t.add(entry(n, 100, "x", 9)));  // in the place of one of those that have most
  EXPECT_EQ(t.out.size(), 1u);
  EXPECT_EQ(t.pool.count(), 30u);
  for (std::uint32_t i = 0; i < 10; ++i)
    ASSERT_TRUE(t.add(entry(100 + i, 100, "own" + std::to_string(i)))) << i;  // however much peers sent
}

// What no block can take goes once it is known for good: until then it costs its line no turn.
TEST(Pool, what_can_stand_in_no_block_does_not_hold_up_its_line) {
  Taker t;
  for (std::uint32_t n = 0; n < kNeverInLine; ++n) ASSERT_TRUE(t.add(entry(n)));
  ASSERT_TRUE(t.add(entry(100, 100, "bob")));
  const auto judge = [&](const PoolRef& e) { return e->tx.tx.valid_until.value < 1100 ? Pool::Fit::never : Pool::Fit::taken; };
  ASSERT_TRUE(t.pool.finish(entry(7).txid));
  ASSERT_TRUE(t.add(entry(101)));
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, judge)), (std::vector<std::uint32_t>{101, 100}));
  ASSERT_TRUE(t.pool.finish(entry(101).txid));
  ASSERT_TRUE(t.add(entry(7)));
  ASSERT_TRUE(t.add(entry(101)));  // behind as many as are looked at
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, judge)), (std::vector<std::uint32_t>{100}));
}

// Whom those before it left no room begins the next block, where there is room.
TEST(Pool, who_did_not_fit_any_more_has_the_first_turn_of_the_next_block) {
  Taker t;
  for (std::uint32_t n = 0; n < 20; ++n) ASSERT_TRUE(t.add(entry(n, 100, "p" + std::to_string(n % 4))));
  ASSERT_TRUE(t.add(entry(50, 500, "p2-large")));
  std::uint64_t room = 0;
  const auto judge = [&](const PoolRef& e) {
    if (room == 0) return Pool::Fit::full;
    if (room < e->encoded.size()) return Pool::Fit::later;
    room -= e->encoded.size();
    return Pool::Fit::taken;
  };
  room = 500;
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, judge)), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  room = 500;
  EXPECT_EQ(numbers(t.pool.choose({}, TimeMs{0}, judge)), (std::vector<std::uint32_t>{50}));
}

TEST(Pool, one_account_has_its_share_and_gets_it_back) {
  Taker t({.account_bytes = 250, .account_count = 3});
  ASSERT_TRUE(t.add(entry(1)));
  ASSERT_TRUE(t.add(entry(2)));
  EXPECT_EQ(t.add(entry(3)).error().code, Errc::busy);
  EXPECT_TRUE(t.add(entry(4, 100, "bob")));
  ASSERT_TRUE(t.pool.finish(entry(1).txid));
  EXPECT_TRUE(t.add(entry(3, 50)));
  EXPECT_TRUE(t.add(entry(5, 50)));
  EXPECT_EQ(t.add(entry(6, 1)).error().code, Errc::busy);  // three of any size
}

TEST(Pool, holds_one_transaction_of_a_sender_for_each_version_consumed_and_those_of_strangers_beside_it) {
  Taker t;
  const auto consuming = [](std::uint32_t n, const std::string& sender) {
    auto e = entry(n, 100, sender);
    e.tx.tx.sender.is = ledger::AccountSender{sender, "active"};
    e.tx.tx.access = {{ledger::Exact{Bytes{1, 2}, Version{Height{3}, 4}}}};
    return e;
  };
  ASSERT_TRUE(t.add(consuming(1, "mallory")));
  ASSERT_TRUE(t.add(consuming(2, "alice")));  // that mallory names it takes nothing from her
  EXPECT_EQ(t.add(consuming(3, "alice")).error().code, Errc::stale);  // read again: by then the other one is final
  auto bare = consuming(4, "x");
  bare.tx.tx.sender.is = ledger::KeySender{};
  EXPECT_TRUE(t.add(bare));
  t.pool.finish(entry(2).txid);
  EXPECT_TRUE(t.add(consuming(3, "alice")));
}

TEST(Pool, gives_up_what_no_block_can_take_any_more) {
  Taker t;
  for (std::uint32_t n = 0; n < 4; ++n) ASSERT_TRUE(t.add(entry(n)));
  EXPECT_EQ(t.pool.expire(TimeMs{1000}).size(), 0u);  // valid up to and including its time
  EXPECT_EQ(t.pool.expire(TimeMs{1002}).size(), 2u);
  EXPECT_EQ(t.pool.find(entry(1).txid), nullptr);
  EXPECT_NE(t.pool.find_wtxid(entry(2).wtxid), nullptr);
  EXPECT_EQ(t.pool.drain().size(), 2u);
  EXPECT_EQ(t.pool.bytes(), 0u);
}

}  // namespace
}  // namespace dos::replica
