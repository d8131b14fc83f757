// From how much gas on each host function does what it does, to the unit, and what it says below: the order of charges decides where gas
// ends, so it is consensus as much as their sum. The expected lines are host_gas.txt beside this file; DOS_BLESS=1 (./dev bless) writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;
using vm::assembly::Body;

constexpr std::uint32_t kOutside = 0xfffffff0;
constexpr int kMuch = 400'000;

Bytes key(std::string_view local) { return module_key(kTestModule, as_bytes("t" + std::string(local))); }
Bytes object(std::size_t bytes) { return codec::encode(Object{Version{0}, nobody(), kPermanent, {}, Bytes(bytes, 7)}); }
Bytes payment() { return codec::encode(credit::Pay{"alice", "bob", Credits{5}}); }

struct HostGas : ::testing::Test {
  std::vector<std::string> names{""};  // number 0 stays free
  vm::assembly::Assembler a;
  int out = int(a.scratch());

  template <class... A>
  Body& on(const std::string& name, const char* function, const A&... args) {
    names.push_back(name);
    return a.host(a.on(std::uint32_t(names.size() - 1)), function, args...);
  }
  Body& again(const char* function, auto... args) { return a.host(a.on(std::uint32_t(names.size() - 1)), function, args...); }

  void of_the_call() {
    on("args_len", "args_len").drop();
    on("args", "args", out);
    on("args, outside memory", "args", kOutside);
    on("ret", "ret", out, 100);
    on("ret, too long", "ret", 0, int(kMaxReturnBytes + 1));
    on("ret, outside memory", "ret", kOutside, 100);
    on("fail", "fail", int(Errc::not_empty), to_bytes("why"));
    on("fail, long", "fail", int(Errc::corrupt), Bytes(300, 'x'));
    on("fail, outside memory", "fail", int(Errc::not_empty), kOutside, 100);
    on("sender", "sender", out, 200).drop();
    on("sender, too little room", "sender", out, 3).drop();
    on("time", "time").drop();
    on("height", "height").drop();
    on("version", "version").drop();
    on("caller", "caller").drop();
    on("params", "params", out, 4000).drop();
    on("params, too little room", "params", out, 1).drop();
    on("local", "local").drop();
  }
  void of_objects() {
    on("get", "get", key("a"), out, 4096).drop();
    on("get, absent", "get", key("none"), out, 4096).drop();
    on("get, too little room", "get", key("a"), out, 10).drop();
    on("get, to outside memory", "get", key("a"), int(kOutside), 4096).drop();
    on("get, not declared", "get", key("other"), out, 4096).drop();
    on("get, key too long", "get", 0, int(kMaxKeyBytes + 1), out, 10).drop();
    on("get, key outside memory", "get", int(kOutside), 40, out, 10).drop();
    on("put, new", "put", key("none"), object(100));
    on("put, over another", "put", key("a"), object(100));
    on("put, not declared", "put", key("other"), object(100));
    on("put, of another module", "put", module_key(kFsModule, as_bytes("x")), object(100));
    on("put, no object", "put", key("a"), Bytes(20, 0xff));
    on("put, too long", "put", key("a"), 0, 80'000);
    on("put, object outside memory", "put", key("a"), int(kOutside), 100);
    on("del", "del", key("a"));
    on("del, absent", "del", key("none"));
    on("del, not declared", "del", key("other"));
    on("append", "append", key("in"), object(100), out, 400).drop();
    on("append, too little room", "append", key("in"), object(100), out, 1).drop();
    on("append, not declared", "append", key("other"), object(100), out, 400).drop();
    on("append, no object", "append", key("in"), Bytes(20, 0xff), out, 400).drop();
    on("next", "next", key("r"), Bytes{}, out, 400).drop();
    on("next, none", "next", key("r"), key("r9"), out, 400).drop();
    on("next, not declared", "next", key(""), Bytes{}, out, 400).drop();
    on("next, after too long", "next", key("r"), 0, int(kMaxKeyBytes + 1), out, 400).drop();
    on("next, over what was removed", "del", key("r1"));
    again("next", key("r"), Bytes{}, out, 400).drop();
  }
  void of_rights_and_credits() {
    on("authorized", "authorized", codec::encode(account_lock("alice"))).drop();
    on("authorized, of another", "authorized", codec::encode(account_lock("bob"))).drop();
    on("authorized, no lock", "authorized", Bytes(10, 0xff)).drop();
    on("authorized, too long", "authorized", 0, int(kMaxLockBytes + 1)).drop();
    on("hash", "hash", to_bytes(crypto::domain::kFsId.text), Bytes(500, 1), out);
    on("hash, not registered", "hash", to_bytes("dos nothing"), Bytes(500, 1), out);
    on("hash, name too long", "hash", 0, 65, Bytes(500, 1), out);
    on("hash, to outside memory", "hash", to_bytes(crypto::domain::kFsId.text), Bytes(500, 1), int(kOutside));
    on("stored", "stored", out, std::uint64_t(1000)).drop();
    on("stored, outside memory", "stored", int(kOutside), std::uint64_t(1000)).drop();
    on("debit", "debit", purse_key("alice"), std::uint64_t(5));
    on("deposit, of what nobody gave", "deposit", purse_key("bob"), std::uint64_t(5));
    on("deposit, not declared", "deposit", purse_key("carol"), std::uint64_t(5));
    on("rent", "rent", std::uint64_t(1000), std::uint64_t(1'700'000'000'000 + 31'536'000'000));
    on("rent, for too short", "rent", std::uint64_t(1000), std::uint64_t(1'700'000'000'000));
    on("rent, over the limit", "rent", std::uint64_t(1) << 40, std::uint64_t(1'700'000'000'000 + 31'536'000'000));
    on("call", "call", int(kCreditModule), int(credit::kPay), payment(), out, 10).drop();
    on("call, fails", "call", int(kCreditModule), int(credit::kPay), Bytes(7, 1), out, 10).drop();
    on("call, no such module", "call", 77, 1, payment(), out, 10).drop();
    on("call, no such number", "call", int(kCreditModule), 0xffff, payment(), out, 10).drop();
    on("call, of itself", "call", int(kTestModule), 1, payment(), out, 10).drop();
    on("call, above all numbers", "call", 0x10000, 1, 0, int(kMaxTransactionBytes + 1), out, 10).drop();
    on("call, arguments too long", "call", int(kCreditModule), 1, 0, int(kMaxTransactionBytes + 1), out, 10).drop();
  }
};

// A chain with a state in which each of the calls has what it asks for.
struct World : Chain {
  explicit World(const Bytes& guest) : Chain(guest) {
    for (const char* k : {"a", "r1", "r2"})
      state.state.insert_or_assign(key(k), store::Record{Version{1}, codec::encode(nobody()), kPermanent, {}, Bytes(300, 7)});
    auto record = *state.state[params_key()];
    auto params = *codec::decode<Params>(record.data);
    params.min_call_gas = 0;
    record.data = codec::encode(params);
    state.state.insert_or_assign(params_key(), record);
  }
  Receipt with(std::uint16_t number, std::uint64_t gas) {
    auto t = tx("alice", {call(kTestModule, number, Bytes(64, 3))},
                {access(Latest{key("a")}), access(Latest{key("none")}), access(Latest{module_key(kFsModule, as_bytes("x"))}),
                 access(LatestRange{key("r")}), access(Append{key("in")}), access(Debit{purse_key("alice"), Credits{5}}),
                 access(Deposit{purse_key("bob")}), access(Read{account_key("bob"), std::nullopt})});
    t.limits.gas = Gas{gas};
    t.limits.rent = Credits{1'000'000};
    auto next = block;
    ++next.height.value, ++next.time.value;
    return kernel.dry_run(state, next, {std::move(t), {}})->receipt;
  }
};

std::string said(const Receipt& r) {
  return std::to_string(int(r.status)) + " " + std::to_string(r.code) + (r.detail.empty() ? "" : " " + r.detail);
}

TEST_F(HostGas, of_each_function_begins_to_do_where_it_is_written_down) {
  of_the_call();
  of_objects();
  of_rights_and_credits();
  World w(a.build());
  std::ostringstream lines;
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto number = std::uint16_t(i);
    const auto end = said(w.with(number, kMuch));
    std::uint64_t too_little = 0, enough = kMuch;
    while (enough - too_little > 1) {
      const auto middle = (too_little + enough) / 2;
      (said(w.with(number, middle)) == end ? enough : too_little) = middle;
    }
    const auto paid = w.with(number, enough), below = w.with(number, too_little);
    EXPECT_EQ(below.code, std::uint16_t(Errc::out_of_gas)) << names[i] << ": " << said(below);
    EXPECT_EQ(paid.gas.value, enough) << names[i];
    // With gas to spare it may pay a little more: the engine looks at what is left where a function or a loop begins.
    const auto spare = w.with(number, 3 * enough).gas.value;
    lines << names[i] << ": from " << enough << " pays " << spare << ": " << end << "\n";
  }
  const auto path = std::string(DOS_TEST_SOURCE) + "/src/kernel/host/host_gas.txt";
  if (std::getenv("DOS_BLESS") != nullptr) {
    std::ofstream(path, std::ios::binary) << lines.str();
    return;
  }
  std::ifstream in(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), lines.str());
}

}  // namespace
}  // namespace dos::kernel
