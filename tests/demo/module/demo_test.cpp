#include "modules/demo/calls.hpp"
#include "modules/tests/expect.hpp"
#include "modules/tests/machine.hpp"

namespace dos::modules {
namespace {

TEST(Demo, a_note_is_its_owners) {
  Machine m;
  const auto key = demo::note_key("hello");
  ASSERT_TRUE(done(m.call("alice", {Machine::absent(key)}, demo::kModule, demo::kPin, demo::Pin{"hello", "one"})));
  EXPECT_EQ(m.at(key)->data, to_bytes("one"));
  EXPECT_TRUE(refused(m.call("bob", {Machine::latest(key)}, demo::kModule, demo::kPin, demo::Pin{"hello", "two"}), Errc::denied));
  ASSERT_TRUE(done(m.call("alice", {Machine::latest(key)}, demo::kModule, demo::kPin, demo::Pin{"hello", "three"})));
  EXPECT_TRUE(refused(m.call("bob", {m.exact(key)}, demo::kModule, demo::kUnpin, demo::Unpin{"hello"}), Errc::denied));
  ASSERT_TRUE(done(m.call("alice", {m.exact(key)}, demo::kModule, demo::kUnpin, demo::Unpin{"hello"})));
  EXPECT_FALSE(m.at(key));
  EXPECT_TRUE(refused(m.call("alice", {Machine::latest(key)}, demo::kModule, demo::kUnpin, demo::Unpin{"hello"}), Errc::not_found));
  EXPECT_TRUE(refused(m.call("alice", {Machine::absent(demo::note_key(""))}, demo::kModule, demo::kPin, demo::Pin{}), Errc::usage));
}

}  // namespace
}  // namespace dos::modules
