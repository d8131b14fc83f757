#include "chain/kept_content.hpp"

#include <gtest/gtest.h>

#include "chain/test_gate.hpp"
#include "fakes/clock.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "fakes/random.hpp"

namespace dos::chain {
namespace {

struct Records final : store::StateView {
  Result<std::optional<store::Record>> get(BytesView key) const override {
    const auto it = all.find(key);
    return it == all.end() ? std::nullopt : it->second;
  }
  Result<std::optional<Version>> version(BytesView) const override { return std::nullopt; }
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override {
    const auto it = after.empty() ? all.lower_bound(prefix) : all.upper_bound(after);
    return it != all.end() && starts_with(it->first, prefix) ? std::optional(it->first) : std::nullopt;
  }
  store::Delta all;
};

// Records of module 90 name the blob whose root is their data; those of others name nothing.
std::optional<Hash> root_in(BytesView data) {
  Hash root;
  if (data.size() != root.bytes.size()) return std::nullopt;
  std::copy(data.begin(), data.end(), root.bytes.begin());
  return root;
}

struct KeptContentTest : ::testing::Test {
  fakes::SimDisk disk;
  fakes::NullLog log;
  fakes::SimClock clock;
  fakes::SimEntropy entropy{fakes::Random(1)};
  std::unique_ptr<store::BlobStore> blobs = *store::BlobStore::open(disk, log, 1 << 30);
  const ledger::SystemRules rules{{.number = 90, .name = "test", .content = ledger::ContentRule{Bytes{0, 90}, root_in}},
                                  {.number = 91, .name = "other"}};
  int alone = 0;
  std::unique_ptr<KeptContent> content = opened();
  Records state;

  std::unique_ptr<KeptContent> opened() {
    return std::make_unique<KeptContent>(*blobs, std::make_unique<CountedGate>(alone), rules, Edges{clock, entropy, log});
  }
  Hash upload(std::uint8_t n) {
    const Bytes bytes(5000, n);
    const Hash root{{n}}, chunk = crypto::plain_hash(bytes);
    EXPECT_TRUE(blobs->begin(root, bytes.size(), {chunk}, 0));
    EXPECT_TRUE(blobs->put_chunk(root, 0, bytes));
    return root;
  }
  static Bytes key(std::uint8_t n, std::uint8_t module = 90) { return {0, module, n}; }
  static store::Record naming(const Hash& root, std::uint64_t until = 1000) {
    store::Record r;
    r.paid_until = TimeMs{until};
    r.data = to_bytes(root.view());
    return r;
  }
  // A block of that time that does this to the state.
  void block(const store::Delta& delta, std::uint64_t time = 1) {
    const auto changes = content->changes(state, delta);
    ASSERT_TRUE(changes);
    ASSERT_TRUE(content->claim(*changes));
    for (const auto& [k, record] : delta)
      if (record) state.all[k] = record;
      else state.all.erase(k);
    ASSERT_TRUE(content->release(*changes, TimeMs{time}));
  }
};

TEST_F(KeptContentTest, what_a_record_names_is_kept_until_no_record_does) {
  const auto root = upload(1);
  EXPECT_GT(blobs->unclaimed_bytes(), 0u);
  block({{key(1), naming(root)}, {key(2), naming(root)}});
  EXPECT_EQ(blobs->unclaimed_bytes(), 0u);
  block({{key(1), std::nullopt}});
  EXPECT_EQ(blobs->unclaimed_bytes(), 0u);  // the other names it
  block({{key(2), std::nullopt}});
  EXPECT_GT(blobs->unclaimed_bytes(), 0u);
  block({{key(1, 91), naming(root)}, {key(3), store::Record{}}});  // of a module without content, and one that names none
  EXPECT_GT(blobs->unclaimed_bytes(), 0u);
}

TEST_F(KeptContentTest, what_is_not_here_is_told_once_and_wanted_until_it_came_or_is_named_no_longer) {
  const auto here = upload(1);
  const Hash away{{2}}, gone{{3}};
  block({{key(1), naming(here)}, {key(2), naming(away)}, {key(3), naming(gone)}, {key(4), naming(away)}});
  EXPECT_EQ(content->newly_missing(), (std::vector{away, gone}));
  EXPECT_TRUE(content->newly_missing().empty());
  block({{key(3), std::nullopt}});
  EXPECT_EQ(content->missing(), std::vector{away});
  content->came(away);
  EXPECT_EQ(content->missing_count(), 0u);
}

TEST_F(KeptContentTest, what_its_records_have_expired_of_is_not_readable_and_let_go) {
  const auto root = upload(1);
  block({{key(1), naming(root, 1000)}});
  block({}, 1000 + kExpiredGraceMs);
  EXPECT_TRUE(content->readable(root));
  block({}, 1001 + kExpiredGraceMs);
  const auto no = content->readable(root);
  ASSERT_FALSE(no);
  EXPECT_EQ(no.error().code, Errc::not_found);
  EXPECT_GT(blobs->unclaimed_bytes(), 0u);
  content = opened();  // the state is read
  ASSERT_TRUE(content->read_terms(state, TimeMs{1001 + kExpiredGraceMs}));
  EXPECT_FALSE(content->readable(root));
  EXPECT_TRUE(content->readable(Hash{{9}}));  // an upload that nothing names
}

TEST_F(KeptContentTest, a_block_without_content_waits_for_nobody) {
  block({{key(1, 91), naming(Hash{{1}})}});
  EXPECT_EQ(alone, 0);
  block({{key(1), naming(Hash{{1}})}});
  EXPECT_EQ(alone, 2);  // before it can be read, and after
}

TEST_F(KeptContentTest, damaged_notes_of_claims_are_made_anew_from_the_state) {
  const auto root = upload(1);
  block({{key(1), naming(root)}, {key(2), naming(Hash{{2}})}});
  ASSERT_TRUE(content->sync());
  disk.cut("blobs/state", 0);
  blobs = *store::BlobStore::open(disk, log, 1 << 30);
  content = opened();
  ASSERT_FALSE(blobs->claims_intact());
  ASSERT_TRUE(content->read_terms(state, TimeMs{1}));
  ASSERT_TRUE(content->settle(state));
  EXPECT_EQ(blobs->unclaimed_bytes(), 0u);
  EXPECT_EQ(content->newly_missing(), std::vector{Hash{{2}}});
}

}  // namespace
}  // namespace dos::chain
