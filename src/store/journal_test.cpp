#include "store/journal.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "fakes/random.hpp"
#include "store/journal_group.hpp"

namespace dos::store {
namespace {

using fakes::NullLog;
using fakes::SimDisk;

fakes::SimEntropy entropy{fakes::Random(1)};

JournalOptions small() {
  JournalOptions o;
  o.segment_bytes = 4096;
  o.keep_segments = 2;
  return o;
}

std::vector<JournalRecord> group(std::uint64_t n) {
  std::mt19937_64 random(n);
  std::vector<JournalRecord> g;
  for (std::uint64_t i = 0; i <= random() % 3; ++i) g.push_back({std::uint8_t(1 + i), n, Bytes(random() % 900, std::uint8_t(n))});
  if (n == 9) g.push_back({1, n, Bytes(6000, 9)});  // larger than a segment
  return g;
}

// Groups from the `from`-th on must be what replay gives; their number is returned.
std::uint64_t expect_groups(const std::vector<JournalRecord>& all, std::uint64_t from) {
  std::uint64_t n = from;
  for (std::size_t at = 0; at < all.size(); ++n)
    for (const auto& r : group(n)) {
      EXPECT_LT(at, all.size());
      if (at >= all.size()) return n;
      EXPECT_EQ(all[at].kind, r.kind);
      EXPECT_EQ(all[at].height, r.height);
      EXPECT_EQ(all[at].bytes, r.bytes);
      ++at;
    }
  return n;
}

TEST(Journal, replays_what_was_appended_and_recycles_what_was_released) {
  SimDisk disk;
  NullLog log;
  auto j = Journal::open(disk, entropy, log, small());
  ASSERT_TRUE(j.has_value()) << j.error().detail;
  for (std::uint64_t n = 0; n < 40; ++n) ASSERT_TRUE((*j)->append(group(n)).has_value());
  auto all = (*j)->replay();
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(expect_groups(*all, 0), 40u);
  ASSERT_TRUE((*j)->release(30).has_value());
  const std::size_t files = disk.list("journal")->size();
  for (std::uint64_t n = 40; n < 200; ++n) {
    ASSERT_TRUE((*j)->append(group(n)).has_value());
    ASSERT_TRUE((*j)->release(n - 5).has_value());
    ASSERT_LE(disk.list("journal")->size(), files + 6);
  }
  j = Journal::open(disk, entropy, log, small());
  ASSERT_TRUE(j.has_value());
  EXPECT_TRUE((*j)->intact());
  all = (*j)->replay();
  ASSERT_TRUE(all.has_value() && !all->empty());
  EXPECT_LE(all->front().height, 195u);
  EXPECT_EQ(expect_groups(*all, all->front().height), 200u);
}

TEST(Journal, a_group_above_its_limit_is_refused_and_nothing_is_let_go) {
  SimDisk disk;
  NullLog log;
  auto options = small();
  options.group_bytes = 1000;
  auto j = Journal::open(disk, entropy, log, options);
  ASSERT_TRUE(j && (*j)->append(std::vector<JournalRecord>{{1, 1, Bytes(1000 - 16, 1)}}));
  const auto refused = (*j)->append(std::vector<JournalRecord>{{1, 2, Bytes(1000 - 15, 2)}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::limit);
  EXPECT_FALSE((*j)->bound_before_last());  // it stopped
  j = Journal::open(disk, entropy, log, options);
  ASSERT_TRUE(j && (*j)->intact());
  const auto kept = (*j)->replay();
  ASSERT_TRUE(kept && kept->size() == 1);
  EXPECT_EQ(kept->front().height, 1u);
}

TEST(Journal, power_cut_or_full_disk_at_every_site_loses_no_group_that_had_returned) {
  std::uint64_t sites = 0;
  auto work = [](SimDisk& disk, std::uint64_t& done, std::uint64_t& released) {
    NullLog log;
    auto j = Journal::open(disk, entropy, log, small());
    if (!j) return;
    for (; done < 16; ++done) {
      if (!(*j)->append(group(done))) {
        EXPECT_FALSE((*j)->append(group(done)).has_value());  // stopped for good
        return;
      }
      if (done == 11) {
        released = 7;
        if (!(*j)->release(7)) return;
      }
    }
  };
  {
    SimDisk disk;
    std::uint64_t done = 0, released = 0;
    work(disk, done, released);
    ASSERT_EQ(done, 16u);
    sites = disk.site();
  }
  for (auto fault : {SimDisk::Fault::power, SimDisk::Fault::full})
    for (std::uint64_t site = 0; site < sites; ++site)
      for (std::uint64_t loss = 0; loss < 12; ++loss) {
        SCOPED_TRACE(std::to_string(site) + " " + std::to_string(loss));
        std::mt19937_64 random(site * 64 + loss);
        SimDisk disk;
        disk.fault = fault;
        disk.fault_site = site;
        std::uint64_t done = 0, released = 0;
        work(disk, done, released);
        disk.restart(std::ref(random));
        NullLog log;
        auto j = Journal::open(disk, entropy, log, small());
        ASSERT_TRUE(j.has_value()) << j.error().detail;
        ASSERT_TRUE((*j)->intact()) << log.lines.front();
        auto all = (*j)->replay();
        ASSERT_TRUE(all.has_value());
        const std::uint64_t first = all->empty() ? 0 : all->front().height;
        ASSERT_LE(first, released + (released > 0 ? 1 : 0));
        const std::uint64_t end = expect_groups(*all, first);
        ASSERT_GE(end, done);
        ASSERT_LE(end, done + 1);  // the one under way may have arrived
        for (std::uint64_t n = end; n < 20; ++n) ASSERT_TRUE((*j)->append(group(n)).has_value());
        j = Journal::open(disk, entropy, log, small());
        ASSERT_TRUE(j && (*j)->intact()) << log.lines.back();
        EXPECT_EQ(expect_groups(*(*j)->replay(), first), 20u);
      }
}

TEST(Journal, damage_before_a_sound_group_is_no_torn_tail) {
  SimDisk clean;
  NullLog quiet;
  {
    auto j = Journal::open(clean, entropy, quiet, small());
    for (std::uint64_t n = 0; n < 12; ++n) ASSERT_TRUE((*j)->append(group(n)).has_value());
  }
  std::mt19937_64 random(1);
  int middle = 0;
  for (int i = 0; i < 400; ++i) {
    SimDisk disk = clean;
    std::string name;
    for (const auto& n : clean.files())
      if (n.find("spare") == std::string::npos && (name.empty() || random() % 3 == 0)) name = n;
    disk.flip(name, random() % disk.size(name), std::uint8_t(1u << random() % 8));
    NullLog log;
    auto j = Journal::open(disk, entropy, log, small());
    ASSERT_TRUE(j.has_value());
    auto all = (*j)->replay();
    ASSERT_TRUE(all.has_value());
    std::size_t whole = 0;
    for (std::uint64_t n = 0; n < 12; ++n) whole += group(n).size();
    if (!(*j)->intact()) {
      ++middle;
      EXPECT_LT(all->size(), whole);
      EXPECT_FALSE(log.lines.empty());
      // From sound_from() on nothing is missing, up to the end: the last groups, whole; and what is written now joins on.
      const auto from = (*j)->sound_from();
      ASSERT_LE(from, all->size());
      std::uint64_t first = 12;
      for (std::size_t left = all->size() - from; left > 0; left -= group(first).size()) ASSERT_GT(first--, 0u);
      EXPECT_EQ(expect_groups({all->begin() + std::ptrdiff_t(from), all->end()}, first), 12u);
      ASSERT_TRUE((*j)->append(group(12)).has_value());
      j = Journal::open(disk, entropy, log, small());
      ASSERT_TRUE(j.has_value());
      EXPECT_FALSE((*j)->intact());
      EXPECT_EQ((*j)->sound_from(), from);
      EXPECT_EQ((*j)->replay()->size(), all->size() + group(12).size());
    } else if (all->size() < whole) {
      EXPECT_EQ(expect_groups(*all, 0), 11u);  // only the last group can pass for torn
    }
  }
  EXPECT_GT(middle, 20);
  // A whole segment lost in the middle.
  clean.lose("journal/00000002");
  auto j = Journal::open(clean, entropy, quiet, small());
  ASSERT_TRUE(j.has_value());
  EXPECT_FALSE((*j)->intact());
}

// Bytes that begin at `phase` of every block, and are a group for whoever knows the format and has seen the salts of before.
Bytes forged_groups(const SegmentSalt& salt, std::size_t phase) {
  const Bytes group = write_group(salt, 77, std::vector<JournalRecord>{{11, 1000, Bytes(16, 0xEE)}});
  Bytes bytes(3400);
  for (std::size_t at = phase; at + 128 <= bytes.size(); at += kGroupAlign)
    std::copy_n(group.begin(), 128, bytes.begin() + std::ptrdiff_t(at));
  return bytes;
}

TEST(Journal, what_users_wrote_into_a_file_is_no_group_of_the_segment_that_it_becomes) {
  for (const bool seen : {false, true})
    for (std::size_t phase = 0; phase < kGroupAlign; ++phase) {
      SimDisk disk;
      NullLog log;
      auto j = Journal::open(disk, entropy, log, small());
      SegmentSalt salt{};
      if (seen) {
        Bytes head(kGroupAlign);
        ASSERT_TRUE((*disk.open("journal/00000001", Disk::Mode::read))->read_at(0, head));
        salt = read_segment_head(head)->salt;
      }
      for (std::uint64_t height = 1; height <= 2; ++height)  // each fills a segment
        ASSERT_TRUE((*j)->append(std::vector<JournalRecord>{{8, height, forged_groups(salt, phase)}}));
      ASSERT_TRUE((*j)->release(1));
      ASSERT_TRUE((*j)->append(std::vector<JournalRecord>{{9, 3, Bytes(100)}}));
      ASSERT_TRUE((*disk.exists("journal/00000003")));
      j = Journal::open(disk, entropy, log, small());
      ASSERT_TRUE(j) << j.error().detail;
      EXPECT_TRUE((*j)->intact()) << phase;
      EXPECT_EQ((*j)->replay()->size(), 2u) << phase;
    }
}

TEST(Journal, a_damaged_head_is_no_empty_segment) {
  SimDisk disk;
  NullLog log;
  auto j = Journal::open(disk, entropy, log, small());
  ASSERT_TRUE((*j)->append(group(1)));
  const auto path = "journal/" + disk.list("journal")->front();
  ASSERT_TRUE(path.ends_with("00000001"));
  disk.flip(path, 20, 1);  // its salt
  for (int life = 0; life < 3; ++life) {
    j = Journal::open(disk, entropy, log, small());
    ASSERT_TRUE(j);
    EXPECT_FALSE((*j)->intact());
    EXPECT_EQ((*j)->sound_from(), 0u);
    EXPECT_EQ((*j)->replay()->size(), std::size_t(life));
    ASSERT_TRUE((*j)->append(std::vector<JournalRecord>{{1, 5, Bytes(10)}}));
  }
  ASSERT_TRUE((*j)->release(0));
  EXPECT_TRUE((*Journal::open(disk, entropy, log, small()))->intact()) << "it went with what is elsewhere durable";
}

}  // namespace
}  // namespace dos::store
