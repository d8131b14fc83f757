#include "chain/block_payload.hpp"

#include <gtest/gtest.h>

namespace dos::chain {
namespace {

ledger::SignedTransaction transaction(std::uint64_t until) {
  ledger::SignedTransaction tx;
  tx.tx.sender = {ledger::AccountSender{"alice", "active"}};
  tx.tx.valid_until = TimeMs{until};
  return tx;
}

struct Offered {  // a block whose header names these transactions, and its payload
  Bytes payload;
  BlockTransactions content;
  TreeBlock block;
  explicit Offered(const std::vector<ledger::SignedTransaction>& txs)
      : payload(codec::encode(ledger::pack(txs))), content(kernel::with_ids(std::vector(txs))) {
    block.header.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), Hash{}};
    block.header.tx_root = ledger::tx_root(wtxids_of(content));
  }
};

TEST(BlockPayload, what_the_header_commits_to_is_taken_once_with_its_transactions) {
  Offered o({transaction(1), transaction(2)});
  EXPECT_TRUE(take_payload(o.block, o.payload));
  ASSERT_TRUE(o.block.payload);
  EXPECT_EQ(*o.block.payload, o.payload);
  EXPECT_EQ(wtxids_of(o.block.content), wtxids_of(o.content));
  EXPECT_TRUE(take_payload(o.block, Bytes{1}));  // it has one
  EXPECT_EQ(*o.block.payload, o.payload);
}

TEST(BlockPayload, wrong_bytes_say_nothing_about_a_block_and_right_ones_that_do_not_fit_refuse_it) {
  Offered o({transaction(1)});
  auto wrong = o.payload;
  wrong.back() ^= 1;
  EXPECT_FALSE(take_payload(o.block, wrong));
  EXPECT_FALSE(o.block.refused);
  auto shorter = o.payload;
  shorter.pop_back();
  EXPECT_FALSE(take_payload(o.block, shorter));
  EXPECT_FALSE(o.block.refused);

  o.block.header.tx_root.bytes[0] ^= 1;  // of other transactions
  EXPECT_FALSE(take_payload(o.block, o.payload));
  EXPECT_TRUE(o.block.refused);
  o.block.header.tx_root.bytes[0] ^= 1;
  EXPECT_FALSE(take_payload(o.block, o.payload));  // once refused, it stays so
  EXPECT_FALSE(o.block.payload);

  Offered sharded({transaction(1)});
  sharded.block.header.payload.shard_root = Hash{{1}};
  EXPECT_FALSE(take_payload(sharded.block, sharded.payload));
  EXPECT_TRUE(sharded.block.refused);
}

TEST(BlockPayload, of_what_is_known_the_transactions_are_compared_and_the_bytes_believed) {
  Offered o({transaction(1)});
  EXPECT_TRUE(take_known_payload(o.block, o.payload, o.content));
  EXPECT_EQ(wtxids_of(o.block.content), wtxids_of(o.content));
  Offered other({transaction(2)}), sharded({transaction(1)});
  EXPECT_FALSE(take_known_payload(other.block, other.payload, o.content));
  EXPECT_TRUE(other.block.refused);
  sharded.block.header.payload.shard_root = Hash{{1}};
  EXPECT_FALSE(take_known_payload(sharded.block, sharded.payload, sharded.content));
  EXPECT_TRUE(sharded.block.refused);
}

}  // namespace
}  // namespace dos::chain
