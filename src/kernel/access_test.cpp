// Every access kind, and the two ways to fail: stale, failed. Module 9 is assembled here.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "kernel/rent.hpp"
#include "kernel/test_chain.hpp"
#include "ledger/native_gas.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;

Bytes key(std::string_view local) { return module_key(kTestModule, as_bytes("t" + std::string(local))); }
Bytes object(std::string_view data, TimeMs paid_until = kPermanent) {
  return codec::encode(Object{Version{0}, nobody(), paid_until, {}, to_bytes(data)});
}

// The least term as the first block of a test sees it.
constexpr TimeMs kLeast{1'700'000'000'001 + kLeastTermMs};

struct Item {
  Bytes key;
  Version version;
  DOS_FIELDS(key, version);
};

enum Number : std::uint16_t {
  kPutA = 1,
  kPutB,
  kDelA,
  kGetA,
  kAppend,
  kScan,
  kPutForeign,
  kPutPurse,
  kFail,
  kFailNode,
  kTrap,
  kLoop,
  kPutThenFail,
  kReturn,
  kEcho,
  kRent,
  kDebit,
  kBigReturn,
  kDelTwice,
  kReenter,
  kCallCredit,
  kPutDelA,
  kPutClassical,
  kPutPast,
  kPutHuge,
  kPutLeast,
  kPutShort,
  kMoveToB,
  kGrowLeast,
  kRentShort
};

Bytes guest() {
  vm::assembly::Assembler a;
  const int out = int(a.scratch());
  const auto A = key("a"), B = key("b"), inbox = key("in");
  a.host(a.on(kPutA), "put", A, object("new"));
  a.host(a.on(kPutB), "put", B, object("b"));
  a.host(a.on(kDelA), "del", A);
  a.host(a.on(kGetA), "get", A, out, 4096).drop();
  a.host(a.on(kAppend), "append", inbox, object("m"), out, 400).drop();
  a.host(a.on(kAppend), "ret", out, int(inbox.size() + 10));
  a.host(a.on(kScan), "next", key(""), Bytes{}, out, 400).drop();
  a.host(a.on(kPutForeign), "put", module_key(kFsModule, as_bytes("x")), object("x"));
  a.host(a.on(kPutPurse), "put", purse_key("alice"), object("x"));
  a.host(a.on(kFail), "fail", int(Errc::not_empty), to_bytes("why"));
  a.host(a.on(kFailNode), "fail", int(Errc::corrupt), to_bytes("lie"));
  a.on(kTrap).unreachable();
  a.on(kLoop).forever();
  a.host(a.on(kPutThenFail), "put", A, object("gone"));
  a.on(kPutThenFail).unreachable();
  a.host(a.on(kReturn), "ret", to_bytes("piece"));
  a.host(a.on(kEcho), "args", out);
  a.host(a.on(kEcho), "ret", out, 10);
  a.host(a.on(kRent), "rent", std::uint64_t(1) << 20, std::uint64_t(1'700'000'000'000 + 31'536'000'000));
  a.host(a.on(kDebit), "debit", purse_key("alice"), std::uint64_t(5));
  a.host(a.on(kBigReturn), "ret", 0, int(kMaxReturnBytes + 1));
  a.host(a.on(kDelTwice), "del", A);
  a.host(a.on(kDelTwice), "del", A);
  a.host(a.on(kReenter), "call", int(kTestModule), int(kReturn), 0, 0, out, 10).drop();
  a.host(a.on(kCallCredit), "call", int(kCreditModule), 0xFFFF, 0, 0, out, 10).drop();
  a.host(a.on(kPutDelA), "put", A, object("a"));
  a.host(a.on(kPutDelA), "del", A);
  const crypto::PublicKey classical{crypto::KeyType::ed25519, Bytes(32)};
  a.host(a.on(kPutClassical), "put", A,
         codec::encode(Object{{}, Lock{ThresholdLock{1, {nobody(), Lock{KeyLock{classical}}}}}, kPermanent, {}, {}}));
  a.host(a.on(kPutPast), "put", A, object("x", TimeMs{1'700'000'000'000}));
  a.host(a.on(kPutHuge), "put", A, codec::encode(Object{{}, nobody(), kPermanent, Bytes(kMaxMetaBytes + 1), {}}));
  a.host(a.on(kPutLeast), "put", A, object("x", kLeast));
  a.host(a.on(kPutShort), "put", A, object("x", TimeMs{kLeast.value - 1}));
  a.host(a.on(kMoveToB), "put", B, object("y", kLeast));
  a.host(a.on(kMoveToB), "del", A);
  a.host(a.on(kGrowLeast), "put", A, object(std::string(8000, 'z'), kLeast));
  a.host(a.on(kRentShort), "rent", std::uint64_t(1) << 20, kLeast.value - 1);
  return a.build();
}

struct AccessTest : ::testing::Test {
  static const Bytes& code() {
    static const Bytes wasm = guest();
    return wasm;
  }
  Chain c{code()};
  Receipt run(Number n, std::vector<Access> a) { return c.one(c.sign(c.tx("alice", {Chain::call(kTestModule, n)}, std::move(a)))); }
  Version version_of(const Bytes& k) { return (*c.state.get(k))->version; }
  void expect(const Receipt& r, TxStatus status, Errc code) {
    EXPECT_EQ(int(r.status), int(status)) << r.detail;
    EXPECT_EQ(r.code, std::uint16_t(code)) << r.detail;
  }
  void expect_ok(const Receipt& r) { EXPECT_EQ(int(r.status), int(TxStatus::ok)) << r.code << " " << r.detail; }
};

TEST_F(AccessTest, absent_creates_once_and_is_stale_afterwards) {
  const auto r = run(kPutA, {access(Absent{key("a")})});
  expect_ok(r);
  ASSERT_EQ(r.writes.size(), 1u);
  EXPECT_EQ(r.writes[0].version, Version(Height{1}, 0));
  EXPECT_EQ(version_of(key("a")), Version(Height{1}, 0));
  const auto again = run(kPutA, {access(Absent{key("a")})});
  expect(again, TxStatus::stale, Errc::stale);
  EXPECT_EQ(again.gas.value, 2'000'000u / kDeclaredShare);
  EXPECT_EQ(again.fee.value, again.gas.value + again.bytes);
}

TEST_F(AccessTest, exact_consumes_a_version_once) {
  expect(run(kPutA, {access(Exact{key("a"), Version{5}})}), TxStatus::stale, Errc::stale);
  expect_ok(run(kPutA, {access(Absent{key("a")})}));
  const auto v = version_of(key("a"));
  const auto receipts = c.run({c.sign(c.tx("alice", {Chain::call(kTestModule, kPutA)}, {access(Exact{key("a"), v})})),
                               c.sign(c.tx("bob", {Chain::call(kTestModule, kPutA)}, {access(Exact{key("a"), v})}))});
  expect_ok(receipts[0]);
  expect(receipts[1], TxStatus::stale, Errc::stale);
  EXPECT_EQ(version_of(key("a")), Version(Height{3}, 0));
}

TEST_F(AccessTest, latest_changes_what_is_there) {
  expect_ok(run(kPutA, {access(Latest{key("a")})}));
  expect_ok(run(kPutA, {access(Latest{key("a")})}));
  expect_ok(run(kDelA, {access(LatestRange{key("")})}));
  EXPECT_FALSE(*c.state.get(key("a")));
  expect(run(kDelA, {access(Latest{key("a")})}), TxStatus::failed, Errc::not_found);
}

TEST_F(AccessTest, read_holds_a_version_or_absence) {
  expect_ok(run(kGetA, {access(Read{key("a"), Version{0}})}));
  expect_ok(run(kPutA, {access(Absent{key("a")})}));
  expect(run(kGetA, {access(Read{key("a"), Version{0}})}), TxStatus::stale, Errc::stale);
  expect_ok(run(kGetA, {access(Read{key("a"), version_of(key("a"))})}));
  expect_ok(run(kGetA, {access(Read{key("a"), std::nullopt})}));
  expect(run(kPutA, {access(Read{key("a"), std::nullopt})}), TxStatus::failed, Errc::access);
}

TEST_F(AccessTest, a_range_digest_holds_the_whole_range) {
  const auto empty = crypto::hash_of(crypto::domain::kAccess, std::vector<Item>{});
  expect_ok(run(kScan, {access(RangeRead{key("a"), empty}), access(LatestRange{key("")})}));
  expect_ok(run(kPutA, {access(Absent{key("a")})}));
  expect(run(kGetA, {access(RangeRead{key("a"), empty})}), TxStatus::stale, Errc::stale);
  const auto now = crypto::hash_of(crypto::domain::kAccess, std::vector<Item>{{key("a"), version_of(key("a"))}});
  expect_ok(run(kGetA, {access(RangeRead{key("a"), now})}));
  expect(run(kScan, {access(RangeRead{key("a"), now})}), TxStatus::failed, Errc::access);  // a wider range than declared
}

TEST_F(AccessTest, appends_do_not_conflict_and_number_themselves) {
  auto t = c.tx("alice", {Chain::call(kTestModule, kAppend), Chain::call(kTestModule, kAppend)}, {access(Append{key("in")})});
  const auto receipts = c.run({c.sign(t), c.sign(c.tx("bob", {Chain::call(kTestModule, kAppend)}, {access(Append{key("in")})}))});
  expect_ok(receipts[0]);
  expect_ok(receipts[1]);
  auto first = key("in");
  append_be(first, Version(Height{1}, 0).value);
  append_be(first, std::uint16_t(0));
  EXPECT_EQ(receipts[0].returns[0], first);
  EXPECT_TRUE(*c.state.get(first));
  EXPECT_EQ(receipts[0].writes.size() + receipts[1].writes.size(), 3u);
  expect(run(kAppend, {access(Latest{key("in")})}), TxStatus::failed, Errc::access);
}

TEST_F(AccessTest, what_is_not_declared_or_not_owned_is_ACCESS) {
  expect(run(kPutA, {access(Absent{key("b")})}), TxStatus::failed, Errc::access);
  expect(run(kGetA, {}), TxStatus::failed, Errc::access);
  expect(run(kPutForeign, {access(Absent{module_key(kFsModule, as_bytes("x"))})}), TxStatus::failed, Errc::access);
  expect(run(kPutPurse, {access(Latest{purse_key("alice")})}), TxStatus::failed, Errc::access);
  expect(run(kDebit, {access(Debit{purse_key("alice"), Credits{5}})}), TxStatus::failed, Errc::access);
  expect(run(kReenter, {}), TxStatus::failed, Errc::access);
}

TEST_F(AccessTest, a_failure_undoes_all_calls_and_pays_for_them) {
  const auto t = c.tx("alice", {Chain::call(kTestModule, kPutB), Chain::call(kTestModule, kPutThenFail)},
                      {access(Absent{key("a")}), access(Absent{key("b")})});
  const auto before = c.balance("alice");
  const auto r = c.one(c.sign(t));
  expect(r, TxStatus::failed, Errc::trap);
  EXPECT_EQ(r.failed_call, 1);
  EXPECT_EQ(r.detail, "unreachable");
  EXPECT_TRUE(r.writes.empty() && r.returns.empty());
  EXPECT_FALSE(*c.state.get(key("a")));
  EXPECT_FALSE(*c.state.get(key("b")));
  EXPECT_EQ(before - c.balance("alice"), 2'000'000u + r.bytes);
}

TEST_F(AccessTest, programs_say_why_but_never_speak_for_the_node) {
  const auto r = run(kFail, {});
  expect(r, TxStatus::failed, Errc::not_empty);
  EXPECT_EQ(r.detail, "why");
  expect(run(kFailNode, {}), TxStatus::failed, Errc::reverted);
  expect(run(kTrap, {}), TxStatus::failed, Errc::trap);
  expect(run(kBigReturn, {}), TxStatus::failed, Errc::limit);
  expect(run(kDelTwice, {access(Latest{key("a")})}), TxStatus::failed, Errc::not_found);
}

TEST_F(AccessTest, an_endless_loop_pays_its_gas_limit) {
  auto t = c.tx("alice", {Chain::call(kTestModule, kLoop)});
  t.limits.gas = Gas{3'000'000};
  const auto r = c.one(c.sign(t));
  expect(r, TxStatus::failed, Errc::out_of_gas);
  EXPECT_EQ(r.gas.value, 3'000'000u);
  EXPECT_TRUE(r.detail.starts_with("call 1 of 1 (module ")) << r.detail;
  EXPECT_TRUE(r.detail.ends_with(" used up the 3000000 gas of its transaction")) << r.detail;
}

TEST_F(AccessTest, a_result_is_an_argument_of_a_later_call) {
  auto t = c.tx("alice", {Chain::call(kTestModule, kReturn), Chain::call(kTestModule, kEcho)});
  t.calls[1].args = {ResultOf{0}, Literal{to_bytes("-")}, ResultOf{0}};
  const auto r = c.one(c.sign(t));
  expect_ok(r);
  EXPECT_EQ(r.returns.at(1), to_bytes("piece-piec"));
}

TEST_F(AccessTest, made_and_removed_in_one_transaction_is_no_change) {
  const auto r = run(kPutDelA, {access(Absent{key("a")})});
  expect_ok(r);
  EXPECT_TRUE(r.writes.empty());
  EXPECT_FALSE(*c.state.get(key("a")));
}

TEST_F(AccessTest, rent_is_charged_and_bounded_by_its_limit) {
  auto t = c.tx("alice", {Chain::call(kTestModule, kRent)});
  t.limits.rent = Credits{1'000'000};  // one MiB for a year, less what has passed since genesis
  const auto r = c.one(c.sign(t));
  expect_ok(r);
  EXPECT_EQ(r.rent.value, 1'000'000u);
  t.valid_until.value += 1;
  t.limits.rent = Credits{999'999};
  expect(c.one(c.sign(t)), TxStatus::failed, Errc::limit);
  const auto put = run(kPutA, {access(Absent{key("a")})});
  const std::uint64_t bytes = key("a").size() + 1 + 3;  // key, lock, data
  EXPECT_EQ(put.rent.value, (bytes * 1'000'000 + (1 << 20) - 1) >> 20);
  EXPECT_EQ(run(kPutA, {access(Latest{key("a")})}).rent.value, 0u);  // nothing more than before
}

TEST_F(AccessTest, nothing_is_written_for_less_than_the_least_term) {
  expect(run(kPutShort, {access(Absent{key("a")})}), TxStatus::failed, Errc::limit);
  c.reset();
  expect_ok(run(kPutLeast, {access(Absent{key("a")})}));
  c.reset();
  expect(run(kRentShort, {}), TxStatus::failed, Errc::limit);
  c.reset();
  ++c.block.time.value;  // a millisecond later the same time is too near
  expect(run(kPutLeast, {access(Absent{key("a")})}), TxStatus::failed, Errc::limit);
}

TEST_F(AccessTest, a_short_term_is_kept_and_moves_but_does_not_multiply) {
  expect_ok(run(kPutLeast, {access(Latest{key("a")})}));
  c.block.time.value += kLeastTermMs - 1000;
  expect_ok(run(kPutLeast, {access(Latest{key("a")})}));
  expect(run(kMoveToB, {access(Latest{key("b")})}), TxStatus::failed, Errc::access);
  expect_ok(run(kMoveToB, {access(Latest{key("a")}), access(Latest{key("b")})}));
  EXPECT_EQ((*c.state.get(key("b")))->paid_until, kLeast);
  expect(run(kPutLeast, {access(Latest{key("a")})}), TxStatus::failed, Errc::limit);  // what moved left nothing behind
  c.block.time.value += 2000;
  EXPECT_EQ((*c.state.get(key("b")))->paid_until, kLeast);  // and when it has passed, it may still be written with that term
}

TEST_F(AccessTest, what_grows_pays_for_the_least_term_however_near_its_end_is) {
  expect_ok(run(kPutLeast, {access(Latest{key("a")})}));
  c.block.time.value += kLeastTermMs - 1000;
  const auto r = run(kGrowLeast, {access(Latest{key("a")})});
  expect_ok(r);
  EXPECT_GE(r.rent.value, 140u);  // 8,000 bytes for a week, not for the second that is left
}

TEST_F(AccessTest, objects_that_are_not_allowed) {
  expect(run(kPutClassical, {access(Absent{key("a")})}), TxStatus::failed, Errc::bad_key);
  expect(run(kPutPast, {access(Absent{key("a")})}), TxStatus::failed, Errc::limit);
  expect(run(kPutHuge, {access(Absent{key("a")})}), TxStatus::failed, Errc::limit);
  c.block.suite = crypto::Suite::classic;
  expect_ok(run(kPutClassical, {access(Absent{key("a")})}));
}

TEST_F(AccessTest, unknown_modules_and_calls_between_modules) {
  const auto r = c.one(c.sign(c.tx("alice", {Chain::call(77, 1)})));
  expect(r, TxStatus::failed, Errc::no_such_call);
  expect(run(kCallCredit, {}), TxStatus::failed, Errc::no_such_call);
}

TEST_F(AccessTest, a_failing_disk_is_an_error_of_the_node_not_a_receipt) {
  const auto t = c.sign(c.tx("alice", {Chain::call(kTestModule, kGetA)}, {access(Read{key("a"), std::nullopt})}));
  c.state.broken = true;
  ++c.block.height.value;
  EXPECT_EQ(code_of(c.kernel.apply(c.state, c.block, with_ids({t}), c.window, *c.cache)), Errc::disk);
}

}  // namespace
}  // namespace dos::kernel
