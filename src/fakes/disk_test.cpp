#include "fakes/disk.hpp"

#include <gtest/gtest.h>

#include "fakes/random.hpp"

namespace dos::fakes {
namespace {

Bytes filled(std::size_t n, std::uint8_t v) { return Bytes(n, v); }

TEST(SimDisk, what_was_synced_survives_a_power_cut_and_what_was_not_is_lost_by_sectors) {
  std::uint64_t kept = 0, lost = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk;
    auto f = disk.open("a", Disk::Mode::create);
    ASSERT_TRUE(f && (*f)->write_at(0, filled(4096, 1)) && (*f)->sync() && disk.sync_folder(""));
    ASSERT_TRUE((*f)->write_at(512, filled(2048, 2)).has_value());
    disk.cut_power();
    EXPECT_FALSE((*f)->write_at(0, filled(1, 3)).has_value());
    Random random(seed);
    disk.restart(random);
    const auto bytes = disk.content("a");
    ASSERT_EQ(bytes.size(), 4096u);
    for (std::size_t sector = 0; sector < 8; ++sector) {
      const BytesView s = BytesView(bytes).subspan(sector * 512, 512);
      const bool all1 = equal(s, filled(512, 1)), all2 = equal(s, filled(512, 2));
      ASSERT_TRUE(all1 || (all2 && sector >= 1 && sector < 5)) << sector;
      if (sector >= 1 && sector < 5) ++(all2 ? kept : lost);
    }
  }
  EXPECT_GT(kept, 50u);
  EXPECT_GT(lost, 50u);
}

TEST(SimDisk, a_name_is_durable_with_its_folder_only) {
  bool gone = false, there = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SimDisk disk;
    ASSERT_TRUE(disk.make_folder("d").has_value());
    auto f = disk.open("d/new", Disk::Mode::create);
    ASSERT_TRUE(f && (*f)->write_at(0, filled(10, 1)) && (*f)->sync() && disk.sync_folder("d"));
    ASSERT_TRUE(disk.rename("d/new", "d/old").has_value());
    Random random(seed);
    disk.restart(random);
    (disk.exists("d/old").value() ? there : gone) = true;
    ASSERT_TRUE(disk.exists("d/old").value() || disk.exists("d/new").value());
  }
  EXPECT_TRUE(gone && there);
}

TEST(SimDisk, a_copy_shares_nothing_that_is_written_later) {
  SimDisk disk;
  auto f = disk.open("a", Disk::Mode::create);
  ASSERT_TRUE(f && (*f)->write_at(0, filled(10'000, 1)) && (*f)->sync() && disk.sync_folder(""));
  SimDisk copy = disk;
  ASSERT_TRUE((*f)->write_at(5'000, filled(10, 2)).has_value());
  disk.flip("a", 0, 0xFF);
  EXPECT_EQ(copy.content("a"), filled(10'000, 1));
  EXPECT_EQ(copy.durable_content("a"), filled(10'000, 1));
  EXPECT_EQ(disk.content("a")[5'003], 2);
}

TEST(SimDisk, a_cut_file_reads_as_zeros_where_it_grows_again) {
  SimDisk disk;
  auto f = disk.open("a", Disk::Mode::create);
  ASSERT_TRUE(f && (*f)->write_at(0, filled(9000, 7)) && (*f)->truncate(100) && (*f)->write_at(8000, filled(1, 9)));
  const auto bytes = disk.content("a");
  ASSERT_EQ(bytes.size(), 8001u);
  EXPECT_EQ(bytes[99], 7);
  for (std::size_t i = 100; i < 8000; ++i) ASSERT_EQ(bytes[i], 0) << i;
}

TEST(SimDisk, lost_syncs_return_and_keep_nothing) {
  SimDisk disk;
  auto f = disk.open("a", Disk::Mode::create);
  ASSERT_TRUE(f && (*f)->write_at(0, filled(100, 1)) && (*f)->sync() && disk.sync_folder(""));
  std::size_t told = 0;
  disk.on_durable = [&](const std::string&, BytesView b) { told += b.size(); };
  disk.lose_syncs = true;
  ASSERT_TRUE((*f)->write_at(0, filled(100, 2)) && (*f)->sync());
  EXPECT_EQ(disk.durable_content("a"), filled(100, 1));
  EXPECT_EQ(told, 0u);
  disk.lose_syncs = false;
  ASSERT_TRUE((*f)->sync().has_value());
  EXPECT_EQ(told, 100u);
  EXPECT_EQ(disk.durable_content("a"), filled(100, 2));
}

TEST(SimDisk, one_in_the_place_of_a_liar_keeps_what_it_syncs) {
  const SimDisk empty;
  SimDisk disk;
  disk.lose_syncs = true;
  disk = empty;
  auto f = disk.open("a", Disk::Mode::create);
  ASSERT_TRUE(f && (*f)->write_at(0, filled(100, 1)) && (*f)->sync() && disk.sync_folder(""));
  EXPECT_EQ(disk.durable_content("a"), filled(100, 1));
}

TEST(SimDisk, what_became_durable_is_told_whole_but_for_long_zeros) {
  SimDisk disk;
  Bytes told;
  disk.on_durable = [&](const std::string&, BytesView b) { append(told, b); };
  auto f = disk.open("a", Disk::Mode::create);
  Bytes data(12'000, 0);
  data.front() = 1;
  ASSERT_TRUE((*f)->write_at(0, data) && (*f)->sync());
  EXPECT_EQ(told, data);  // a page of zeros in the middle of what was written belongs to it
  told.clear();
  ASSERT_TRUE((*f)->write_at(16'384, Bytes(1 << 20, 0)) && (*f)->sync());
  EXPECT_TRUE(told.empty());
}

TEST(SimDisk, faults_come_at_their_site) {
  SimDisk disk;
  auto f = disk.open("a", Disk::Mode::create);  // site 0
  disk.fault = SimDisk::Fault::full;
  disk.fault_site = 2;
  ASSERT_TRUE((*f)->write_at(0, filled(8, 1)).has_value());
  auto full = (*f)->write_at(8, filled(8, 2));
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, Errc::disk_full);
  EXPECT_EQ(disk.size("a"), 12u);  // half of it
  EXPECT_FALSE((*f)->sync().has_value());
  EXPECT_EQ(disk.site(), 4u);
}

}  // namespace
}  // namespace dos::fakes
