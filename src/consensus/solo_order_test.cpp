#include <gtest/gtest.h>

#include "consensus/solo_order.hpp"
#include "consensus/votes.hpp"

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

struct Solo : ::testing::Test {
  crypto::SigningKey key = key_of("v1");
  ChainFacts facts{some(1), Epoch{0}, {{{"v1", 1, key.public_key(), key_of("n1").public_key()}}}, 0};
  Tip genesis{Height{0}, some(1), some(9), TimeMs{1000}, View{0}};
  Counter entropy;

  Result<SoloOrder> fresh() { return SoloOrder::recover(facts, key, {}, true, genesis, 1); }
  Decision next(SoloOrder& order, std::vector<Record>& journal, std::uint64_t now) {
    const Bytes payload = codec::encode(ledger::pack({}));
    const auto header = order.propose(TimeMs{now}, payload, {}, some(3));
    auto d = order.decide(header, payload, {header.height, some(4), some(5)}, entropy);
    if (!d) throw std::runtime_error(d.error().detail);
    journal.insert(journal.end(), d->group.begin(), d->group.end());
    return std::move(*d);
  }
};

TEST_F(Solo, its_certificate_verifies_and_each_block_follows_the_last) {
  auto order = fresh();
  ASSERT_TRUE(order) << order.error().detail;
  std::vector<Record> journal;
  for (std::uint64_t h = 1; h <= 3; ++h) {
    const auto parent = order->tip();
    const auto d = next(*order, journal, 500);  // a clock that went back
    const auto signers = ledger::verify_certificate(facts.chain, facts.validators, d.certificate);
    ASSERT_TRUE(signers) << signers.error().detail;
    EXPECT_EQ(signers->have, 1u);
    EXPECT_EQ(order->tip().height.value, h);
    EXPECT_GT(order->tip().time, parent.time);
    EXPECT_GT(order->tip().view, parent.view);
  }
  const auto image = read_journal(journal);
  ASSERT_TRUE(image) << image.error().detail;
  EXPECT_EQ(image->blocks.size(), 3u);
  EXPECT_EQ(image->high_water->fin_height.value, 3u);
  for (const auto& [height, block] : image->blocks)
    EXPECT_TRUE(check_vote(facts.chain, Epoch{0}, facts.validators, block.vote));
}

TEST_F(Solo, never_signs_twice_for_a_view_or_height) {
  auto order = fresh();
  ASSERT_TRUE(order);
  const Bytes payload = codec::encode(ledger::pack({}));
  const auto header = order->propose(TimeMs{2000}, payload, {}, some(3));
  ASSERT_TRUE(order->decide(header, payload, {Height{1}, some(4), some(5)}, entropy));
  EXPECT_FALSE(order->decide(header, payload, {Height{1}, some(6), some(5)}, entropy));
  auto other = order->propose(TimeMs{2000}, payload, {}, some(3));
  other.view = header.view;
  EXPECT_FALSE(order->decide(other, payload, {Height{2}, some(4), some(5)}, entropy));
  auto wrong_parent = order->propose(TimeMs{2000}, payload, {}, some(3));
  wrong_parent.parent = some(77);
  EXPECT_FALSE(order->decide(wrong_parent, payload, {Height{2}, some(4), some(5)}, entropy));
}

TEST_F(Solo, without_a_journal_that_shows_its_votes_it_refuses_to_vote) {
  auto order = fresh();
  std::vector<Record> journal;
  next(*order, journal, 2000);
  const auto tip = order->tip();
  const auto image = read_journal(journal);
  ASSERT_TRUE(image);
  EXPECT_TRUE(SoloOrder::recover(facts, key, *image, true, tip, 2));
  EXPECT_EQ(SoloOrder::recover(facts, key, *image, false, tip, 2).error().code, Errc::corrupt);     // damaged
  EXPECT_EQ(SoloOrder::recover(facts, key, {}, true, tip, 2).error().code, Errc::corrupt);          // lost
  EXPECT_EQ(SoloOrder::recover(facts, key, *image, true, genesis, 2).error().code, Errc::corrupt);  // data lost
}

TEST_F(Solo, a_foreign_key_and_a_set_that_needs_others_are_refused) {
  const auto foreign = key_of("other");
  EXPECT_EQ(SoloOrder::recover(facts, foreign, {}, true, genesis, 1).error().code, Errc::no_key);
  facts.validators.members.push_back({"v2", 1, key_of("v2").public_key(), key_of("n2").public_key()});
  EXPECT_EQ(fresh().error().code, Errc::not_in_release);
}

TEST_F(Solo, a_journal_with_a_missing_foreign_or_changed_part_is_corrupt) {
  auto order = fresh();
  std::vector<Record> journal;
  next(*order, journal, 2000);
  next(*order, journal, 3000);
  next(*order, journal, 4000);
  for (std::size_t i = 0; i < journal.size(); ++i) {
    if (journal[i].kind == RecordKind::high_water && i + 1 != journal.size()) continue;  // the later slot says more
    auto without = journal;
    without.erase(without.begin() + std::ptrdiff_t(i));
    EXPECT_FALSE(read_journal(without)) << i;
  }
  auto twice = journal;
  twice.push_back(journal[0]);
  EXPECT_FALSE(read_journal(twice));
  auto changed = journal;
  changed[1].bytes.push_back(0);
  EXPECT_FALSE(read_journal(changed));
  std::vector<Record> gap(journal.begin(), journal.begin() + 5);
  gap.insert(gap.end(), journal.begin() + 10, journal.end());
  EXPECT_FALSE(read_journal(gap));
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
