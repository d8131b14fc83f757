// Power cut, full disk and rot at every place where the store writes.
#include <gtest/gtest.h>

#include <random>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "store/store.hpp"
#include "store/store_model_test.hpp"

namespace dos::store {
namespace {

using fakes::NullLog;
using fakes::SimDisk;
using test::Model;

constexpr std::size_t kBlocks = 14;

StoreOptions small() {
  StoreOptions o;
  o.segment_bytes = 2048;
  o.index_snapshot_min = 12;
  o.index_snapshot_every = 1;  // several pieces
  return o;
}

struct Workload {
  std::vector<Delta> blocks;
  std::vector<Hash> roots;  // after each block
};

Workload make_workload(std::uint64_t seed) {
  Workload w;
  Model m(seed);
  for (std::size_t i = 0; i < kBlocks; ++i) w.blocks.push_back(m.next_block(1 + m.random() % 5));
  SimDisk disk;
  NullLog log;
  auto s = Store::open(disk, log, small());
  for (std::size_t i = 0; i < kBlocks; ++i) {
    auto stage = (*s)->stage(nullptr, Height{i}, w.blocks[i]);
    EXPECT_TRUE(stage.has_value());
    EXPECT_TRUE((*s)->commit(*stage).has_value());
    w.roots.push_back((*s)->root());
  }
  return w;
}

// Runs blocks from where the store stands; a checkpoint after every third. False when a fault hit.
bool run(Store& s, const Workload& w, std::int64_t& checkpointed) {
  for (std::uint64_t h = s.empty() ? 0 : s.height().value + 1; h < w.blocks.size(); ++h) {
    auto stage = s.stage(nullptr, Height{h}, w.blocks[h]);
    if (!stage || !s.commit(*stage)) return false;
    EXPECT_EQ(s.root(), w.roots[h]);
    if (h % 3 == 2) {
      if (!s.checkpoint()) return false;
      checkpointed = std::int64_t(h);
    }
  }
  return true;
}

void crash_everywhere(SimDisk::Fault fault) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const Workload w = make_workload(seed);
    std::uint64_t sites = 0;
    {
      SimDisk disk;
      NullLog log;
      std::int64_t at = -1;
      auto s = Store::open(disk, log, small());
      ASSERT_TRUE(s.has_value() && run(**s, w, at));
      sites = disk.site();
    }
    ASSERT_GT(sites, 60u);
    for (std::uint64_t site = 0; site < sites; ++site)
      for (std::uint64_t loss = 0; loss < 4; ++loss) {
        SCOPED_TRACE("seed " + std::to_string(seed) + " site " + std::to_string(site) + " loss " + std::to_string(loss));
        std::mt19937_64 random(site * 16 + loss);
        SimDisk disk;
        NullLog log;
        disk.fault = fault;
        disk.fault_site = site;
        std::int64_t checkpointed = -1;
        {
          auto s = Store::open(disk, log, small());
          if (s && !run(**s, w, checkpointed)) {
            EXPECT_FALSE((*s)->checkpoint().has_value());  // stopped for good
            EXPECT_FALSE((*s)->stage(nullptr, Height{0}, {}).has_value());
          }
        }
        // A second cut while the store opens again.
        disk.restart(std::ref(random));
        disk.fault = SimDisk::Fault::power;
        disk.fault_site = disk.site() + random() % 12;
        { auto s = Store::open(disk, log, small()); }
        disk.restart(std::ref(random));
        auto s = Store::open(disk, log, small());
        ASSERT_TRUE(s.has_value()) << s.error().detail;
        if (checkpointed >= 0) {
          ASSERT_FALSE((*s)->empty());
          ASSERT_GE(std::int64_t((*s)->height().value), checkpointed);
        }
        if (!(*s)->empty()) { ASSERT_EQ((*s)->root(), w.roots[(*s)->height().value]); }
        ASSERT_TRUE((*s)->scrub().has_value()) << (*s)->scrub().error().detail;
        ASSERT_TRUE(run(**s, w, checkpointed));
        ASSERT_EQ((*s)->root(), w.roots.back());
        ASSERT_TRUE((*s)->scrub().has_value());
      }
  }
}

TEST(StoreCrash, power_cut_at_every_site_leaves_the_state_of_a_final_block) { crash_everywhere(SimDisk::Fault::power); }
TEST(StoreCrash, full_disk_at_every_site_stops_the_store_and_loses_nothing_final) { crash_everywhere(SimDisk::Fault::full); }

TEST(StoreCrash, a_flipped_bit_in_any_file_is_found_or_made_good) {
  const Workload w = make_workload(3);
  SimDisk clean;
  NullLog quiet;
  std::int64_t at = -1;
  {
    auto s = Store::open(clean, quiet, small());
    ASSERT_TRUE(s && run(**s, w, at) && (*s)->checkpoint());
  }
  std::mt19937_64 random(9);
  std::map<std::string, int> refused, whole, older;
  for (const auto& name : clean.files()) {
    for (int i = 0; i < 60 && clean.size(name) > 0; ++i) {
      SimDisk disk = clean;
      disk.flip(name, random() % disk.size(name), std::uint8_t(1u << random() % 8));
      NullLog log;
      auto s = Store::open(disk, log, small());
      if (!s) {
        EXPECT_TRUE(s.error().code == Errc::corrupt) << name << ": " << s.error().detail;
        ++refused[name];
        continue;
      }
      // Whatever is served must be right.
      ASSERT_EQ((*s)->root(), w.roots[(*s)->height().value]) << name;
      ++((*s)->height().value + 1 == kBlocks ? whole : older)[name];
      for (std::uint64_t h = 0; h <= (*s)->height().value; ++h) {
        auto p = (*s)->prove({Height{h}, {ProofRequest::Range{{}, {}, 1000, true}}});
        if (!p) {
          EXPECT_TRUE(p.error().code == Errc::corrupt || p.error().code == Errc::disk) << p.error().detail;
          continue;
        }
        auto v = proof::verify(*p, (*s)->root());
        ASSERT_TRUE(v.has_value()) << name << ": " << v.error().detail;
      }
    }
  }
  // Only the log itself cannot be made good from other files.
  for (const auto& [name, n] : refused) EXPECT_TRUE(name.starts_with("log/")) << name;
  for (const auto& [name, n] : older) EXPECT_TRUE(name.starts_with("checkpoint-")) << name;
}

TEST(StoreCrash, a_lost_file_is_rebuilt_or_named) {
  const Workload w = make_workload(4);
  SimDisk clean;
  NullLog quiet;
  std::int64_t at = -1;
  {
    auto s = Store::open(clean, quiet, small());
    ASSERT_TRUE(s && run(**s, w, at) && (*s)->checkpoint());
  }
  for (const auto& name : clean.files())
    for (const bool cut : {false, true}) {
      SimDisk disk = clean;
      if (cut) disk.cut(name, disk.size(name) / 2);
      else disk.lose(name);
      NullLog log;
      auto s = Store::open(disk, log, small());
      if (!s) {
        EXPECT_TRUE(s.error().code == Errc::corrupt && name.starts_with("log/")) << name << ": " << s.error().detail;
        EXPECT_NE(s.error().detail.find("log/"), std::string::npos) << s.error().detail;
        continue;
      }
      ASSERT_EQ((*s)->root(), w.roots[(*s)->height().value]) << name;
      // A closed segment that was cut is found by whatever reads there.
      if (auto whole = (*s)->scrub(); !whole) {
        EXPECT_TRUE(cut && name.starts_with("log/") && whole.error().detail.find(name) != std::string::npos) << name;
      }
    }
}

}  // namespace
}  // namespace dos::store
