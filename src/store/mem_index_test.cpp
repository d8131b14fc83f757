#include <gtest/gtest.h>

#include <map>
#include <random>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "store/index.hpp"
#include "store/view.hpp"

namespace dos::store {
namespace {

using Truth = std::map<Bytes, std::uint64_t, KeyLess>;

Bytes random_key(std::mt19937_64& random, int shape) {
  Bytes k{0, 3};
  const std::size_t n = shape == 0 ? random() % 4 : shape == 1 ? 34 : 1 + random() % 300;
  if (shape == 2) k.insert(k.end(), 200, 7);  // long common prefixes
  for (std::size_t i = 0; i < n && k.size() < 320; ++i) k.push_back(std::uint8_t(random() % (shape == 0 ? 6 : 256)));
  return k;
}

void expect_entry(const Result<std::optional<Index::Entry>>& got, Truth::const_iterator want, bool there) {
  ASSERT_TRUE(got.has_value());
  ASSERT_EQ(got->has_value(), there);
  if (!there) return;
  EXPECT_EQ((*got)->key, want->first);
  EXPECT_EQ((*got)->position.value, want->second);
}

void compare_at(const Index& index, const Truth& truth, const Bytes& key) {
  auto at = index.find(key);
  auto it = truth.find(key);
  ASSERT_TRUE(at.has_value());
  ASSERT_EQ(at->has_value(), it != truth.end());
  if (*at) { EXPECT_EQ((*at)->value, it->second); }
  auto up = truth.upper_bound(key);
  auto low = truth.lower_bound(key);
  expect_entry(index.above(key), up, up != truth.end());
  auto around = index.around(key);
  ASSERT_TRUE(around.has_value());
  EXPECT_EQ(around->at, *at);
  expect_entry(around->above, up, up != truth.end());
  expect_entry(index.floor(key), up == truth.begin() ? up : std::prev(up), up != truth.begin());
  expect_entry(index.lower(key), low == truth.begin() ? low : std::prev(low), low != truth.begin());
}

// Parts that overlap: each counts up to where the next begins.
void expect_same_from_parts(const Index& index, const Truth& truth, std::mt19937_64& random) {
  fakes::SimDisk disk;
  std::vector<std::unique_ptr<DiskFile>> files;
  std::vector<Index::Part> parts;
  for (Bytes from;;) {
    files.push_back(std::move(*disk.open("part" + std::to_string(files.size()), Disk::Mode::create)));
    parts.push_back({files.back().get(), from, UINT64_MAX});
    const std::uint64_t most = 1 + random() % 700;
    auto next = index.save(*files.back(), from, most + random() % 3);
    ASSERT_TRUE(next.has_value());
    auto it = truth.lower_bound(from);
    for (std::uint64_t i = 0; i < most && it != truth.end(); ++i) ++it;
    if (it == truth.end()) break;
    from = it->first;
  }
  auto again = make_mem_index();
  ASSERT_TRUE(again->load(parts).has_value());
  ASSERT_EQ(again->size(), truth.size());
  for (const auto& [k, v] : truth) compare_at(*again, truth, k);
  // And a loaded index lives on.
  Truth after = truth;
  for (int i = 0; i < 2000; ++i) {
    const Bytes k = random_key(random, i % 3);
    if (i % 3 == 0 && !after.empty()) {
      auto it = after.lower_bound(k);
      if (it == after.end()) it = after.begin();
      ASSERT_TRUE(again->erase(it->first).has_value());
      after.erase(it);
    } else {
      after[k] = std::uint64_t(i);
      ASSERT_TRUE(again->put(k, Position{std::uint64_t(i)}).has_value());
    }
    compare_at(*again, after, k);
  }
  ASSERT_EQ(again->size(), after.size());
}

TEST(MemIndex, answers_like_an_ordered_map) {
  for (int shape = 0; shape < 3; ++shape)
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      std::mt19937_64 random(seed * 3 + std::uint64_t(shape));
      auto index = make_mem_index();
      Truth truth;
      for (int i = 0; i < 12000; ++i) {
        const bool growing = (i / 3000) % 2 == 0;
        Bytes k = random_key(random, shape);
        if (random() % 10 < (growing ? 3u : 8u) && !truth.empty()) {
          auto it = truth.lower_bound(k);
          if (it == truth.end()) it = truth.begin();
          k = it->first;
          truth.erase(it);
          ASSERT_TRUE(index->erase(k).has_value());
        } else {
          truth[k] = std::uint64_t(i);
          ASSERT_TRUE(index->put(k, Position{std::uint64_t(i)}).has_value());
        }
        if (i % 7 == 0) compare_at(*index, truth, random_key(random, shape));
        if (i % 11 == 0) compare_at(*index, truth, k);
      }
      ASSERT_EQ(index->size(), truth.size());
      std::uint64_t bytes = 0;
      for (const auto& [k, v] : truth) bytes += k.size();
      EXPECT_EQ(index->key_bytes(), bytes);

      fakes::SimDisk disk;
      auto file = disk.open("snapshot", Disk::Mode::create);
      auto end = index->save(**file, {}, UINT64_MAX);
      ASSERT_TRUE(end.has_value() && end->empty());
      const Index::Part whole[] = {{file->get(), {}, UINT64_MAX}};
      auto again = make_mem_index();
      ASSERT_TRUE(again->load(whole).has_value());
      ASSERT_EQ(again->size(), truth.size());
      for (const auto& [k, v] : truth) compare_at(*again, truth, k);
      for (int i = 0; i < 50; ++i) {
        const auto at = random() % disk.size("snapshot");
        disk.flip("snapshot", at, 1);
        EXPECT_FALSE(again->load(whole).has_value()) << at;
        EXPECT_EQ(again->size(), 0u);
        disk.flip("snapshot", at, 1);
      }
      expect_same_from_parts(*index, truth, random);
      while (!truth.empty()) {
        ASSERT_TRUE(index->erase(truth.begin()->first).has_value());
        truth.erase(truth.begin());
        if (truth.size() % 97 == 0) compare_at(*index, truth, random_key(random, shape));
      }
      EXPECT_EQ(index->size(), 0u);
    }
}

TEST(MemIndex, costs_under_48_bytes_a_key_beyond_the_key) {
  std::mt19937_64 random(5);
  auto index = make_mem_index();
  for (std::uint64_t i = 0; i < 100000; ++i) ASSERT_TRUE(index->put(random_key(random, 1), Position{i}).has_value());
  const double beyond = double(index->memory_bytes() - index->key_bytes()) / double(index->size());
  RecordProperty("bytes_beyond_key", std::to_string(beyond));
  EXPECT_LT(beyond, 24.0);
}

}  // namespace
}  // namespace dos::store
