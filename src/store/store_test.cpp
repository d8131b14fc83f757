#include "store/store.hpp"

#include <gtest/gtest.h>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "store/store_model_test.hpp"

namespace dos::store {
namespace {

using fakes::NullLog;
using fakes::SimDisk;
using test::Model;

#define OK(expr)                                                           \
  do {                                                                     \
    auto&& ok_ = (expr);                                                   \
    ASSERT_TRUE(ok_.has_value()) << ok_.error().detail << " in " << #expr; \
  } while (false)

void same_state(const StateView& view, const std::map<Bytes, Record>& want, const Model& m) {
  Bytes after;
  for (const auto& [k, r] : want) {
    auto got = view.get(k);
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    ASSERT_TRUE(got->has_value());
    EXPECT_EQ(**got, r);
    auto next = view.next({}, after);
    ASSERT_TRUE(next && *next);
    EXPECT_EQ(**next, k);
    after = k;
  }
  auto end = view.next({}, after);
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->has_value());
  for (std::uint64_t i = 0; i < 14; ++i) {
    auto got = view.get(m.name(i));
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->has_value(), want.contains(m.name(i)));
  }
}

TEST(Store, every_claim_at_every_height_is_proved_and_none_false) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Model m(seed);
    SimDisk disk;
    NullLog log;
    StoreOptions options;
    options.segment_bytes = 4096;
    options.index_snapshot_min = 50;
    auto opened = Store::open(disk, log, options);
    OK(opened);
    auto store = std::move(*opened);
    std::vector<StageRef> pending;
    for (int h = 0; h < 25; ++h) {
      const auto& d = m.next_block(m.random() % 6);
      auto s = store->stage(pending.empty() ? nullptr : pending.back(), Height{std::uint64_t(h)}, d);
      OK(s);
      same_state(store->view(*s), m.state, m);
      pending.push_back(*s);
      if (m.random() % 3 != 0) {
        for (auto& p : pending) {
          OK(store->commit(p));
          EXPECT_EQ(store->root(), store->root(p));
        }
        pending.clear();
        same_state(store->view(), m.state, m);
        if (m.random() % 4 == 0) OK(store->checkpoint());
        if (m.random() % 5 == 0) {
          OK(store->checkpoint());
          const Hash root = store->root();
          store.reset();
          auto again = Store::open(disk, log, options);
          OK(again);
          store = std::move(*again);
          EXPECT_EQ(store->root(), root);
          same_state(store->view(), m.state, m);
        }
      }
    }
    for (auto& p : pending) OK(store->commit(p));
    OK(store->scrub());
    EXPECT_EQ(store->live_count(), m.state.size());
    EXPECT_TRUE(log.lines.empty()) << log.lines.front();

    for (std::uint64_t h = 0; h < m.past.size(); ++h) {
      const auto& want = m.past[h];
      ProofRequest all{Height{h}, {}};
      for (std::uint64_t i = 0; i < 14; ++i) all.items.push_back(ProofRequest::Key{m.name(i), true});
      all.items.push_back(ProofRequest::Range{{}, {}, 1000, true});
      auto p = store->prove(all);
      OK(p);
      auto v = proof::verify(*p, store->root(), store->height());
      OK(v);
      for (std::uint64_t i = 0; i < 14; ++i) {
        auto found = v->find(m.name(i));
        OK(found);
        ASSERT_EQ(*found != nullptr, want.contains(m.name(i)));
        if (*found != nullptr) {
          const Record& r = want.at(m.name(i));
          EXPECT_EQ((*found)->leaf.version, r.version);
          EXPECT_EQ((*found)->leaf.meta, r.meta);
          EXPECT_EQ((*found)->data, r.data);
        }
        auto at = store->get_at(m.name(i), Height{h});
        OK(at);
        EXPECT_EQ(at->has_value(), want.contains(m.name(i)));
        if (*at) { EXPECT_EQ(**at, want.at(m.name(i))); }
      }
      auto range = v->range({});
      OK(range);
      EXPECT_FALSE(range->more);
      ASSERT_EQ(range->items.size(), want.size());
      std::size_t i = 0;
      for (const auto& [k, r] : want) EXPECT_EQ(range->items[i++]->leaf.key, k);

      // A page in the middle of one prefix.
      const Bytes prefix{0, 3, 'p'};
      const Bytes after = m.random() % 3 == 0 ? Bytes{} : m.any_name();
      auto page = store->prove({Height{h}, {ProofRequest::Range{prefix, after, 2, false}}});
      OK(page);
      auto pv = proof::verify(*page, store->root());
      OK(pv);
      auto got = pv->range(prefix, after, 2);
      OK(got);
      std::vector<Bytes> expect;
      for (const auto& [k, r] : want)
        if (starts_with(k, prefix) && compare(k, after) > 0) expect.push_back(k);
      EXPECT_EQ(got->more, expect.size() > 2);
      expect.resize(std::min<std::size_t>(expect.size(), 2));
      ASSERT_EQ(got->items.size(), expect.size());
      for (std::size_t j = 0; j < expect.size(); ++j) EXPECT_EQ(got->items[j]->leaf.key, expect[j]);
    }
  }
}

struct CountingLog final : Log {
  int lines = 0;
  void write(LogLevel, std::string_view, std::string_view) override { ++lines; }
};

// Keys come, change and go between pieces of many ages; scrub() compares the index with every live record.
TEST(Store, an_index_in_pieces_of_any_age_opens_as_it_was) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    Model m(seed, 300);
    SimDisk disk;
    NullLog log;
    StoreOptions options;
    options.segment_bytes = 16 << 10;
    options.index_snapshot_min = 16 + std::uint32_t(seed % 4) * 16;
    options.index_snapshot_every = 1;
    auto store = Store::open(disk, log, options);
    OK(store);
    std::size_t most_pieces = 0;
    for (std::uint64_t h = 0; h < 160; ++h) {
      auto s = (*store)->stage(nullptr, Height{h}, m.next_block(m.random() % 24));
      OK(s);
      OK((*store)->commit(*s));
      if (m.random() % 3 != 0) continue;
      OK((*store)->checkpoint());
      most_pieces = std::max(most_pieces, disk.list("index")->size());
      SimDisk copy = disk;
      CountingLog quiet;
      auto again = Store::open(copy, quiet, options);
      OK(again);
      EXPECT_EQ(quiet.lines, 0);  // nothing was rebuilt from the log
      EXPECT_EQ((*again)->root(), (*store)->root());
      OK((*again)->scrub());
      same_state((*again)->view(), m.state, m);
      if (m.random() % 3 == 0) {
        again->reset();
        store->reset();
        store = Store::open(disk, log, options);
        OK(store);
      }
    }
    EXPECT_GE(most_pieces, 3u);
  }
}

}  // namespace
}  // namespace dos::store
