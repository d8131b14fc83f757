#include <gtest/gtest.h>

#include "consensus/journal_records.hpp"
#include "consensus/test_cluster.hpp"

namespace dos::consensus {
namespace {

using Counter = test::TestEntropy;
crypto::SigningKey key_of(std::string_view name) {
  return std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, crypto::plain_hash(as_bytes(name)).view()));
}
Hash some(std::uint8_t n) {
  Hash h;
  h.bytes[0] = n;
  return h;
}

TEST(Votes, a_certificate_needs_a_strong_set_in_order) {
  Counter entropy(1);
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

TEST(Votes, those_of_a_certificate_come_back_as_they_were_signed) {
  Counter entropy(1);
  ledger::ValidatorSet set;
  std::vector<ledger::Vote> votes;
  const ledger::VoteItem notar{ledger::VoteKind::notar, View{4}, some(1), Hash{}}, fin{ledger::VoteKind::final, View{4}, some(1), some(2)};
  for (std::uint16_t i = 0; i < 3; ++i) {
    const auto key = key_of("v" + std::to_string(i));
    set.members.push_back({"v" + std::to_string(i), 1, key.public_key(), key.public_key(), {}});
    votes.push_back(*make_vote(some(8), Epoch{0}, i, key, i == 1 ? std::vector{notar, fin} : std::vector{fin}, entropy));
  }
  const auto certificate = certify(set, fin, votes);
  ASSERT_TRUE(certificate);
  const auto again = votes_of(*certificate);
  ASSERT_EQ(again.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(codec::encode(again[i]), codec::encode(votes[i]));
}

TEST(Journal, blocks_come_back_whole_and_what_does_not_belong_together_is_corrupt) {
  const Bytes payload = to_bytes("payload");
  Proposal p;
  p.header.height = Height{3};
  p.header.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), Hash{}};
  const Hash id = ledger::block_id(p.header);
  ledger::Certificate certificate;
  certificate.item = {ledger::VoteKind::final, View{9}, id, some(2)};
  const std::vector<EngineRecord> records{encode_boot({4}, Height{1}),
                                          encode_proposal(p),
                                          encode_contents(id, Height{3}, payload),
                                          encode_final(Height{3}, {certificate}),
                                          encode_gate({Epoch{0}, View{7}}, Height{1}),
                                          encode_vote({}, Height{3})};
  const auto read = read_blocks(records, simplex_readable);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->boots, 4u);
  ASSERT_EQ(read->blocks.count(id), 1u);
  EXPECT_EQ(read->blocks.at(id).payload, payload);
  EXPECT_EQ(read->finals.at(3).form.item.id, id);

  auto without = records;
  without.erase(without.begin() + 2);
  EXPECT_TRUE(read_blocks(without, simplex_readable)->blocks.empty());  // a header alone is no block
  auto changed = records;
  changed[2] = encode_contents(id, Height{3}, to_bytes("another"));
  EXPECT_EQ(read_blocks(changed, simplex_readable).error().code, Errc::corrupt);
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto cut = records;
    cut[i].bytes.pop_back();
    EXPECT_EQ(read_blocks(cut, simplex_readable).error().code, Errc::corrupt) << i;
  }
  auto old = records;
  old.push_back({4, Height{1}, {}});
  EXPECT_EQ(read_blocks(old, simplex_readable).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace dos::consensus
