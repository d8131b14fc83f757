#include "client/files/rings.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/test_entropy.hpp"
#include "client/test_ids.hpp"

namespace dos::client {
namespace {

struct Rings : testing::Test {
  TestEntropy entropy;
  Identity alice = *new_identity("alice", crypto::Suite::pq, entropy);
  Identity bob = *new_identity("bob", crypto::Suite::pq, entropy);
  Identity carol = *new_identity("carol", crypto::Suite::classic, entropy);
  static RingReader reader(const Identity& i) { return {i.account(), {i.key_epoch(), i.box_key(i.key_epoch())}}; }
  NewRing home = *first_ring(id(1), nullptr, {reader(alice)}, entropy);
  NewRing work = *first_ring(id(2), &home.key, {}, entropy);
  NewRing deep = *first_ring(id(3), &work.key, {}, entropy);
  RingPath path = {{fs::kRoot, {}}, {id(1), {{1, home.record}}}, {id(2), {{1, work.record}}}, {id(3), {{1, deep.record}}}};
};

TEST_F(Rings, the_owner_comes_down_from_the_home_and_nobody_else) {
  auto found = find_ring(alice, path);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(to_bytes(found->key.view()), to_bytes(deep.key.key.view()));
  EXPECT_EQ(found->epoch, 1u);
  EXPECT_EQ(code_of(find_ring(bob, path)), Errc::sealed);
}

TEST_F(Rings, a_reader_of_a_folder_reads_what_is_below_and_not_what_is_above) {
  path[2].epochs[0].second = *with_reader(work.key, work.record, reader(bob), entropy);
  EXPECT_EQ(to_bytes(find_ring(bob, path)->key.view()), to_bytes(deep.key.key.view()));
  EXPECT_TRUE(find_ring(bob, {path.begin(), path.begin() + 3}));
  EXPECT_EQ(code_of(find_ring(bob, {path.begin(), path.begin() + 2})), Errc::sealed);
  EXPECT_EQ(code_of(find_ring(carol, path)), Errc::sealed);
}

TEST_F(Rings, a_revoked_reader_cannot_open_later_epochs_and_others_can) {
  auto shared = *with_reader(work.key, *with_reader(work.key, work.record, reader(bob), entropy), reader(carol), entropy);
  path[2].epochs[0].second = shared;
  auto next = *next_ring(work.key, 1, &home.key, {reader(carol)}, entropy);
  path[2].epochs.emplace_back(2, next.record);
  RingPath to_work(path.begin(), path.begin() + 3);
  EXPECT_EQ(code_of(find_ring(bob, to_work)), Errc::sealed);
  EXPECT_TRUE(find_ring(bob, to_work, 1));  // what was read may have been kept
  EXPECT_EQ(to_bytes(find_ring(carol, to_work)->key.view()), to_bytes(next.key.key.view()));
  EXPECT_EQ(to_bytes(find_ring(carol, to_work, 1)->key.view()), to_bytes(work.key.key.view()));
  EXPECT_TRUE(find_ring(alice, to_work));
  // Below: the next write first starts a new epoch there, which bob cannot follow.
  EXPECT_FALSE(is_current(deep.record, id(2), 2));
  auto below = *next_ring(deep.key, 1, &next.key, {}, entropy);
  EXPECT_TRUE(is_current(below.record, id(2), 2));
  path[3].epochs.emplace_back(2, below.record);
  EXPECT_EQ(code_of(find_ring(bob, path)), Errc::sealed);
  EXPECT_TRUE(find_ring(bob, path, 1));
  EXPECT_TRUE(find_ring(carol, path));
}

TEST_F(Rings, a_new_reader_reads_what_older_epochs_sealed) {
  auto second = *next_ring(work.key, 1, &home.key, {}, entropy);
  auto third = *next_ring(second.key, 2, &home.key, {reader(bob)}, entropy);
  path[2].epochs = {{1, work.record}, {2, second.record}, {3, third.record}};
  RingPath to_work(path.begin(), path.begin() + 3);
  for (std::uint32_t epoch = 1; epoch <= 3; ++epoch) EXPECT_TRUE(find_ring(bob, to_work, epoch)) << epoch;
  EXPECT_TRUE(find_ring(bob, path));  // the folder below still hangs under epoch 1
}

TEST_F(Rings, a_moved_folder_opens_for_the_readers_of_its_new_place) {
  auto other = *first_ring(id(9), nullptr, {reader(bob)}, entropy);
  EXPECT_FALSE(is_current(work.record, id(9), 1));
  EXPECT_FALSE(is_current(work.record, fs::kRoot, 0));
  auto moved = *next_ring(work.key, 1, &other.key, {}, entropy);
  RingPath there = {{id(9), {{1, other.record}}}, {id(2), {{1, work.record}, {2, moved.record}}}};
  EXPECT_TRUE(find_ring(bob, there));
  EXPECT_TRUE(find_ring(bob, there, 1));
  EXPECT_EQ(code_of(find_ring(alice, there)), Errc::sealed);
}

TEST_F(Rings, records_of_another_directory_or_epoch_do_not_open) {
  auto swapped = path;
  swapped[2].directory = id(7);
  swapped[3].epochs[0].second.parent = id(7);
  EXPECT_EQ(code_of(find_ring(alice, swapped)), Errc::sealed);
  auto other_epoch = path;
  other_epoch[3].epochs[0].first = 2;
  EXPECT_EQ(code_of(find_ring(alice, other_epoch)), Errc::sealed);
  auto changed = path;
  changed[3].epochs[0].second.under_parent[20] ^= 1;
  EXPECT_EQ(code_of(find_ring(alice, changed)), Errc::sealed);
}

// A record that a reader who may write leaves: as the module lets it pass, opened for whom it likes.
struct Junk {
  RingKey key;
  fs::RingEpoch record;
};
Junk junk(std::uint32_t epoch, const std::vector<RingReader>& readers, Entropy& entropy) {
  auto made = *first_ring(id(2), nullptr, readers, entropy);
  Junk out{{id(2), epoch, made.key.key.clone()}, std::move(made.record)};
  return out;
}

TEST_F(Rings, a_key_that_opens_for_nobody_is_passed_over) {
  RingPath to_work(path.begin(), path.begin() + 3);
  auto none = junk(2, {reader(carol)}, entropy);
  none.record.envelopes[0].box.assign(100, 7);
  to_work[2].epochs.emplace_back(2, none.record);
  EXPECT_EQ(code_of(find_ring(alice, to_work)), Errc::sealed);
  EXPECT_EQ(newest_ring(alice, to_work)->epoch, 1u);
  EXPECT_TRUE(find_ring(alice, to_work, 1));
  // The next one leads past it to the key that there was.
  auto third = *next_ring(*newest_ring(alice, to_work), 2, &home.key, {reader(bob)}, entropy);
  EXPECT_EQ(third.key.epoch, 3u);
  EXPECT_EQ(third.record.prior_epoch, 1u);
  to_work[2].epochs.emplace_back(3, third.record);
  EXPECT_EQ(newest_ring(alice, to_work)->epoch, 3u);
  EXPECT_EQ(to_bytes(find_ring(bob, to_work, 1)->key.view()), to_bytes(work.key.key.view()));
}

TEST_F(Rings, a_key_that_opens_and_is_not_the_one_committed_to_is_passed_over) {
  RingPath to_work(path.begin(), path.begin() + 3);
  // An envelope for alice under epoch 2, with another key than the record commits to.
  auto other = *next_ring(work.key, 1, &home.key, {reader(alice)}, entropy);
  auto lie = *next_ring(work.key, 1, nullptr, {reader(alice)}, entropy);
  lie.record.commitment = other.record.commitment;
  to_work[2].epochs.emplace_back(2, lie.record);
  EXPECT_EQ(newest_ring(alice, to_work)->epoch, 1u);
}

TEST_F(Rings, a_false_way_from_a_later_key_does_not_close_an_older_one) {
  RingPath to_work(path.begin(), path.begin() + 3);
  // Epoch 2 opens for alice and is well committed to; what it says of epoch 1 is another key.
  RingKey wrong{id(2), 1, crypto::Secret(32)};
  auto liar = *next_ring(wrong, 1, nullptr, {reader(alice)}, entropy);
  to_work[2].epochs.emplace_back(2, liar.record);
  EXPECT_EQ(to_bytes(find_ring(alice, to_work, 1)->key.view()), to_bytes(work.key.key.view()));
  EXPECT_EQ(newest_ring(alice, to_work)->epoch, 2u);
}

TEST_F(Rings, of_several_envelopes_and_ways_one_good_one_is_enough) {
  auto record = *with_reader(work.key, work.record, reader(bob), entropy);
  auto bad = record.envelopes[0];
  bad.key_epoch = 0;
  bad.box[40] ^= 1;
  record.envelopes.insert(record.envelopes.begin(), bad);
  record.under_parent[20] ^= 1;
  path[2].epochs[0].second = record;
  EXPECT_TRUE(find_ring(bob, {path.begin(), path.begin() + 3}));
  EXPECT_TRUE(find_ring(bob, path));
}

TEST_F(Rings, a_folder_has_a_thousand_keys_and_no_more) {
  EXPECT_TRUE(next_ring(work.key, fs::kMaxRingEpochs - 1, &home.key, {}, entropy));
  const auto over = next_ring(work.key, fs::kMaxRingEpochs, &home.key, {}, entropy);
  ASSERT_FALSE(over);
  EXPECT_EQ(code_of(over), Errc::limit);
  EXPECT_NE(over.error().detail.find("fs.fold"), std::string::npos);
}

TEST_F(Rings, public_folders_have_no_key) {
  EXPECT_EQ(code_of(find_ring(alice, {{fs::kRoot, {}}})), Errc::not_found);
  EXPECT_EQ(code_of(find_ring(alice, path, 5)), Errc::not_found);
}

TEST_F(Rings, readers_are_limited_and_replaced_not_doubled) {
  auto record = *with_reader(home.key, *with_reader(home.key, home.record, reader(bob), entropy), reader(bob), entropy);
  EXPECT_EQ(record.envelopes.size(), 2u);
  std::vector<RingReader> many;
  for (int i = 0; i < 33; ++i) many.push_back({"r" + std::to_string(i), reader(carol).key});
  EXPECT_EQ(code_of(first_ring(id(5), nullptr, many, entropy)), Errc::limit);
  EXPECT_EQ(code_of(first_ring(id(5), nullptr, {}, entropy)), Errc::usage);
  many.pop_back();
  auto full = first_ring(id(5), nullptr, many, entropy);
  ASSERT_TRUE(full);
  EXPECT_EQ(code_of(with_reader(full->key, full->record, reader(bob), entropy)), Errc::limit);
  EXPECT_LE(codec::encode(full->record).size(), kMaxDataBytes);
}

}  // namespace
}  // namespace dos::client
