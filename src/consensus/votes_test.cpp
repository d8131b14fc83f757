#include "consensus/votes.hpp"

#include <gtest/gtest.h>

namespace dos::consensus {
namespace {

struct Counter final : Entropy {
  std::uint8_t n = 0;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) b = ++n;
  }
};
crypto::SigningKey key_of(std::string_view name) {
  return std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, crypto::plain_hash(as_bytes(name)).view()));
}
Hash some(std::uint8_t n) {
  Hash h;
  h.bytes[0] = n;
  return h;
}

TEST(Votes, a_certificate_needs_a_strong_set_in_order) {
  Counter entropy;
  ledger::ValidatorSet set;
  std::vector<crypto::SigningKey> keys;
  for (const char* name : {"a", "b", "c", "d"}) {
    keys.push_back(key_of(name));
    set.members.push_back({name, 1, keys.back().public_key(), keys.back().public_key()});
  }
  const ledger::VoteItem item{ledger::VoteKind::final, View{4}, some(1), some(2)};
  std::vector<ledger::Vote> votes;
  for (std::uint16_t i = 0; i < 3; ++i) {
    votes.push_back(*make_vote(some(8), Epoch{0}, i, keys[i], {item}, entropy));
    EXPECT_TRUE(check_vote(some(8), Epoch{0}, set, votes.back()));
    EXPECT_FALSE(check_vote(some(7), Epoch{0}, set, votes.back()));
  }
  EXPECT_FALSE(certify(set, item, std::span(votes).first(2)));
  const auto whole = certify(set, item, votes);
  ASSERT_TRUE(whole);
  EXPECT_TRUE(ledger::verify_certificate(some(8), set, *whole));
  std::swap(votes[0], votes[1]);
  EXPECT_FALSE(certify(set, item, votes));
  EXPECT_FALSE(make_vote(some(8), Epoch{0}, 0, keys[0], {}, entropy));
  EXPECT_FALSE(make_vote(some(8), Epoch{0}, 0, keys[0], {item, item}, entropy));
}

}  // namespace
}  // namespace dos::consensus
