// What blocks that are not final erased is stepped over in one step, however much it was.
#include "store/stage.hpp"

#include <gtest/gtest.h>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"

namespace dos::store {
namespace {

// Counts what is asked of the committed state below all stages.
struct CountingIndex final : Index {
  std::unique_ptr<Index> in = make_mem_index();
  mutable std::uint64_t asked = 0;
  Result<std::optional<Position>> find(BytesView k) const override { return in->find(k); }
  Result<std::optional<Entry>> floor(BytesView k) const override { return ++asked, in->floor(k); }
  Result<std::optional<Entry>> lower(BytesView k) const override { return ++asked, in->lower(k); }
  Result<std::optional<Entry>> above(BytesView k) const override { return ++asked, in->above(k); }
  Result<Around> around(BytesView k) const override { return ++asked, in->around(k); }
  Status put(BytesView k, Position p) override { return in->put(k, p); }
  Status erase(BytesView k) override { return in->erase(k); }
  std::uint64_t size() const override { return in->size(); }
  std::uint64_t memory_bytes() const override { return in->memory_bytes(); }
  std::uint64_t key_bytes() const override { return in->key_bytes(); }
  Result<Bytes> save(DiskFile& f, BytesView from, std::uint64_t most) const override { return in->save(f, from, most); }
  Status load(std::span<const Part> parts) override { return in->load(parts); }
};

constexpr int kKeys = 1'000;

struct Stages : testing::Test {
  fakes::SimDisk disk;
  fakes::NullLog log;
  Base base{SegmentLog(disk, log, 1 << 20), RecordForest(disk), {}, std::make_unique<CountingIndex>(), {}, {}, 0, {}};
  CountingIndex& index = static_cast<CountingIndex&>(*base.index);
  StageRef top;

  static Bytes name(const char* what, int i = 0) { return to_bytes(as_bytes(what + std::to_string(10'000 + i))); }
  void block(const Delta& delta) {
    auto next = std::make_shared<Stage>(base, top);
    const auto built = build_stage(base, *next, delta);
    ASSERT_TRUE(built) << built.error().detail;
    top = std::move(next);
  }
  void SetUp() override {
    Delta all;
    for (int i = 0; i < kKeys; ++i) all[name("r", i)] = Record{};
    all[name("a")] = all[name("z")] = Record{};
    block(all);
    Delta gone;  // all but one in the middle
    for (int i = 0; i < kKeys; ++i)
      if (i != kKeys / 2) gone[name("r", i)] = std::nullopt;
    block(gone);
    index.asked = 0;
  }
};

TEST_F(Stages, a_range_that_was_emptied_ends_at_once) {
  EXPECT_EQ(*top->reader.next(as_bytes("r"), {}), name("r", kKeys / 2));
  EXPECT_EQ(*top->reader.next(as_bytes("r"), name("r", kKeys / 2)), std::nullopt);
  EXPECT_EQ((*top->reader.above(name("a")))->key, name("r", kKeys / 2));
  EXPECT_EQ((*top->reader.above(name("r", kKeys / 2)))->key, name("z"));
  EXPECT_EQ((*top->reader.above(name("r", 700)))->key, name("z"));
  EXPECT_EQ((*top->reader.lower(name("z")))->key, name("r", kKeys / 2));
  EXPECT_EQ((*top->reader.lower(name("r", 300)))->key, name("a"));
  EXPECT_LE(index.asked, 7u);
}

TEST_F(Stages, blocks_above_an_emptied_range_are_built_without_walking_it) {
  Delta more;
  for (int i = 0; i < 100; ++i) more[name("s", i)] = Record{};
  more[name("r", kKeys / 2)] = std::nullopt;
  block(more);
  EXPECT_EQ(*top->reader.next(as_bytes("r"), {}), std::nullopt);
  EXPECT_EQ((*top->reader.above(name("a")))->key, name("s"));
  EXPECT_EQ((*top->reader.lower(name("s")))->key, name("a"));
  block({{name("r", 5), Record{}}, {name("z"), std::nullopt}});
  EXPECT_EQ(*top->reader.next(as_bytes("r"), {}), name("r", 5));
  EXPECT_EQ((*top->reader.above(name("r", 5)))->key, name("s"));
  EXPECT_EQ(*top->reader.above(name("s", 99)), std::nullopt);
  EXPECT_LE(index.asked, 1'000u);
}

}  // namespace
}  // namespace dos::store
