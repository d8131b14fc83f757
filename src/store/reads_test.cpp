// Walks into the past in pieces: what is asked after each, where they end, and that blocks may come in between.
#include "store/reads.hpp"

#include <gtest/gtest.h>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "store/store.hpp"
#include "store/store_model_test.hpp"

namespace dos::store {
namespace {

struct Past : ::testing::Test {
  fakes::SimDisk disk;
  fakes::NullLog log;
  test::Model m{7};
  std::unique_ptr<Store> store = std::move(*Store::open(disk, log));

  void block() {
    const Height h{m.blocks.size()};
    const auto stage = store->stage(nullptr, h, m.next_block(8));
    ASSERT_TRUE(stage && store->commit(*stage));
  }
  ProofRequest all(Height at) const {
    ProofRequest request{at, {ProofRequest::Range{{}, {}, 1000, true}}};
    for (std::uint64_t i = 0; i < 14; ++i) request.items.push_back(ProofRequest::Key{m.name(i), true});
    return request;
  }
};

TEST_F(Past, the_greatest_key_up_to_one_is_that_of_the_height) {
  for (int i = 0; i < 60; ++i) block();
  for (const std::uint64_t at : {std::uint64_t(1), std::uint64_t(30), store->height().value})
    for (std::uint64_t i = 0; i < 14; ++i) {
      const auto key = m.name(i);
      Bytes want;
      for (const auto& [there, record] : m.past[at])
        if (compare(there, key) <= 0 && compare(want, there) < 0) want = there;
      EXPECT_EQ(store->floor_at(key, Height{at}), want) << at << ' ' << i;
    }
  Reads none(0);
  EXPECT_EQ(store->floor_at(m.name(1), store->height(), &none).error().code, Errc::limit);
}

TEST_F(Past, a_walk_goes_on_after_blocks_that_came_in_its_pauses) {
  for (int i = 0; i < 400; ++i) block();
  for (const std::uint64_t at : {std::uint64_t(3), std::uint64_t(200), std::uint64_t(380), store->height().value}) {
    int pauses = 0;
    Reads reads(kMaxHistoryReads, [&]() -> Status {
      ++pauses;
      for (int i = 0; i < 3; ++i) block();
      return {};
    });
    // Few reads are needed near the present: these make sure that there is a pause at a live record.
    ASSERT_TRUE(reads.spend(kPieceReads - 20));
    pauses = 0;
    const auto height = store->height();
    const auto proof = store->prove(all(Height{at}), &reads);
    ASSERT_TRUE(proof) << proof.error().detail;
    EXPECT_GT(pauses, 0) << at;
    EXPECT_GT(store->height(), height);
    const auto view = proof::verify(*proof, store->root(), store->height());
    ASSERT_TRUE(view) << view.error().detail;
    const auto& want = m.past[at];
    const auto range = view->range({});
    ASSERT_TRUE(range) << range.error().detail;
    ASSERT_EQ(range->items.size(), want.size());
    for (const auto& [key, record] : want) {
      const auto found = view->find(key);
      ASSERT_TRUE(found && *found != nullptr);
      EXPECT_EQ((*found)->leaf.version, record.version);
      EXPECT_EQ((*found)->data, record.data);
    }
  }
}

TEST_F(Past, a_walk_pauses_after_each_piece_and_ends_where_it_is_told_to) {
  for (int i = 0; i < 1200; ++i) block();
  std::uint64_t pauses = 0;
  Reads counted(kMaxHistoryReads, [&]() -> Status {
    ++pauses;
    return {};
  });
  ASSERT_TRUE(store->prove(all(Height{2}), &counted));
  EXPECT_GT(pauses, 2u);
  std::uint64_t until = 0;
  Reads refused(kMaxHistoryReads, [&]() -> Status { return ++until < 2 ? Status{} : fail(Errc::busy, "enough"); });
  EXPECT_EQ(store->prove(all(Height{2}), &refused).error().code, Errc::busy);
  EXPECT_EQ(until, 2u);
  Reads few(pauses * kPieceReads, {});
  EXPECT_EQ(store->prove(all(Height{2}), &few).error().code, Errc::limit);
  Reads enough((pauses + 1) * kPieceReads, {});
  EXPECT_TRUE(store->prove(all(Height{2}), &enough));
}

TEST_F(Past, a_question_about_the_present_has_its_number_of_reads_and_no_more) {
  for (int i = 0; i < 40; ++i) block();
  const auto request = all(store->height());
  Reads counted(kMaxPresentReads);
  ASSERT_TRUE(store->prove(request, &counted));
  const auto needs = counted.since_pause();
  ASSERT_GT(needs, 0u);
  ASSERT_LT(needs, kPieceReads);
  Reads enough(kMaxPresentReads), few(kMaxPresentReads);
  ASSERT_TRUE(enough.spend(kMaxPresentReads - needs));
  EXPECT_TRUE(store->prove(request, &enough));
  EXPECT_EQ(enough.spend(1).error().code, Errc::limit);
  ASSERT_TRUE(few.spend(kMaxPresentReads - needs + 1));
  EXPECT_EQ(store->prove(request, &few).error().code, Errc::limit);
}

TEST(Reads, end_at_their_number) {
  Reads r(3);
  EXPECT_TRUE(r.spend(2));
  EXPECT_TRUE(r.spend(1));
  EXPECT_EQ(r.spend(1).error().code, Errc::limit);
}

}  // namespace
}  // namespace dos::store
