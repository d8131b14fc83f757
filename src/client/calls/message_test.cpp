#include "client/calls/message.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/test_entropy.hpp"

namespace dos::client {
namespace {

struct Message : testing::Test {
  TestEntropy entropy;
  Identity bob = *new_identity("bob", crypto::Suite::pq, entropy);
  Identity carol = *new_identity("carol", crypto::Suite::pq, entropy);
  msg::MessageMeta meta_of(const msg::Send& s, std::string from) { return {std::move(from), s.id, TimeMs{1}, s.key_epoch, s.size_class}; }
};

TEST_F(Message, opens_for_its_recipient) {
  for (std::size_t size : {std::size_t(0), std::size_t(5), std::size_t(251), std::size_t(252), std::size_t(kMaxMessageText)}) {
    const std::string text(size, 'x');
    auto sent = seal_message("alice", "bob", account_of(bob), text, entropy);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_LE(sent->box.size(), kMaxMessageBytes);
    auto opened = open_message(bob, meta_of(*sent, "alice"), sent->box);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(*opened, text);
  }
}

TEST_F(Message, sizes_are_of_four_classes) {
  auto size = [&](std::size_t n) { return seal_message("alice", "bob", account_of(bob), std::string(n, 'a'), entropy)->box.size(); };
  EXPECT_EQ(size(0), size(251));
  EXPECT_LT(size(251), size(252));
  EXPECT_EQ(size(1020), size(4091));
  EXPECT_EQ(size(4092), size(kMaxMessageText));
}

TEST_F(Message, sender_id_class_and_recipient_are_bound_in) {
  const auto sent = *seal_message("alice", "bob", account_of(bob), "hello", entropy);
  const auto right = meta_of(sent, "alice");
  ASSERT_TRUE(open_message(bob, right, sent.box));
  auto meta = right;
  meta.from = "mallory";
  EXPECT_EQ(code_of(open_message(bob, meta, sent.box)), Errc::sealed);
  meta = right;
  meta.id[3] ^= 1;
  EXPECT_EQ(code_of(open_message(bob, meta, sent.box)), Errc::sealed);
  meta = right;
  meta.size_class = 1024;
  EXPECT_EQ(code_of(open_message(bob, meta, sent.box)), Errc::sealed);
  meta = right;
  meta.key_epoch = 2;
  EXPECT_EQ(code_of(open_message(bob, meta, sent.box)), Errc::no_key);
  EXPECT_EQ(code_of(open_message(carol, right, sent.box)), Errc::sealed);
}

TEST_F(Message, every_changed_byte_is_refused) {
  const auto sent = *seal_message("alice", "bob", account_of(bob), "hello", entropy);
  const auto meta = meta_of(sent, "alice");
  for (std::size_t i = 0; i < sent.box.size(); i += 7) {
    auto box = sent.box;
    box[i] ^= 0x20;
    EXPECT_FALSE(open_message(bob, meta, box)) << i;
  }
  for (std::size_t n : {std::size_t(0), std::size_t(1), sent.box.size() - 1})
    EXPECT_FALSE(open_message(bob, meta, BytesView(sent.box).first(n)));
}

TEST_F(Message, a_message_to_a_rotated_key_still_opens) {
  const auto sent = *seal_message("alice", "bob", account_of(bob), "before", entropy);
  auto next = *next_identity(bob);
  EXPECT_EQ(*open_message(next, meta_of(sent, "alice"), sent.box), "before");
  const auto account = *rotated_account(account_of(bob), bob, next);
  const auto later = *seal_message("alice", "bob", account, "after", entropy);
  EXPECT_EQ(later.key_epoch, 2u);
  EXPECT_EQ(*open_message(next, meta_of(later, "alice"), later.box), "after");
  EXPECT_EQ(code_of(open_message(bob, meta_of(later, "alice"), later.box)), Errc::no_key);
}

TEST_F(Message, too_long_or_not_text_is_refused) {
  EXPECT_EQ(code_of(seal_message("alice", "bob", account_of(bob), std::string(kMaxMessageText + 1, 'a'), entropy)), Errc::limit);
  EXPECT_EQ(code_of(seal_message("alice", "bob", account_of(bob), "\xff", entropy)), Errc::usage);
}

}  // namespace
}  // namespace dos::client
