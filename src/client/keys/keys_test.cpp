#include "client/keys/keys.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/test_entropy.hpp"

namespace dos::client {
namespace {

class Keys : public testing::TestWithParam<crypto::Suite> {
 protected:
  TestEntropy entropy;
};
INSTANTIATE_TEST_SUITE_P(Suites, Keys, testing::Values(crypto::Suite::pq, crypto::Suite::classic),
                         [](const auto& info) { return info.param == crypto::Suite::pq ? "pq" : "classic"; });

TEST_P(Keys, the_phrase_restores_identical_keys) {
  auto me = *new_identity("dave", GetParam(), entropy);
  const auto phrase = *phrase_of(me);
  auto back = restore_identity("dave", as_text(phrase.view()), account_of(me));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->signing().public_key(), me.signing().public_key());
  EXPECT_EQ(back->box_key(1), me.box_key(1));
  EXPECT_EQ(back->suite(), GetParam());
  EXPECT_EQ(back->index(), 0u);
}

TEST_P(Keys, after_rotations_the_phrase_finds_the_key_in_force_and_opens_what_was_sealed_before) {
  auto old = *new_identity("dave", GetParam(), entropy);
  const auto early = *seal_box(old.box_key(1), as_bytes("x"), as_bytes("early"), entropy);
  auto account = account_of(old);
  for (int i = 0; i < 3; ++i) {
    auto next = *next_identity(old);
    EXPECT_NE(next.signing().public_key(), old.signing().public_key());
    auto changed = rotated_account(account, old, next);
    ASSERT_TRUE(changed) << changed.error().detail;
    account = *changed;
    old = std::move(next);
  }
  ASSERT_EQ(account.encryption.size(), 4u);
  EXPECT_EQ(encryption_key(account)->epoch, 4u);
  for (const auto& p : account.permissions) EXPECT_EQ(p.keys[0].key, old.signing().public_key());
  const auto phrase = *phrase_of(old);
  auto back = restore_identity("dave", as_text(phrase.view()), account);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->index(), 3u);
  for (std::uint32_t epoch = 1; epoch <= 4; ++epoch) EXPECT_EQ(back->box_key(epoch), account.encryption[epoch - 1].key);
  EXPECT_EQ(as_text(back->open_box(1, early, as_bytes("x"))->view()), "early");
}

TEST_P(Keys, a_phrase_of_somebody_else_is_no_key) {
  auto me = *new_identity("dave", GetParam(), entropy);
  auto other = *new_identity("eve", GetParam(), entropy);
  const auto phrase = *phrase_of(other);
  if (GetParam() == crypto::Suite::pq) return;  // a thousand ML-DSA keys take a second; the search is the same
  EXPECT_EQ(code_of(restore_identity("dave", as_text(phrase.view()), account_of(me))), Errc::no_key);
  EXPECT_EQ(code_of(restore_identity("dave", "abandon abandon", account_of(me))), Errc::bad_phrase);
}

TEST_P(Keys, a_box_opens_for_its_key_and_context_alone) {
  auto me = *new_identity("dave", GetParam(), entropy);
  auto other = *new_identity("eve", GetParam(), entropy);
  const auto box = *seal_box(me.box_key(1), as_bytes("context"), as_bytes("plain"), entropy);
  EXPECT_TRUE(me.open_box(1, box, as_bytes("context")));
  EXPECT_EQ(code_of(me.open_box(1, box, as_bytes("other"))), Errc::sealed);
  EXPECT_EQ(code_of(other.open_box(1, box, as_bytes("context"))), Errc::sealed);
  EXPECT_EQ(code_of(me.open_box(2, box, as_bytes("context"))), Errc::no_key);
  EXPECT_EQ(code_of(me.open_box(0, box, as_bytes("context"))), Errc::no_key);
}

TEST_P(Keys, rotation_refuses_an_account_that_another_key_holds) {
  auto me = *new_identity("dave", GetParam(), entropy);
  auto thief = *new_identity("dave", GetParam(), entropy);
  auto next = *next_identity(me);
  EXPECT_EQ(code_of(rotated_account(account_of(thief), me, next)), Errc::conflict);
  EXPECT_EQ(code_of(rotated_account(account_of(me), me, me)), Errc::usage);
  EXPECT_EQ(code_of(rotated_account(*rotated_account(account_of(me), me, next), me, next)), Errc::conflict);
}

TEST(DevelopmentIdentity, is_refused_on_every_chain_but_its_own_local_one) {
  TestEntropy entropy;
  Hash chain, other;
  chain.bytes[0] = 1;
  other.bytes[0] = 2;
  auto me = *new_identity("me", crypto::Suite::classic, entropy);
  EXPECT_TRUE(me.allowed_on(other, ledger::NetworkKind::public_));
  me.mark_development(chain);
  EXPECT_TRUE(me.allowed_on(chain, ledger::NetworkKind::local));
  EXPECT_EQ(code_of(me.allowed_on(other, ledger::NetworkKind::local)), Errc::dev_identity);
  EXPECT_EQ(code_of(me.allowed_on(chain, ledger::NetworkKind::public_)), Errc::dev_identity);
  EXPECT_EQ(code_of(me.allowed_on(chain, ledger::NetworkKind::institutional)), Errc::dev_identity);
  EXPECT_TRUE(account_of(me).development);
}

}  // namespace
}  // namespace dos::client
