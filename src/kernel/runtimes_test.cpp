// The kernel rests on nothing that is WebAssembly's: a module for another runtime has the same rights, limits and prices.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"
#include "vm/tiny/test_tiny.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;
namespace tiny = vm::tiny;

enum Number : std::uint16_t { kPut = 1, kGet, kDel, kPutOther, kFail, kForever, kPay, kUnknown };

Bytes key(std::string_view local) { return module_key(kTestModule, as_bytes("t" + std::string(local))); }
Bytes object() { return codec::encode(Object{Version{0}, nobody(), kPermanent, {}, to_bytes(as_bytes("data"))}); }

Bytes tiny_guest() {
  return tiny::code_of(
      {{kPut, tiny::Program().literal(key("a")).literal(object()).op(tiny::kPut).code()},
       {kGet, tiny::Program().literal(key("a")).op(tiny::kGet).op(tiny::kRet).code()},
       {kDel, tiny::Program().literal(key("a")).op(tiny::kDel).code()},
       {kPutOther, tiny::Program().literal(module_key(kFsModule, as_bytes("x"))).literal(object()).op(tiny::kPut).code()},
       {kFail, tiny::Program().literal(key("a")).literal(object()).op(tiny::kPut).literal(as_bytes("why")).op(tiny::kFail).code()},
       {kForever, tiny::Program().forever().code()},
       {kPay, tiny::Program().op(tiny::kArgs).call(kCreditModule, credit::kPay).op(tiny::kRet).code()}},
      Bytes{0});
}
Bytes wasm_guest() {
  vm::assembly::Assembler a;
  a.host(a.on(kPut), "put", key("a"), object());
  return a.build();
}

std::span<const vm::RuntimeRow> rows() {
  static const auto all = [] {
    std::vector<vm::RuntimeRow> list(vm::runtime_rows().begin(), vm::runtime_rows().end());
    list.push_back(tiny::kRow);
    return list;
  }();
  return all;
}

struct RuntimesTest : ::testing::Test {
  Chain c{tiny_guest(), rows()};
  Receipt run(Number n, std::vector<Access> a, Bytes args = {}) {
    return c.one(c.sign(c.tx("alice", {Chain::call(kTestModule, n, std::move(args))}, std::move(a))));
  }
};

TEST_F(RuntimesTest, a_module_for_a_tiny_interpreter_runs_like_any_other) {
  Chain wasm(wasm_guest(), rows());
  const auto put = run(kPut, {access(Absent{key("a")})});
  ASSERT_EQ(put.status, TxStatus::ok) << put.code << " " << put.detail;
  const auto same = wasm.one(wasm.sign(wasm.tx("alice", {Chain::call(kTestModule, kPut)}, {access(Absent{key("a")})})));
  EXPECT_EQ(codec::encode(put.writes), codec::encode(same.writes));
  EXPECT_EQ(*c.state.get(key("a")), *wasm.state.get(key("a")));
  EXPECT_EQ(run(kPut, {access(Absent{key("a")})}).status, TxStatus::stale);

  const auto got = run(kGet, {access(Read{key("a"), std::nullopt})});
  ASSERT_EQ(got.status, TxStatus::ok) << got.detail;
  EXPECT_EQ(codec::decode<Object>(got.returns.at(0), "an object")->data, to_bytes(as_bytes("data")));

  const auto pay = run(
      kPay,
      {access(Debit{purse_key("alice"), Credits{5}}), access(Deposit{purse_key("bob")}), access(Read{account_key("bob"), std::nullopt})},
      codec::encode(credit::Pay{"alice", "bob", Credits{5}}));
  EXPECT_EQ(pay.status, TxStatus::ok) << pay.detail;
  EXPECT_EQ(c.balance("bob"), 10'000 * kMicroPerCredit + 5);

  EXPECT_EQ(run(kDel, {access(Latest{key("a")})}).status, TxStatus::ok);
  EXPECT_FALSE(*c.state.get(key("a")));
}

TEST_F(RuntimesTest, what_it_may_not_do_ends_it_and_leaves_nothing_behind) {
  EXPECT_EQ(run(kPut, {access(Absent{key("b")})}).code, std::uint16_t(Errc::access));
  EXPECT_EQ(run(kPutOther, {access(Latest{module_key(kFsModule, as_bytes("x"))})}).code, std::uint16_t(Errc::access));
  EXPECT_EQ(run(kUnknown, {}).code, std::uint16_t(Errc::no_such_call));
  const auto failed = run(kFail, {access(Absent{key("a")})});
  EXPECT_EQ(failed.code, std::uint16_t(Errc::reverted));
  EXPECT_EQ(failed.detail, "why");
  EXPECT_FALSE(*c.state.get(key("a")));
  const auto endless = run(kForever, {}, Bytes(100));
  EXPECT_EQ(endless.code, std::uint16_t(Errc::out_of_gas));
  EXPECT_EQ(endless.gas.value, 2'000'000u);
  EXPECT_EQ(endless.fee.value, endless.gas.value + endless.bytes);
}

TEST_F(RuntimesTest, a_node_without_the_runtime_does_not_load_the_module) {
  const auto shipped = *vm::Runtimes::make(nullptr);
  Kernel kernel(*shipped);
  const auto& module = c.genesis.modules.back();
  EXPECT_EQ(code_of(kernel.load(module.number, module.record, tiny_guest())), Errc::malformed);
  EXPECT_TRUE(c.kernel.load(module.number, module.record, tiny_guest()));
}

}  // namespace
}  // namespace dos::kernel
