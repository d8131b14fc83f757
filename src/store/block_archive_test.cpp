#include "store/block_archive.hpp"

#include <gtest/gtest.h>

#include <random>

#include "codec/bcs.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "store/archive_segment.hpp"

namespace dos::store {
namespace {

using fakes::NullLog;
using fakes::SimDisk;

ArchivedBlock block(std::uint64_t h) {
  std::mt19937_64 random(h);
  return {Height{h}, Bytes(100, std::uint8_t(h)), Bytes(random() % 3000, std::uint8_t(h + 1)), Bytes(50, 2), Bytes(random() % 500, 3)};
}
std::vector<Hash> txids(std::uint64_t h) {
  std::vector<Hash> out;
  for (std::uint64_t i = 0; i < h % 4; ++i) {
    Hash t;
    t.bytes[0] = std::uint8_t(h * 37);
    t.bytes[1] = std::uint8_t(h);
    t.bytes[2] = std::uint8_t(i);
    out.push_back(t);
  }
  return out;
}

void expect_blocks(const BlockArchive& a, std::uint64_t count) {
  for (std::uint64_t h = 0; h < count; ++h) {
    auto b = a.block(Height{h});
    ASSERT_TRUE(b.has_value() && b->has_value()) << h;
    EXPECT_EQ(codec::encode(**b), codec::encode(block(h)));
    const auto ids = txids(h);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      auto at = a.find(ids[i]);
      ASSERT_TRUE(at.has_value() && at->has_value());
      EXPECT_EQ((*at)->height, Height{h});
      EXPECT_EQ((*at)->index, i);
    }
  }
  EXPECT_FALSE((*a.block(Height{count})).has_value());
  for (const Hash& t : txids(count)) EXPECT_FALSE((*a.find(t)).has_value());
}

TEST(BlockArchive, finds_blocks_and_transactions_and_forgets_on_request) {
  SimDisk disk;
  NullLog log;
  auto a = BlockArchive::open(disk, log);
  ASSERT_TRUE(a.has_value());
  EXPECT_FALSE((*a)->last());
  for (std::uint64_t h = 0; h < 30; ++h) ASSERT_TRUE((*a)->append(block(h), txids(h)).has_value());
  EXPECT_FALSE((*a)->append(block(31), {}).has_value());
  expect_blocks(**a, 30);
  ASSERT_TRUE((*a)->sync().has_value());
  ASSERT_TRUE((*a)->truncate_after(Height{21}).has_value());
  expect_blocks(**a, 22);
  ASSERT_TRUE((*a)->append(block(22), txids(22)).has_value());
  a = BlockArchive::open(disk, log);
  ASSERT_TRUE(a.has_value());
  expect_blocks(**a, 23);
  EXPECT_TRUE(log.lines.empty());
}

TEST(BlockArchive, power_cut_at_every_site_keeps_what_was_synced) {
  auto work = [](SimDisk& disk, std::uint64_t& synced) {
    NullLog log;
    auto a = BlockArchive::open(disk, log);
    if (!a) return;
    for (std::uint64_t h = 0; h < 12; ++h) {
      if (!(*a)->append(block(h), txids(h))) return;
      if (h % 3 == 1) {
        if (!(*a)->sync()) return;
        synced = h + 1;
      }
    }
  };
  SimDisk whole;
  std::uint64_t synced = 0;
  work(whole, synced);
  for (auto fault : {SimDisk::Fault::power, SimDisk::Fault::full})
    for (std::uint64_t site = 0; site < whole.site(); ++site)
      for (std::uint64_t loss = 0; loss < 12; ++loss) {
        std::mt19937_64 random(site * 64 + loss);
        SimDisk disk;
        disk.fault = fault;
        disk.fault_site = site;
        synced = 0;
        work(disk, synced);
        disk.restart(std::ref(random));
        NullLog log;
        auto a = BlockArchive::open(disk, log);
        ASSERT_TRUE(a.has_value()) << a.error().detail;
        const std::uint64_t have = (*a)->last() ? (*a)->last()->value + 1 : 0;
        ASSERT_GE(have, synced);
        expect_blocks(**a, have);
        for (std::uint64_t h = have; h < 14; ++h) ASSERT_TRUE((*a)->append(block(h), txids(h)).has_value());
        expect_blocks(**a, 14);
      }
}

TEST(BlockArchive, rot_is_named_and_never_served) {
  SimDisk clean;
  NullLog quiet;
  {
    auto a = BlockArchive::open(clean, quiet);
    for (std::uint64_t h = 0; h < 20; ++h) ASSERT_TRUE((*a)->append(block(h), txids(h)) && (*a)->sync());
  }
  std::mt19937_64 random(4);
  for (int i = 0; i < 300; ++i) {
    SimDisk disk = clean;
    disk.flip("archive/000000", random() % disk.size("archive/000000"), std::uint8_t(1u << random() % 8));
    NullLog log;
    auto a = BlockArchive::open(disk, log);
    ASSERT_TRUE(a.has_value());
    int bad = 0;
    for (std::uint64_t h = 0; h < 20; ++h) {
      auto b = (*a)->block(Height{h});
      if (!b) {
        EXPECT_EQ(b.error().code, Errc::corrupt);
        ++bad;
      } else if (!*b) {
        EXPECT_EQ(h, 19u);  // the last one alone can pass for torn
      } else {
        EXPECT_EQ(codec::encode(**b), codec::encode(block(h)));
      }
    }
    EXPECT_LE(bad, 1);
  }
}

// Found by simulated networks: the heights behind such a segment were counted from nothing.
TEST(BlockArchive, a_closed_segment_without_any_sound_block_is_named) {
  for (const int lost : {0, 1}) {
    SimDisk disk;
    NullLog log;
    auto a = BlockArchive::open(disk, log, 8'000);
    for (std::uint64_t h = 0; h < 30; ++h) ASSERT_TRUE((*a)->append(block(h), txids(h)) && (*a)->sync());
    const auto name = "archive/00000" + std::to_string(lost);
    disk.lose(name + ".index");
    auto file = disk.open(name, Disk::Mode::write);
    ASSERT_TRUE((*file)->write_at(0, Bytes(disk.size(name))).has_value());
    a = BlockArchive::open(disk, log, 8'000);
    ASSERT_FALSE(a.has_value());
    EXPECT_EQ(a.error().code, Errc::corrupt);
  }
}

// An index as a whole takes ten milliseconds: who asks here and there must not have one read each time.
TEST(BlockArchive, what_lies_in_closed_segments_is_found_without_their_indexes) {
  SimDisk disk;
  NullLog log;
  auto a = BlockArchive::open(disk, log, 8'000);
  for (std::uint64_t h = 0; h < 40; ++h) ASSERT_TRUE((*a)->append(block(h), txids(h)));
  ASSERT_TRUE((*a)->sync());
  ASSERT_TRUE(disk.exists("archive/000003").value());
  for (int round = 0; round < 2; ++round)
    for (std::uint64_t h = 0; h < 40; h += 5) {
      const auto before = disk.reads();
      EXPECT_TRUE(*(*a)->block(Height{h}));
      EXPECT_EQ(disk.reads(), before + 2) << h;  // its head, and all of it
    }
  // What rotted there is found all the same: the index is made anew.
  const std::string name = "archive/000000.index";
  const auto open = [&] { return std::move(*disk.open(name, Disk::Mode::write)); };
  Bytes sealed(disk.size(name));
  ASSERT_TRUE(open()->read_at(0, sealed));
  const auto index = unseal_archive_index(sealed);
  ASSERT_TRUE(index && index->txs.size() > 1);
  for (std::size_t place = 0; place < index->txs.size(); ++place) {
    const auto at = archive_index_tx_at(index->offsets.size(), index->txs.size(), place);
    EXPECT_EQ(codec::encode(index->txs[place]), to_bytes(BytesView(sealed).subspan(at, kArchiveIndexTxBytes)));
    ASSERT_TRUE(open()->write_at(at, Bytes(4, 0xEE)));
    const auto found = (*a)->find(index->txs[place].id);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->height.value, index->txs[place].height);
    EXPECT_EQ((*found)->index, index->txs[place].index);
    Bytes again(sealed.size());
    ASSERT_TRUE(open()->read_at(0, again));
    EXPECT_EQ(again, sealed);
  }
}

// Whoever has a few cores for a day makes ids whose first bytes are those of another one.
TEST(BlockArchive, many_ids_that_begin_alike_are_told_apart_in_a_few_reads) {
  SimDisk disk;
  NullLog log;
  auto a = BlockArchive::open(disk, log, 8'000);
  std::vector<Hash> alike(256, Hash{{1, 2, 3, 4}});
  for (std::size_t i = 0; i < alike.size(); ++i) alike[i].bytes[9] = std::uint8_t(i * 77);  // in no order
  ASSERT_TRUE((*a)->append(block(0), alike));
  for (std::uint64_t h = 1; h < 20; ++h) ASSERT_TRUE((*a)->append(block(h), {}));
  for (bool opened_again : {false, true}) {
    if (opened_again) {
      ASSERT_TRUE((*a)->sync());
      a = BlockArchive::open(disk, log, 8'000);
    }
    for (std::size_t i = 0; i < alike.size(); ++i) {
      const auto before = disk.reads();
      const auto found = (*a)->find(alike[i]);
      ASSERT_TRUE(found && *found) << i;
      EXPECT_EQ((*found)->index, i);
      EXPECT_LE(disk.reads() - before, 9u);
      auto other = alike[i];
      other.bytes[20] = 1;
      const auto middle = disk.reads();
      EXPECT_FALSE(*(*a)->find(other));
      EXPECT_LE(disk.reads() - middle, 9u);
    }
  }
}

TEST(BlockArchive, one_that_begins_above_genesis_is_found_again_over_several_segments) {
  for (const bool with_indexes : {true, false}) {
    SimDisk disk;
    NullLog log;
    auto a = BlockArchive::open(disk, log, 8'000);
    for (std::uint64_t h = 1; h < 30; ++h) ASSERT_TRUE((*a)->append(block(h), txids(h)).has_value());
    ASSERT_TRUE((*a)->sync().has_value());
    ASSERT_TRUE(disk.exists("archive/000002").value());
    if (!with_indexes)
      for (const auto& name : disk.files())
        if (name.ends_with(".index")) disk.lose(name);
    a = BlockArchive::open(disk, log, 8'000);
    ASSERT_TRUE(a.has_value());
    ASSERT_EQ((*a)->last(), Height{29});
    for (std::uint64_t h = 1; h < 30; ++h) {
      auto b = (*a)->block(Height{h});
      ASSERT_TRUE(b.has_value() && b->has_value()) << h;
      EXPECT_EQ(codec::encode(**b), codec::encode(block(h)));
    }
    ASSERT_TRUE((*a)->append(block(30), txids(30)).has_value());
  }
}

TEST(BlockArchive, index_of_a_closed_segment_is_sealed) {
  ArchiveIndex index{5, {0, 100}, {{txids(7)[1], 6, 1}, {txids(7)[0], 6, 0}}, 200};
  Bytes sealed = seal_archive_index(index);
  auto back = unseal_archive_index(sealed);
  ASSERT_TRUE(back.has_value());
  EXPECT_TRUE(back->txs[0].id < back->txs[1].id);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] ^= 4;
    EXPECT_FALSE(unseal_archive_index(sealed).has_value());
    sealed[i] ^= 4;
  }
}

}  // namespace
}  // namespace dos::store
