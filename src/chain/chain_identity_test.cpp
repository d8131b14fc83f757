#include "chain/chain_identity.hpp"

#include <gtest/gtest.h>

#include "chain/test_genesis.hpp"
#include "syscalls/rules.hpp"

namespace dos::chain {
namespace {

using namespace testnet;

TEST(ChainIdentity, is_that_of_the_genesis_seen_by_the_validator_whose_key_it_is) {
  auto genesis = make_genesis();
  genesis.validators.members.push_back({"v2", 1, key_of("v2").public_key(), key_of("n2", crypto::KeyType::ml_dsa_65).public_key()});
  const auto is = ChainIdentity::of(codec::encode(genesis), syscalls::system_rules(), key_of("v2").public_key());
  ASSERT_TRUE(is) << is.error().detail;
  EXPECT_EQ(is->facts.chain, ledger::genesis_hash(genesis));
  EXPECT_EQ(is->facts.voter, 1u);
  EXPECT_EQ(is->valset, ledger::valset_hash(genesis.validators));
  const auto block = is->context(Height{3}, TimeMs{5}, TimeMs{4});
  EXPECT_EQ(block.chain, is->facts.chain);
  EXPECT_EQ(block.validators, &is->facts.validators);
  EXPECT_EQ(block.parent_time, TimeMs{4});
  EXPECT_EQ(block.modules.size(), is->rules.size());
}

TEST(ChainIdentity, is_refused_to_who_is_no_validator_and_to_who_has_no_rules) {
  const auto genesis = codec::encode(make_genesis());
  const auto stranger = ChainIdentity::of(genesis, syscalls::system_rules(), key_of("v2").public_key());
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, Errc::no_key);
  EXPECT_FALSE(ChainIdentity::of(genesis, {}, key_of("v1").public_key()));
}

}  // namespace
}  // namespace dos::chain
