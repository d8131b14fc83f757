#include "base/test_code.hpp"
#include "client/files/seal_stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/files/uploads.hpp"
#include "client/test_entropy.hpp"
#include "client/test_ids.hpp"
#include "client/test_places.hpp"

namespace dos::client {
namespace {

struct Sealing : testing::Test {
  TestEntropy entropy;
  Identity alice = *new_identity("alice", crypto::Suite::pq, entropy);
  Identity bob = *new_identity("bob", crypto::Suite::pq, entropy);
  FileReader to_bob{"bob", {1, bob.box_key(1)}};
  NewRing ring = *first_ring(id(1), nullptr, {{"alice", {1, alice.box_key(1)}}}, entropy);
  NewRing other = *first_ring(id(2), nullptr, {{"bob", {1, bob.box_key(1)}}}, entropy);

  static Bytes text(std::size_t n) {
    Bytes b(n);
    for (std::size_t i = 0; i < n; ++i) b[i] = std::uint8_t(i * 131 + (i >> 8));
    return b;
  }
  struct Sealed {
    fs::Content content;
    Seal seal;
    std::vector<Bytes> chunks;
    Hash hash;
  };
  Sealed seal(BytesView plain, const std::vector<FileReader>& readers = {}) {
    MemorySource source(plain);
    auto stream = *SealedStream::sealed(source, ContentKeys::draw(entropy));
    Sealed s;
    s.content = *content_of(stream, &ring.key, readers, entropy);
    s.seal = *decode_seal(s.content.seal);
    s.hash = stream.hash();
    for (std::uint64_t i = 0; i < stream.manifest().chunks.size(); ++i) s.chunks.push_back(*stream.chunk(i));
    return s;
  }
  static Result<Bytes> open(const Seal& seal, FileSecrets secrets, const std::vector<Bytes>& chunks) {
    DOS_ASSIGN(auto stream, OpenedStream::sealed(seal, std::move(secrets)));
    Bytes out;
    for (const auto& c : chunks) {
      DOS_ASSIGN(const auto plain, stream.next(c));
      append(out, plain);
    }
    DOS_TRY(stream.finish());
    return out;
  }
};

constexpr std::size_t kStep = kChunkBytes - 16;

TEST_F(Sealing, every_size_comes_back) {
  for (std::size_t n : {std::size_t(0), std::size_t(1), std::size_t(64), std::size_t(65), std::size_t(4080), std::size_t(4081), kStep - 1,
                        kStep, kStep + 1, 3 * kStep, 3 * kStep + 77}) {
    const auto plain = text(n);
    auto s = seal(plain);
    EXPECT_LE(s.content.seal.size(), 512u);
    EXPECT_EQ(s.content.bytes, padded_size(n));
    std::uint64_t total = 0;
    for (const auto& c : s.chunks) total += c.size();
    EXPECT_EQ(total, sealed_bytes(padded_size(n)));
    EXPECT_EQ(std::holds_alternative<Bytes>(s.content.where), total <= kInlineContentBytes) << n;
    auto secrets = open_seal(s.seal, ring.key, s.content.commit);
    ASSERT_TRUE(secrets) << secrets.error().detail;
    EXPECT_EQ(secrets->bytes, n);
    EXPECT_EQ(*open_size(ring.key, s.hash, s.content.sealed_size), n);
    auto back = open(s.seal, std::move(*secrets), s.chunks);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(*back, plain);
  }
}

TEST_F(Sealing, padding_adds_at_most_an_eighth) {
  for (std::uint64_t n = 65; n < (1ull << 41); n = n * 5 / 4 + 1) {
    EXPECT_GE(padded_size(n), n);
    EXPECT_LE(padded_size(n), n + n * 12 / 100 + 1) << n;
    EXPECT_EQ(padded_size(padded_size(n)), padded_size(n));
  }
  EXPECT_EQ(padded_size(0), 64u);
}

TEST_F(Sealing, no_two_revisions_share_anything) {
  const auto plain = text(100);
  auto a = seal(plain), b = seal(plain);
  EXPECT_NE(a.chunks, b.chunks);
  EXPECT_NE(a.content.commit, b.content.commit);
  EXPECT_NE(a.seal.content_id, b.seal.content_id);
}

TEST_F(Sealing, a_wrong_key_opens_nothing) {
  auto s = seal(text(100));
  EXPECT_EQ(code_of(open_seal(s.seal, other.key, s.content.commit)), Errc::sealed);
  RingKey imposter{id(1), 1, other.key.key.clone()};
  EXPECT_EQ(code_of(open_seal(s.seal, imposter, s.content.commit)), Errc::sealed);
  EXPECT_EQ(code_of(open_size(imposter, s.hash, s.content.sealed_size)), Errc::sealed);
  EXPECT_EQ(code_of(open_seal(s.seal, bob, s.content.commit)), Errc::sealed);
}

TEST_F(Sealing, swapped_repeated_missing_and_foreign_chunks_are_refused) {
  const auto plain = text(3 * kStep + 5);
  auto s = seal(plain);
  ASSERT_GE(s.chunks.size(), 4u);
  auto secrets = [&] { return *open_seal(s.seal, ring.key, s.content.commit); };
  auto c = s.chunks;
  std::swap(c[0], c[1]);
  EXPECT_EQ(code_of(open(s.seal, secrets(), c)), Errc::content_mismatch);
  c = s.chunks;
  c[1] = c[0];
  EXPECT_EQ(code_of(open(s.seal, secrets(), c)), Errc::content_mismatch);
  c = s.chunks;
  c.pop_back();
  EXPECT_EQ(code_of(open(s.seal, secrets(), c)), Errc::content_mismatch);
  c = s.chunks;
  c.push_back(c.back());
  EXPECT_EQ(code_of(open(s.seal, secrets(), c)), Errc::content_mismatch);
  c = s.chunks;
  c[0].pop_back();
  EXPECT_EQ(code_of(open(s.seal, secrets(), c)), Errc::content_mismatch);
  c = s.chunks;
  c[2][1000] ^= 1;
  EXPECT_EQ(code_of(open(s.seal, secrets(), c)), Errc::content_mismatch);
  c = s.chunks;
  c[0] = seal(plain).chunks[0];  // of another file, the same place and plaintext
  EXPECT_EQ(code_of(open(s.seal, secrets(), c)), Errc::content_mismatch);
}

TEST_F(Sealing, a_changed_header_is_refused) {
  auto s = seal(text(5000));
  auto refused = [&](Seal changed) {
    auto opened = open_seal(changed, ring.key, s.content.commit);
    if (!opened) return true;
    return !open(changed, std::move(*opened), s.chunks);
  };
  auto c = s.seal;
  c.content_id[0] ^= 1;
  EXPECT_TRUE(refused(c));
  c = s.seal;
  c.padded = padded_size(c.padded + 1);
  EXPECT_TRUE(refused(c));
  c = s.seal;
  c.key_commitment.bytes[5] ^= 1;
  EXPECT_TRUE(refused(c));
  c = s.seal;
  c.wrapped[30] ^= 1;
  EXPECT_TRUE(refused(c));
  c = s.seal;
  c.ring_epoch = 2;
  EXPECT_TRUE(refused(c));
  Hash commit = s.content.commit;
  commit.bytes[0] ^= 1;
  EXPECT_EQ(code_of(open_seal(s.seal, ring.key, commit)), Errc::content_mismatch);
}

TEST_F(Sealing, a_seal_moved_to_another_file_does_not_open_it) {
  auto a = seal(text(100)), b = seal(text(101));
  EXPECT_EQ(code_of(open_seal(a.seal, ring.key, b.content.commit)), Errc::content_mismatch);
  EXPECT_FALSE(open(a.seal, *open_seal(a.seal, ring.key, a.content.commit), b.chunks));
  EXPECT_EQ(code_of(open_size(ring.key, b.hash, a.content.sealed_size)), Errc::sealed);
}

TEST_F(Sealing, every_flipped_byte_of_a_seal_is_refused) {
  auto s = seal(text(100), {to_bob});
  for (std::size_t i = 0; i < s.content.seal.size(); ++i) {
    auto bytes = s.content.seal;
    bytes[i] ^= 0x10;
    auto decoded = decode_seal(bytes);
    if (!decoded) continue;
    auto by_ring = open_seal(*decoded, ring.key, s.content.commit);
    auto by_envelope = open_seal(*decoded, bob, s.content.commit);
    EXPECT_FALSE(by_ring && by_envelope) << i;
    if (!by_ring) continue;  // else the envelope was hit, not the content
    EXPECT_TRUE(open(*decoded, std::move(*by_ring), s.chunks)) << i;
  }
}

TEST_F(Sealing, moving_rewraps_without_touching_the_content) {
  auto s = seal(text(3000), {to_bob});
  auto secrets = *open_seal(s.seal, ring.key, s.content.commit);
  auto moved = *rewrap(s.seal, secrets, other.key, true, entropy);
  auto copied = *rewrap(s.seal, secrets, other.key, false, entropy);
  EXPECT_EQ(moved.key_commitment, s.seal.key_commitment);
  EXPECT_EQ(code_of(open_seal(moved, ring.key, s.content.commit)), Errc::sealed);
  EXPECT_EQ(*open(moved, *open_seal(moved, other.key, s.content.commit), s.chunks), text(3000));
  EXPECT_TRUE(open_seal(moved, bob, s.content.commit));
  EXPECT_EQ(code_of(open_seal(copied, bob, s.content.commit)), Errc::sealed);
}

TEST_F(Sealing, a_single_reader_opens_one_file_until_taken_away) {
  auto s = seal(text(50));
  auto secrets = *open_seal(s.seal, ring.key, s.content.commit);
  auto shared = *add_reader(s.seal, secrets, to_bob, entropy);
  EXPECT_EQ(*open(shared, *open_seal(shared, bob, s.content.commit), s.chunks), text(50));
  EXPECT_LE(codec::encode(shared).size(), fs::kMaxSealBytes);
  EXPECT_EQ(code_of(open_seal(remove_reader(shared, "bob"), bob, s.content.commit)), Errc::sealed);
  auto full = shared;
  Result<Seal> more = full;
  for (int i = 0; i < 40 && more; ++i) more = add_reader(*more, secrets, {"r" + std::to_string(i), to_bob.key}, entropy);
  ASSERT_FALSE(more);
  EXPECT_EQ(code_of(more), Errc::limit);
}

TEST_F(Sealing, public_content_is_not_sealed_and_still_checked) {
  for (std::size_t n : {std::size_t(0), std::size_t(4096), std::size_t(4097), std::size_t(kChunkBytes) + 3}) {
    const auto plain = text(n);
    MemorySource source(plain);
    auto stream = *SealedStream::open_to_all(source);
    auto content = *content_of(stream, nullptr, {}, entropy);
    EXPECT_TRUE(content.is_public && content.seal.empty() && content.sealed_size.empty());
    EXPECT_EQ(content.bytes, n);
    EXPECT_EQ(content.commit, public_commit(crypto::plain_hash(plain)));
    auto reader = *OpenedStream::open_to_all(content.bytes, content.commit);
    Bytes out;
    for (std::uint64_t i = 0; i < reader.chunks(); ++i) append(out, *reader.next(*stream.chunk(i)));
    EXPECT_TRUE(reader.finish());
    EXPECT_EQ(out, plain);
  }
  auto wrong = *OpenedStream::open_to_all(3, public_commit(crypto::plain_hash(as_bytes("abc"))));
  EXPECT_TRUE(wrong.next(as_bytes("abd")));
  EXPECT_EQ(code_of(wrong.finish()), Errc::content_mismatch);
}

TEST_F(Sealing, a_file_that_changes_while_it_is_read_never_leaves) {
  auto plain = text(2 * kStep);
  MemorySource source(plain);
  auto stream = *SealedStream::sealed(source, ContentKeys::draw(entropy));
  EXPECT_TRUE(stream.chunk(1));
  plain[kStep + 9] ^= 1;
  EXPECT_TRUE(stream.chunk(0));
  EXPECT_EQ(code_of(stream.chunk(1)), Errc::conflict);
}

TEST_F(Sealing, a_file_that_has_more_than_its_size_says_is_not_taken_for_less) {
  const int made_up = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);  // says 0
  ASSERT_GE(made_up, 0);
  FileSource source(made_up, "status");
  EXPECT_EQ(code_of(source.size()), Errc::conflict);
  EXPECT_EQ(code_of(SealedStream::sealed(source, ContentKeys::draw(entropy))), Errc::conflict);
  EXPECT_EQ(code_of(SealedStream::open_to_all(source)), Errc::conflict);
  ::close(made_up);
}

TEST_F(Sealing, a_file_that_grows_while_it_is_hashed_is_refused_and_keeps_its_size_once_it_is) {
  const int fd = ::memfd_create("grows", MFD_CLOEXEC);
  ASSERT_GE(fd, 0);
  const auto plain = text(2 * kStep);
  ASSERT_EQ(::write(fd, plain.data(), plain.size()), ssize_t(plain.size()));
  FileSource source(fd, "grows");
  bool grown = false;
  const auto grow = [&](std::uint64_t done) {
    if (grown || done != plain.size()) return;
    grown = true;  // after its last byte was read
    EXPECT_EQ(::write(fd, "x", 1), 1);
  };
  EXPECT_EQ(code_of(SealedStream::sealed(source, ContentKeys::draw(entropy), grow)), Errc::conflict);
  auto stream = SealedStream::sealed(source, ContentKeys::draw(entropy));
  ASSERT_TRUE(stream);
  EXPECT_EQ(::write(fd, "x", 1), 1);
  EXPECT_EQ(stream->secrets().bytes, plain.size() + 1);
  EXPECT_TRUE(stream->chunk(0));
  ::close(fd);
}

TEST_F(Sealing, an_upload_goes_on_for_the_same_plaintext_and_no_other) {
  TestPlaces home;
  auto plain = text(kResumableBytes + 1);
  const auto target = as_bytes("chain/home/file");
  auto root = [&] {
    MemorySource source(plain);
    return resumable_stream(home.places, target, source, entropy)->hash();
  };
  const auto first = root();
  EXPECT_EQ(root(), first);
  plain[0] ^= 1;
  const auto second = root();
  EXPECT_NE(second, first);
  plain[0] ^= 1;
  EXPECT_NE(root(), first);  // the record is the last upload's
  const auto third = root();
  EXPECT_TRUE(forget_upload(home.places, target));
  EXPECT_TRUE(forget_upload(home.places, target));
  EXPECT_NE(root(), third);
}

}  // namespace
}  // namespace dos::client
