#include "modules/id/calls.hpp"

#include "modules/tests/expect.hpp"
#include "modules/tests/machine.hpp"

namespace dos::modules {
namespace {

struct Ids : testing::Test {
  Machine m;
  ledger::Receipt make(const std::string& name, const ledger::Account& account) {
    m.bare_key = "dave-key";
    auto r = m.call("", {Machine::absent(ledger::account_key(name))}, ledger::kIdModule, id::kNew, id::New{name, account});
    m.bare_key.clear();
    return r;
  }
  ledger::Receipt rotate(const std::string& who, const std::string& name, const ledger::Account& account) {
    return m.call(who, {m.exact(ledger::account_key(name))}, ledger::kIdModule, id::kRotate, id::Rotate{name, account});
  }
};

TEST_F(Ids, a_bare_key_makes_its_account_paid_by_the_sponsor) {
  const auto before = m.credits(ledger::kSponsorPurse);
  const auto r = make("dave", m.account("dave-key"));
  ASSERT_TRUE(done(r));
  const auto made = m.at(ledger::account_key("dave"));
  ASSERT_TRUE(made);
  EXPECT_EQ(codec::decode<ledger::Account>(made->data)->permissions.size(), 2u);
  EXPECT_EQ(m.credits(ledger::kSponsorPurse), before - r.fee.value - r.rent.value);
}

TEST_F(Ids, an_account_may_make_another) {
  ASSERT_TRUE(done(m.call("alice", {Machine::absent(ledger::account_key("dave"))}, ledger::kIdModule, id::kNew,
                          id::New{"dave", m.account("dave-key")})));
}

TEST_F(Ids, a_bare_key_makes_no_account_of_other_keys) {
  EXPECT_TRUE(refused(make("dave", m.account("other-key")), Errc::denied, "none of dave's owner keys"));
}

TEST_F(Ids, a_name_is_made_once) {
  m.bare_key = "dave-key";
  const auto key = ledger::account_key("bob");
  EXPECT_TRUE(refused(m.call("", {Machine::latest(key)}, ledger::kIdModule, id::kNew, id::New{"bob", m.account("dave-key")}),
                      Errc::conflict, "bob is taken"));
}

TEST_F(Ids, names_that_cannot_be_are_refused) {
  for (const char* name : {"Dave", "d/ve", "9dave", "dave-", "dave.", "fees..", "abcdefghijabcdefghijabcdefghijabc"})
    EXPECT_TRUE(refused(make(name, m.account("dave-key")), Errc::bad_name)) << name;
}

TEST_F(Ids, accounts_that_nobody_could_use_are_refused) {
  const auto good = m.account("dave-key");
  auto a = good;
  a.permissions.pop_back();
  EXPECT_TRUE(refused(make("dave", a), Errc::malformed, "owner and active"));
  a = good;
  a.permissions[1].threshold = 2;
  EXPECT_TRUE(refused(make("dave", a), Errc::malformed, "cannot be reached"));
  a = good;
  a.permissions[0].keys[0].key.bytes.pop_back();
  EXPECT_TRUE(refused(make("dave", a), Errc::malformed, "length"));
  a = good;
  a.permissions[0].keys.push_back(a.permissions[0].keys[0]);
  EXPECT_TRUE(refused(make("dave", a), Errc::malformed, "twice"));
  a = good;
  a.encryption.clear();
  EXPECT_TRUE(refused(make("dave", a), Errc::malformed, "encryption key"));
  a = good;
  a.encryption[0].key.bytes.push_back(0);
  EXPECT_TRUE(refused(make("dave", a), Errc::malformed));
  a = good;
  a.permissions[1].accounts.push_back({"dave", "owner", 1});
  EXPECT_TRUE(refused(make("dave", a), Errc::malformed, "itself"));
  a = good;
  for (char c = 'a'; c < 'h'; ++c) a.permissions.push_back({std::string(1, c), 1, a.permissions[0].keys, {}});
  EXPECT_TRUE(refused(make("dave", a), Errc::limit, "8"));
  a = good;
  a.development = true;
  EXPECT_TRUE(refused(make("dave", a), Errc::denied, "genesis"));
}

TEST_F(Ids, owner_keys_rotate_and_the_old_ones_stop_working) {
  auto next = m.account("alice-2");
  next.encryption.insert(next.encryption.begin(), m.account("alice").encryption[0]);
  next.encryption[1].epoch = 2;
  ASSERT_TRUE(done(rotate("alice", "alice", next)));
  auto r = rotate("alice", "alice", m.account("alice"));
  EXPECT_EQ(r.status, ledger::TxStatus::skipped);
}

TEST_F(Ids, encryption_keys_only_grow) {
  auto a = m.account("alice");
  a.encryption[0].key.bytes[0] ^= 1;
  EXPECT_TRUE(refused(rotate("alice", "alice", a), Errc::conflict, "only grow"));
  a = m.account("alice");
  a.encryption[0].epoch = 2;
  EXPECT_TRUE(refused(rotate("alice", "alice", a), Errc::conflict, "only grow"));
}

TEST_F(Ids, nobody_rotates_keys_of_another) {
  EXPECT_TRUE(refused(rotate("bob", "alice", m.account("bob")), Errc::denied, "alice"));
  EXPECT_TRUE(refused(m.call("bob", {Machine::latest(ledger::account_key("nobody"))}, ledger::kIdModule, id::kRotate,
                             id::Rotate{"nobody", m.account("bob")}),
                      Errc::not_found, "nobody"));
}

TEST_F(Ids, left_over_bytes_and_unknown_calls_are_refused) {
  auto args = codec::encode(id::New{"dave", m.account("dave-key")});
  args.push_back(0);
  EXPECT_TRUE(refused(m.call("alice", {Machine::absent(ledger::account_key("dave"))}, ledger::kIdModule, id::kNew, args), Errc::malformed));
  EXPECT_TRUE(refused(m.call("alice", {}, ledger::kIdModule, 0x7777, Bytes{}), Errc::no_such_call));
}

}  // namespace
}  // namespace dos::modules
