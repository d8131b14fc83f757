// However small they are, uploads that nothing names have a number that they may be.
#include "store/unclaimed.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"

namespace dos::store {
namespace {

struct Unclaimed : ::testing::Test {
  UnclaimedSpace space{1ull << 40};
  std::uint64_t added = 0;
  static constexpr std::uint64_t kThen = 1'000'000, kLater = kThen + kNeedGraceMs;
  static Hash root(std::uint64_t n) {
    Bytes number;
    append_be(number, n);
    return crypto::plain_hash(number);
  }
  static Uploader by(std::uint8_t n) { return Uploader{n}; }
  void add(std::uint64_t count, std::uint8_t who) {
    for (; count > 0; --count, ++added) space.add(root(added), {100, kThen, kThen + (added > 0), by(who), false});  // the first is oldest
  }
  auto room(std::uint8_t who, bool fresh, std::uint64_t now) { return space.room_for(root(1'000'000), by(who), 100, fresh, now); }
};

TEST_F(Unclaimed, of_one_uploader_they_are_half_of_all_and_its_oldest_makes_room) {
  add(kMaxUnclaimedOfUploader - 1, 1);
  auto gone = room(1, true, kThen);
  ASSERT_TRUE(gone);
  EXPECT_TRUE(gone->empty());
  add(1, 1);
  EXPECT_EQ(room(1, true, kThen).error().code, Errc::busy);  // all went on a moment ago
  EXPECT_TRUE(room(1, false, kThen)) << "one of them may grow";
  gone = room(2, true, kThen);
  ASSERT_TRUE(gone) << "another has places of its own";
  EXPECT_TRUE(gone->empty());
  gone = room(1, true, kLater);
  ASSERT_TRUE(gone);
  EXPECT_EQ(*gone, std::vector{root(0)});
}

TEST_F(Unclaimed, in_all_they_have_a_bound_too) {
  add(kMaxUnclaimed / 2, 1);
  add(kMaxUnclaimed / 2 - 1, 2);
  auto gone = room(3, true, kThen);
  ASSERT_TRUE(gone);
  EXPECT_TRUE(gone->empty());
  add(1, 2);
  EXPECT_EQ(room(3, true, kThen).error().code, Errc::busy);
  gone = room(3, true, kLater);
  ASSERT_TRUE(gone);
  EXPECT_EQ(*gone, std::vector{root(0)});
}

}  // namespace
}  // namespace dos::store
