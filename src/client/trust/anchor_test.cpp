// "This is current", from acknowledgements of one node's answer or of several.
#include "client/trust/anchor.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/entropy.hpp"
#include "crypto/merkle.hpp"
#include "crypto/sign.hpp"
#include "tests/support/fixed_entropy.hpp"

namespace dos::client {
namespace {

struct Four {  // validators of weight 1
  dos::test::CountingEntropy entropy;
  std::vector<crypto::SigningKey> keys;
  ledger::Genesis genesis;
  Root root;
  Hash nonce{draw<32>(entropy)};
  Four() {
    for (std::uint8_t i = 0; i < 4; ++i) {
      keys.push_back(crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, Bytes(32, std::uint8_t(i + 1))).value());
      ledger::Validator v;
      v.name = "v" + std::to_string(i + 1);
      v.vote_key = keys.back().public_key();
      genesis.validators.members.push_back(v);
    }
    root = root_of(genesis, Hash{draw<32>(entropy)});
  }
  ledger::TipAck ack(std::uint16_t validator, std::uint64_t fin_voted) {
    const auto leaf = crypto::merkle_leaf(crypto::kNonceTree, nonce.view());
    ledger::TipAck out;
    out.validator = validator;
    out.body = {Epoch(), crypto::merkle_root(crypto::kNonceTree, std::span(&leaf, 1)), Height(fin_voted)};
    out.path = crypto::merkle_path(crypto::kNonceTree, std::span(&leaf, 1), 0);
    out.signature = crypto::sign(keys[validator], crypto::domain::kTipAck, root.chain, out.body, entropy).value();
    return out;
  }
};

TEST(Acks, three_of_four_make_a_height_current_from_whichever_answers_they_come) {
  Four f;
  Acks acks(f.root, f.nonce);
  EXPECT_FALSE(acks.at(Height(5)).current);
  ASSERT_TRUE(acks.add({f.ack(0, 5), f.ack(1, 5)}));
  EXPECT_FALSE(acks.at(Height(5)).current);
  EXPECT_EQ(acks.at(Height(5)).answering, 2u);
  ASSERT_TRUE(acks.add({f.ack(1, 5), f.ack(3, 5)}));  // another node's answer: v2 counts once
  EXPECT_TRUE(acks.at(Height(5)).current);
  EXPECT_EQ(acks.at(Height(5)).answering, 3u);
  EXPECT_FALSE(acks.at(Height(4)).current);  // a later block was voted for
}

TEST(Acks, what_was_signed_first_counts_when_a_block_becomes_final_between_two_answers) {
  Four f;
  Acks acks(f.root, f.nonce);
  ASSERT_TRUE(acks.add({f.ack(0, 5), f.ack(1, 5), f.ack(2, 6)}));
  EXPECT_FALSE(acks.at(Height(5)).current);
  EXPECT_EQ(acks.at(Height(5)).highest, Height(6));
  ASSERT_TRUE(acks.add({f.ack(0, 6), f.ack(3, 5)}));
  EXPECT_TRUE(acks.at(Height(5)).current);  // v1, v2 and v4 had voted for nothing above 5 after the question was asked
}

TEST(Acks, an_answer_with_one_that_does_not_verify_counts_for_nothing) {
  Four f;
  Acks acks(f.root, f.nonce);
  auto forged = f.ack(2, 5);
  forged.body.fin_voted = Height(4);
  EXPECT_EQ(code_of(acks.add({f.ack(0, 5), forged})), Errc::signature_invalid);
  EXPECT_EQ(acks.at(Height(5)).answering, 0u);
  EXPECT_FALSE(acks.add({f.ack(0, 5), f.ack(0, 5)}));  // one validator twice in one answer
  auto foreign = f.ack(1, 5);
  foreign.validator = 7;
  EXPECT_FALSE(acks.add({foreign}));
  const auto earlier = f.ack(0, 5);
  f.nonce = Hash{draw<32>(f.entropy)};
  Acks later(f.root, f.nonce);
  EXPECT_FALSE(later.add({earlier}));  // of another question
}

}  // namespace
}  // namespace dos::client
