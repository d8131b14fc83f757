#include "modules/msg/calls.hpp"

#include "modules/tests/expect.hpp"
#include "modules/tests/machine.hpp"

namespace dos::modules {
namespace {

using ledger::account_key;

ledger::Receipt send(Machine& m, const std::string& who, const msg::Send& s) {
  return m.call(who, {{ledger::Append{msg::inbox_prefix(s.to)}}, Machine::reads(account_key(s.to))}, ledger::kMsgModule, msg::kSend, s);
}
msg::Send hello(const std::string& to) { return {to, {1, 2, 3}, 1, 64, Bytes(1300, 9)}; }
Bytes key_of(const ledger::Receipt& r) { return *codec::decode<Bytes>(r.returns.at(0)); }

TEST(Msg, a_message_is_there_once_for_its_recipient) {
  Machine m;
  const auto sent = send(m, "alice", hello("bob"));
  ASSERT_TRUE(done(sent));
  const auto key = key_of(sent);
  EXPECT_TRUE(starts_with(key, msg::inbox_prefix("bob")));
  const auto meta = m.meta<msg::MessageMeta>(key);
  ASSERT_TRUE(meta);
  EXPECT_EQ(meta->from, "alice");
  EXPECT_EQ(meta->time, m.now);
  EXPECT_EQ(m.at(key)->paid_until.value, m.now.value + m.params.default_rent_ms);

  EXPECT_TRUE(refused(m.call("carol", {m.exact(key)}, ledger::kMsgModule, msg::kTake, msg::Take{key}), Errc::denied));
  ASSERT_TRUE(done(m.call("bob", {m.exact(key)}, ledger::kMsgModule, msg::kTake, msg::Take{key})));
  EXPECT_FALSE(m.at(key));
  EXPECT_TRUE(refused(m.call("bob", {Machine::latest(key)}, ledger::kMsgModule, msg::kTake, msg::Take{key}), Errc::not_found));
}

TEST(Msg, messages_that_nobody_could_open_are_refused) {
  Machine m;
  EXPECT_TRUE(refused(send(m, "alice", hello("nobody")), Errc::not_found, "nobody"));
  EXPECT_TRUE(refused(send(m, "alice", hello("Bob")), Errc::bad_name));
  auto s = hello("bob");
  s.key_epoch = 2;
  EXPECT_TRUE(refused(send(m, "alice", s), Errc::conflict, "key 2"));
  s = hello("bob");
  s.box.clear();
  EXPECT_TRUE(refused(send(m, "alice", s), Errc::limit));
  s.box.assign(kMaxMessageBytes + 1, 0);
  EXPECT_TRUE(refused(send(m, "alice", s), Errc::limit));
  s.box.assign(kMaxMessageBytes, 0);
  EXPECT_TRUE(done(send(m, "alice", s)));
  s.size_class = kMaxMessageBytes + 1;
  EXPECT_TRUE(refused(send(m, "alice", s), Errc::malformed));
}

TEST(Msg, take_takes_messages_only) {
  Machine m;
  const auto key = account_key("bob");
  EXPECT_TRUE(refused(m.call("bob", {m.exact(key)}, ledger::kMsgModule, msg::kTake, msg::Take{key}), Errc::usage));
}

TEST(Msg, a_key_without_an_account_sends_nothing) {
  Machine m;
  m.bare_key = "dave-key";
  const auto r = send(m, "", hello("bob"));
  EXPECT_NE(r.status, ledger::TxStatus::ok);
}

}  // namespace
}  // namespace dos::modules
