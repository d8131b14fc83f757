#include "node/pool.hpp"

#include <gtest/gtest.h>

#include "codec/bcs.hpp"

namespace dos::node {
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

TEST(Pool, gives_the_oldest_within_bytes_and_gas_without_what_the_branch_carries_or_time_has_passed) {
  Pool pool;
  for (std::uint32_t n = 0; n < 6; ++n) ASSERT_TRUE(pool.add(entry(n)));
  EXPECT_EQ(pool.choose(1000, 1000, TimeMs{0}, {}).size(), 6u);
  EXPECT_EQ(pool.choose(250, 1000, TimeMs{0}, {}).size(), 2u);
  EXPECT_EQ(pool.choose(1000, 35, TimeMs{0}, {}).size(), 3u);
  EXPECT_EQ(pool.choose(10, 1, TimeMs{0}, {}).size(), 1u);  // one may always go
  const auto chosen = pool.choose(1000, 1000, TimeMs{1002}, {entry(3).txid});
  ASSERT_EQ(chosen.size(), 3u);
  EXPECT_EQ(chosen[0]->txid, entry(2).txid);
  EXPECT_EQ(chosen[1]->txid, entry(4).txid);
  EXPECT_EQ(pool.count(), 6u);  // they stay until they are final
}

TEST(Pool, what_others_send_never_takes_the_place_of_what_clients_hand_in) {
  Pool pool({.bytes = 1000, .account_bytes = 1000, .peers_bytes = 600, .peer_bytes = 400, .count = 100});
  std::uint32_t n = 0;
  while (pool.add(entry(n, 100, "p" + std::to_string(n), 1))) ++n;
  EXPECT_EQ(pool.bytes(), 400u);  // its own share
  while (pool.add(entry(n, 100, "p" + std::to_string(n), 2))) ++n;
  EXPECT_EQ(pool.bytes(), 600u);  // that of all peers together
  EXPECT_EQ(pool.add(entry(n, 100, "x", 3)).error().code, Errc::busy);
  for (int i = 0; i < 4; ++i, ++n) EXPECT_TRUE(pool.add(entry(n, 100, "mine"))) << i;
  EXPECT_EQ(pool.add(entry(n, 100, "mine")).error().code, Errc::pool_full);
}

TEST(Pool, one_account_has_its_share_and_gets_it_back) {
  Pool pool({.account_bytes = 250});
  ASSERT_TRUE(pool.add(entry(1)));
  ASSERT_TRUE(pool.add(entry(2)));
  EXPECT_EQ(pool.add(entry(3)).error().code, Errc::busy);
  EXPECT_TRUE(pool.add(entry(4, 100, "bob")));
  ASSERT_TRUE(pool.finish(entry(1).txid));
  EXPECT_TRUE(pool.add(entry(3)));
}

TEST(Pool, holds_one_transaction_for_each_version_consumed) {
  Pool pool;
  auto a = entry(1), b = entry(2);
  a.tx.tx.access = b.tx.tx.access = {{ledger::Exact{Bytes{1, 2}, Version{Height{3}, 4}}}};
  ASSERT_TRUE(pool.add(std::move(a)));
  EXPECT_EQ(pool.add(b).error().code, Errc::stale);  // read again: by then the other one is final
  pool.finish(entry(1).txid);
  EXPECT_TRUE(pool.add(b));
}

TEST(Pool, gives_up_what_no_block_can_take_any_more) {
  Pool pool;
  for (std::uint32_t n = 0; n < 4; ++n) ASSERT_TRUE(pool.add(entry(n)));
  EXPECT_EQ(pool.expire(TimeMs{1000}).size(), 0u);  // valid up to and including its time
  EXPECT_EQ(pool.expire(TimeMs{1002}).size(), 2u);
  EXPECT_EQ(pool.find(entry(1).txid), nullptr);
  EXPECT_NE(pool.find_wtxid(entry(2).wtxid), nullptr);
  EXPECT_EQ(pool.drain().size(), 2u);
  EXPECT_EQ(pool.bytes(), 0u);
}

}  // namespace
}  // namespace dos::node
