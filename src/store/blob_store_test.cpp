#include "store/blob_store.hpp"

#include <gtest/gtest.h>

#include <random>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"

namespace dos::store {
namespace {

using fakes::NullLog;
using fakes::SimDisk;

struct Content {
  Bytes bytes;
  std::vector<Hash> chunks;
  Hash root;
  explicit Content(std::size_t n, std::uint8_t seed) : bytes(n) {
    for (std::size_t i = 0; i < n; ++i) bytes[i] = std::uint8_t(i * 7 + (i >> 13) + seed);
    for (std::size_t at = 0; at < n; at += kChunkBytes) chunks.push_back(crypto::plain_hash(chunk(at / kChunkBytes)));
    root = crypto::plain_hash(bytes);
  }
  BytesView chunk(std::size_t i) const {
    return BytesView(bytes).subspan(i * kChunkBytes, std::min<std::size_t>(kChunkBytes, bytes.size() - i * kChunkBytes));
  }
};

Status upload(BlobStore& s, const Content& c, std::uint64_t now = 0) {
  DOS_ASSIGN(const auto info, s.begin(c.root, c.bytes.size(), c.chunks, now));
  for (std::size_t i = 0; i < c.chunks.size(); ++i)
    if (!info.have[i]) DOS_TRY(s.put_chunk(c.root, i, c.chunk(i)));
  return {};
}

TEST(BlobStore, resumes_checks_and_reads_chunks) {
  SimDisk disk;
  NullLog log;
  const Content c(kChunkBytes * 2 + 1000, 1);
  auto s = BlobStore::open(disk, log, 1 << 30);
  ASSERT_TRUE(s.has_value());
  ASSERT_TRUE((*s)->begin(c.root, c.bytes.size(), c.chunks, 5).has_value());
  EXPECT_EQ((*s)->put_chunk(c.root, 0, c.chunk(1)).error().code, Errc::content_mismatch);
  ASSERT_TRUE((*s)->put_chunk(c.root, 2, c.chunk(2)).has_value());
  EXPECT_EQ((*s)->make_durable(std::vector{c.root}).error().code, Errc::no_blob);
  EXPECT_EQ((*s)->read_chunk(c.root, 1).error().code, Errc::no_blob);
  s = BlobStore::open(disk, log, 1 << 30);  // the process was killed
  auto info = (*s)->info(c.root);
  ASSERT_TRUE(info.has_value() && info->has_value());
  EXPECT_EQ((*info)->have, (std::vector<bool>{false, false, true}));
  ASSERT_TRUE(upload(**s, c).has_value());
  ASSERT_TRUE((*s)->make_durable(std::vector{c.root}).has_value());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(*(*s)->read_chunk(c.root, i), to_bytes(c.chunk(i)));
  s = BlobStore::open(disk, log, 1 << 30);
  EXPECT_TRUE((**(*s)->info(c.root)).complete());
  EXPECT_FALSE((*(*s)->info(Hash{})).has_value());
  const Content none(0, 0);
  ASSERT_TRUE(upload(**s, none).has_value());
  ASSERT_TRUE((*s)->make_durable(std::vector{none.root}).has_value());
}

TEST(BlobStore, an_upload_is_looked_over_in_steps_after_a_restart) {
  SimDisk disk;
  NullLog log;
  const Content c(kChunkBytes * 5 + 1000, 1), none(0, 0);
  auto s = BlobStore::open(disk, log, 1 << 30);
  ASSERT_TRUE(upload(**s, c) && upload(**s, none));
  s = BlobStore::open(disk, log, 1 << 30);
  const std::string path = "blobs/" + hex(c.root.view()).substr(0, 2) + "/" + hex(c.root.view());
  const auto spoil = [&](std::uint64_t chunk) { disk.flip(path, 4096 + chunk * kChunkBytes, 1); };
  EXPECT_EQ((*s)->look_over(c.root, 2), false);
  spoil(1);  // was read already
  spoil(2);
  EXPECT_EQ((*s)->look_over(c.root, 2), false);
  EXPECT_EQ((*s)->look_over(c.root, 2), true);
  spoil(5);
  const auto info = (*s)->info(c.root);
  ASSERT_TRUE(info && *info);
  EXPECT_EQ((*info)->have, (std::vector<bool>{true, true, false, true, true, true}));
  EXPECT_EQ((*s)->look_over(none.root, 2), true);
  EXPECT_EQ((*s)->look_over(Hash{}, 2), true);
  ASSERT_TRUE((*s)->put_chunk(c.root, 2, c.chunk(2)).has_value());
  const auto file = (*s)->to_flush(c.root);
  ASSERT_TRUE(file && (*file)->sync());
  // Half looked over, the rest is found where it is needed.
  s = BlobStore::open(disk, log, 1 << 30);
  EXPECT_EQ((*s)->look_over(c.root, 4), false);
  EXPECT_EQ((**(*s)->info(c.root)).have, (std::vector<bool>{true, false, true, true, true, false}));
}

constexpr std::uint64_t kHead = 4096;  // of a blob's file, with a short list of hashes
constexpr std::uint64_t kLater = kNeedGraceMs;

TEST(BlobStore, unclaimed_uploads_have_bounds_and_a_lifetime) {
  SimDisk disk;
  NullLog log;
  const Content a(6000, 1), b(6000, 2), c(6000, 3);
  constexpr std::uint64_t kEach = kHead + 6000;
  auto s = BlobStore::open(disk, log, 2 * kEach + kHead);
  ASSERT_TRUE(upload(**s, a, 10) && upload(**s, b, 20));
  EXPECT_EQ((*s)->unclaimed_bytes(), 2 * kEach);
  ASSERT_TRUE((*s)->begin(c.root, c.bytes.size(), c.chunks, 30).has_value());
  EXPECT_EQ((*s)->put_chunk(c.root, 0, c.chunk(0), 30).error().code, Errc::busy);  // the others went on a moment ago
  ASSERT_TRUE((*s)->claim(a.root).has_value());
  EXPECT_EQ((*s)->unclaimed_bytes(), kEach + kHead);
  ASSERT_TRUE(upload(**s, c, 30).has_value());
  ASSERT_TRUE((*s)->sync().has_value());
  s = BlobStore::open(disk, log, 2 * kEach);
  EXPECT_EQ((*s)->unclaimed_bytes(), 2 * kEach);
  EXPECT_EQ((*s)->sweep(125, 100).value(), 6000u);  // b alone is old and unclaimed
  EXPECT_TRUE((*(*s)->info(a.root)).has_value());
  EXPECT_FALSE((*(*s)->info(b.root)).has_value());
  ASSERT_TRUE((*s)->release(a.root, 200).has_value());
  EXPECT_EQ((*s)->sweep(250, 100).value(), 6000u);
  EXPECT_TRUE((*(*s)->info(a.root)).has_value());
  EXPECT_EQ((*s)->sweep(300, 100).value(), 6000u);
  EXPECT_EQ((*s)->unclaimed_bytes(), 0u);
}

TEST(BlobStore, room_is_taken_by_what_arrives_not_by_what_is_announced) {
  SimDisk disk;
  NullLog log;
  const std::uint64_t quota = 4ull << 30, most = quota / kUploaderShare;
  auto s = BlobStore::open(disk, log, quota);
  const auto hashes = [](std::uint64_t bytes, std::uint8_t seed) {
    std::vector<Hash> chunks((bytes + kChunkBytes - 1) / kChunkBytes);
    for (auto& h : chunks) h.bytes[0] = seed;
    return chunks;
  };
  const std::uint64_t large = most - (1 << 20);
  for (std::uint8_t i = 1; i <= 8; ++i) {  // 16 GiB, announced
    Hash root;
    root.bytes[0] = i;
    ASSERT_TRUE((*s)->begin(root, large, hashes(large, i), 5, Uploader{i}).has_value());
  }
  EXPECT_LT((*s)->unclaimed_bytes(), 8ull << 20);
  const Content c(3 * kChunkBytes, 3);
  ASSERT_TRUE(upload(**s, c, 6).has_value());
  Hash root;
  root.bytes[0] = 99;
  EXPECT_EQ((*s)->begin(root, most, hashes(most, 9), 5).error().code, Errc::disk_full);  // with its list of hashes it is over
}

TEST(BlobStore, what_made_no_progress_for_longest_goes_first_and_what_was_promised_stays) {
  SimDisk disk;
  NullLog log;
  const Content a(6000, 1), b(6000, 2), c(6000, 3), d(6000, 4);
  constexpr std::uint64_t kEach = kHead + 6000;
  auto s = BlobStore::open(disk, log, 4 * kEach);
  ASSERT_TRUE(upload(**s, a, 10) && upload(**s, b, 20) && upload(**s, c, 30));
  ASSERT_TRUE((*s)->promise(std::vector{a.root}, 40).has_value());
  ASSERT_TRUE((*s)->sync().has_value());
  for (int life = 0; life < 2; ++life) {  // also after a restart
    const Content fresh(6000, std::uint8_t(10 + life)), more(6000, std::uint8_t(20 + life));
    ASSERT_TRUE(upload(**s, fresh, 50 + kLater * std::uint64_t(1 + life)).has_value());
    EXPECT_EQ((*s)->unclaimed_bytes(), 4 * kEach);
    ASSERT_TRUE(upload(**s, more, 50 + kLater * std::uint64_t(1 + life)).has_value());
    EXPECT_TRUE((*(*s)->info(a.root)).has_value());
    EXPECT_FALSE((*(*s)->info(b.root)).has_value());
    EXPECT_EQ((*(*s)->info(c.root)).has_value(), life == 0);
    s = BlobStore::open(disk, log, 4 * kEach);
  }
  // Its hour over, the promised one is like the others.
  ASSERT_TRUE(upload(**s, d, 40 + kPromiseKeptMs).has_value());
  EXPECT_EQ((*s)->unclaimed_bytes(), 4 * kEach);
  EXPECT_FALSE((*(*s)->info(a.root)).has_value());
}

TEST(BlobStore, one_uploader_has_a_share_and_makes_room_for_itself) {
  SimDisk disk;
  NullLog log;
  const Content a(6000, 1), b(6000, 2), c(6000, 3);
  constexpr std::uint64_t kEach = kHead + 6000;
  auto s = BlobStore::open(disk, log, 2 * kUploaderShare * kEach);
  const Uploader one{1}, two{2};
  const auto by = [&](const Content& x, std::uint64_t now, const Uploader& who) -> Status {
    DOS_TRY((*s)->begin(x.root, x.bytes.size(), x.chunks, now, who));
    return (*s)->put_chunk(x.root, 0, x.chunk(0), now);
  };
  ASSERT_TRUE(by(a, 10, one) && by(b, 20, one));
  EXPECT_EQ(by(c, 30, one).error().code, Errc::busy);
  ASSERT_TRUE(by(c, 30, two));
  const Content d(6000, 4);
  ASSERT_TRUE(by(d, 10 + kLater, one));
  EXPECT_FALSE((*(*s)->info(a.root)).has_value());
  EXPECT_TRUE((*(*s)->info(c.root)).has_value());
}

TEST(BlobStore, nothing_prolongs_an_upload_for_ever) {
  SimDisk disk;
  NullLog log;
  const Content a(6000, 1);
  auto s = BlobStore::open(disk, log, 1 << 20);
  ASSERT_TRUE(upload(**s, a, 1).has_value());
  for (std::uint64_t at = 1; at <= kUnclaimedMostMs; at += kUnclaimedLifeMs / 2) {
    ASSERT_TRUE((*s)->promise(std::vector{a.root}, at).has_value());
    EXPECT_EQ((*s)->sweep(at, kUnclaimedLifeMs, kPromiseKeptMs).value(), 0u);
  }
  const auto over = 2 + kUnclaimedMostMs + kPromiseKeptMs;
  EXPECT_EQ((*s)->promise(std::vector{a.root}, over).error().code, Errc::not_stored);
  ASSERT_TRUE((*s)->touch(a.root, over).has_value());
  EXPECT_EQ((*s)->sweep(over, kUnclaimedLifeMs, kPromiseKeptMs).value(), 6000u);
  ASSERT_TRUE(upload(**s, a, over).has_value());
  EXPECT_TRUE((*s)->promise(std::vector{a.root}, over).has_value());
}

TEST(BlobStore, promises_leave_room_for_uploads) {
  SimDisk disk;
  NullLog log;
  constexpr std::uint64_t kEach = kHead + 6000;
  auto s = BlobStore::open(disk, log, 8 * kEach);
  std::vector<Hash> all;
  for (std::uint8_t i = 0; i < 7; ++i) {
    const Content x(6000, std::uint8_t(40 + i));
    ASSERT_TRUE(upload(**s, x, 10).has_value());
    all.push_back(x.root);
  }
  ASSERT_TRUE((*s)->promise(std::span(all).first(6), 20).has_value());
  EXPECT_EQ((*s)->promise(std::span(all).last(1), 20).error().code, Errc::busy);
  EXPECT_TRUE((*s)->promise(std::span(all).first(1), 20).has_value());  // it is already
  ASSERT_TRUE((*s)->claim(all[0]).has_value());
  EXPECT_TRUE((*s)->promise(std::span(all).last(1), 20).has_value());
}

TEST(BlobStore, an_upload_asked_for_again_lives_anew_also_after_a_restart) {
  SimDisk disk;
  NullLog log;
  const Content a(6000, 1);
  auto s = BlobStore::open(disk, log, 26000);
  ASSERT_TRUE(upload(**s, a, 0).has_value());
  ASSERT_TRUE(upload(**s, a, 100'000).has_value());
  ASSERT_TRUE((*s)->touch(a.root, 200'000).has_value());
  EXPECT_EQ((*s)->sweep(250'000, 100'000).value(), 0u);
  s = BlobStore::open(disk, log, 26000);
  EXPECT_EQ((*s)->sweep(299'999, 100'000).value(), 0u);
  EXPECT_EQ((*s)->unclaimed_bytes(), kHead + 6000);
  EXPECT_EQ((*s)->sweep(300'000, 100'000).value(), 6000u);
}

TEST(BlobStore, a_claim_of_what_is_not_here_says_so_and_holds_once_it_comes) {
  SimDisk disk;
  NullLog log;
  const Content a(6000, 1);
  auto s = BlobStore::open(disk, log, 100);
  EXPECT_EQ((*s)->claim(a.root).error().code, Errc::no_blob);
  ASSERT_TRUE(upload(**s, a, 10).has_value());  // claimed content needs no quota
  EXPECT_EQ((*s)->sweep(1'000'000, 1).value(), 0u);
  EXPECT_TRUE((*s)->claim(a.root).has_value());
}

TEST(BlobStore, a_damaged_note_of_a_claim_is_told_so_that_claims_are_made_again) {
  const Content a(6000, 1), b(6000, 2);
  for (const bool whole_file : {false, true}) {
    SimDisk disk;
    NullLog log;
    auto s = BlobStore::open(disk, log, 1 << 30);
    ASSERT_TRUE(s.has_value());
    EXPECT_TRUE((*s)->claims_intact());
    ASSERT_TRUE(upload(**s, a) && upload(**s, b) && (*s)->claim(a.root) && (*s)->claim(b.root) && (*s)->sync());
    s = BlobStore::open(disk, log, 1 << 30);
    EXPECT_TRUE((*s)->claims_intact());
    if (whole_file) disk.cut("blobs/state", 0);
    else disk.flip("blobs/state", 10, 1);
    s = BlobStore::open(disk, log, 1 << 30);
    ASSERT_TRUE(s.has_value());
    EXPECT_FALSE((*s)->claims_intact());
    ASSERT_TRUE((*s)->claim(a.root) && (*s)->claim(b.root));
    EXPECT_EQ((*s)->sweep(1'000'000, 1).value(), 0u);
    EXPECT_EQ((*s)->unclaimed_bytes(), 0u);
  }
}

TEST(BlobStore, power_cut_at_every_site_keeps_what_was_made_durable) {
  const Content a(kChunkBytes + 3000, 1), b(5000, 2);
  auto work = [&](SimDisk& disk, bool& durable, bool& claimed) {
    NullLog log;
    auto s = BlobStore::open(disk, log, 1 << 30);
    if (!s || !upload(**s, a) || !(*s)->make_durable(std::vector{a.root})) return;
    durable = true;
    if (!(*s)->claim(a.root) || !(*s)->sync()) return;
    claimed = true;
    (void)upload(**s, b).has_value();
  };
  SimDisk whole;
  bool durable = false, claimed = false;
  work(whole, durable, claimed);
  for (auto fault : {SimDisk::Fault::power, SimDisk::Fault::full})
    for (std::uint64_t site = 0; site < whole.site(); ++site)
      for (std::uint64_t loss = 0; loss < 8; ++loss) {
        std::mt19937_64 random(site * 8 + loss);
        SimDisk disk;
        disk.fault = fault;
        disk.fault_site = site;
        durable = claimed = false;
        work(disk, durable, claimed);
        disk.restart(std::ref(random));
        NullLog log;
        auto s = BlobStore::open(disk, log, 1 << 30);
        ASSERT_TRUE(s.has_value()) << s.error().detail;
        if (durable) {
          ASSERT_TRUE((*(*s)->info(a.root)).has_value());
          for (std::size_t i = 0; i < 2; ++i) ASSERT_EQ((*s)->read_chunk(a.root, i).value(), to_bytes(a.chunk(i)));
        }
        if (claimed) {
          ASSERT_EQ((*s)->sweep(1000, 1).value() + 1 > 0, true);
          ASSERT_TRUE((*(*s)->info(a.root)).has_value());
        }
        for (const Content* c : {&a, &b}) {  // whatever was left, the upload goes on from there
          ASSERT_TRUE(upload(**s, *c).has_value());
          ASSERT_TRUE((*s)->make_durable(std::vector{c->root}).has_value());
          for (std::size_t i = 0; i < c->chunks.size(); ++i) ASSERT_EQ((*s)->read_chunk(c->root, i).value(), to_bytes(c->chunk(i)));
        }
      }
}

// Between the two ends of a sync no lock is held: others read, upload, drop.
TEST(BlobStore, what_changed_while_it_went_to_the_disk_is_not_taken_for_durable) {
  const Content a(kChunkBytes + 3000, 1);
  const std::string path = "blobs/" + hex(a.root.view()).substr(0, 2) + "/" + hex(a.root.view());
  NullLog log;
  for (int what = 0; what < 4; ++what) {
    SimDisk disk;
    auto s = std::move(*BlobStore::open(disk, log, 1 << 30));
    ASSERT_TRUE(upload(*s, a, 1000));
    auto sync = s->begin_durable(std::vector{a.root});
    ASSERT_TRUE(sync && !sync->nothing());
    ASSERT_TRUE(sync->run());
    if (what == 1 || what == 2) {
      disk.flip(path, 4096 + 10, 1);
      EXPECT_EQ(s->read_chunk(a.root, 0).error().code, Errc::corrupt);
    }
    if (what == 2) { ASSERT_TRUE(s->put_chunk(a.root, 0, a.chunk(0), 1000)); }
    if (what == 3) {
      ASSERT_TRUE(s->sweep(kUnclaimedLifeMs + 2000, kUnclaimedLifeMs));
      ASSERT_TRUE(upload(*s, a, kUnclaimedLifeMs + 2000));
    }
    const auto ended = s->end_durable(*sync);
    if (what == 0) {
      EXPECT_TRUE(ended);
      EXPECT_TRUE(s->begin_durable(std::vector{a.root})->nothing());
      EXPECT_TRUE(s->end_durable(*sync)) << "two may have begun it";
    } else {
      ASSERT_FALSE(ended) << what;
      EXPECT_EQ(ended.error().code, Errc::no_blob);
    }
    std::mt19937_64 random(7);
    disk.restart(std::ref(random));  // power is lost
    s = std::move(*BlobStore::open(disk, log, 1 << 30));
    ASSERT_TRUE(upload(*s, a, 2000));
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(s->read_chunk(a.root, i), to_bytes(a.chunk(i))) << what;
  }
}

TEST(BlobStore, what_is_about_to_be_promised_stays_while_it_goes_to_the_disk) {
  SimDisk disk;
  NullLog log;
  const Content a(kChunkBytes, 1);
  auto s = std::move(*BlobStore::open(disk, log, 1 << 30));
  ASSERT_TRUE(upload(*s, a, 1000));
  const auto sync = s->begin_promise(std::vector{a.root}, 1000);
  ASSERT_TRUE(sync);
  ASSERT_TRUE(s->shed(UINT64_MAX, 1000 + kUnclaimedLifeMs));  // the disk is full
  ASSERT_TRUE(sync->run());
  EXPECT_TRUE(s->end_promise(std::vector{a.root}, *sync, 1000));
  EXPECT_TRUE(s->read_chunk(a.root, 0));
}

TEST(BlobStore, rot_is_named_never_served_and_made_good_by_an_upload) {
  const Content a(kChunkBytes + 3000, 1);
  SimDisk disk;
  NullLog log;
  {
    auto s = BlobStore::open(disk, log, 1 << 30);
    ASSERT_TRUE(upload(**s, a) && (*s)->make_durable(std::vector{a.root}) && (*s)->claim(a.root));
  }
  const std::string path = "blobs/" + hex(a.root.view()).substr(0, 2) + "/" + hex(a.root.view());
  std::mt19937_64 random(2);
  for (int i = 0; i < 60; ++i) {
    disk.flip(path, i < 20 ? random() % 100 : random() % disk.size(path), 0x10);
    auto s = BlobStore::open(disk, log, 1 << 30);
    ASSERT_TRUE(s.has_value());
    for (std::size_t c = 0; c < 2; ++c) {
      auto chunk = (*s)->read_chunk(a.root, c);
      if (chunk) {
        ASSERT_EQ(*chunk, to_bytes(a.chunk(c)));
      } else {
        EXPECT_TRUE(chunk.error().code == Errc::corrupt || chunk.error().code == Errc::no_blob);
      }
    }
    ASSERT_TRUE(upload(**s, a).has_value());
    ASSERT_TRUE((*s)->make_durable(std::vector{a.root}).has_value());
    for (std::size_t c = 0; c < 2; ++c) ASSERT_EQ((*s)->read_chunk(a.root, c).value(), to_bytes(a.chunk(c)));
  }
}

}  // namespace
}  // namespace dos::store
