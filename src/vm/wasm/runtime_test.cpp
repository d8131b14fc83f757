#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "vm/assembler.hpp"
#include "vm/test_host.hpp"
#include "vm/wasm/runtime.hpp"
#include "vm/wasm/test_modules.hpp"

namespace dos::vm::wasm {
namespace {

struct Seen final : TestHost {
  std::vector<std::uint64_t> values;
  Bytes read;
};
Result<std::uint64_t> note(GuestCall& g) {
  auto& seen = static_cast<Seen&>(g.host);
  seen.values.assign(g.params.begin(), g.params.end());
  return 41;
}
Result<std::uint64_t> peek(GuestCall& g) {
  DOS_ASSIGN(const auto bytes, g.memory.read(std::uint32_t(g.params[0]), std::uint32_t(g.params[1])));
  static_cast<Seen&>(g.host).read = to_bytes(bytes);
  return 0;
}
Result<std::uint64_t> refuse(GuestCall&) { return dos::fail(Errc::denied, "no"); }
constexpr Import kHost[] = {{"note", "(iI)i", 100, note}, {"peek", "(ii)v", 10, peek}, {"refuse", "()v", 1, refuse}};

struct RuntimeTest : ::testing::Test {
  std::unique_ptr<Runtime> runtime = *make_runtime(nullptr, kHost);
  assembly::Assembler a{kHost};
  Seen seen;
  CallOutcome run(std::uint32_t number, std::uint64_t gas = 1'000'000) {
    auto code = runtime->compile(a.build(), {});
    EXPECT_TRUE(code.has_value()) << code.error().detail;
    return (*code)->call(number, gas, seen);
  }
};

TEST_F(RuntimeTest, host_functions_get_their_arguments_and_memory) {
  a.host(a.on(1), "note", std::uint32_t(0xffffffff), std::uint64_t(1) << 63).drop();
  a.host(a.on(1), "peek", to_bytes("hello"));
  const auto outcome = run(1);
  ASSERT_TRUE(outcome.status) << outcome.status.error().detail;
  EXPECT_EQ(seen.values, (std::vector<std::uint64_t>{0xffffffff, std::uint64_t(1) << 63}));
  EXPECT_EQ(seen.read, to_bytes("hello"));
  EXPECT_GT(outcome.gas_used, 110u + 5u);
  EXPECT_EQ(outcome.gas_used, run(1).gas_used);
}

TEST_F(RuntimeTest, traps_and_host_errors_end_the_call_with_their_reason) {
  a.on(1).unreachable();
  a.host(a.on(2), "refuse");
  a.host(a.on(3), "peek", 65530, 100);
  a.on(4).i32(70000).raw({0x28, 0x02, 0x00}).drop();  // i32.load beyond the page
  a.on(5).i32(1).i32(0).op(0x6d).drop();              // i32.div_s
  EXPECT_EQ(run(1).status.error().detail, "unreachable");
  EXPECT_EQ(code_of(run(2).status), Errc::denied);
  EXPECT_EQ(code_of(run(3).status), Errc::trap);
  EXPECT_EQ(run(4).status.error().detail, "access outside memory");
  EXPECT_EQ(run(5).status.error().detail, "division by zero");
}

TEST_F(RuntimeTest, an_infinite_loop_ends_when_its_gas_does) {
  a.on(1).forever();
  const auto outcome = run(1, 500'000);
  EXPECT_EQ(code_of(outcome.status), Errc::out_of_gas);
  EXPECT_EQ(outcome.gas_used, 500'000u);
}

TEST_F(RuntimeTest, host_calls_and_copied_bytes_take_gas) {
  a.host(a.on(1), "note", 0, std::uint64_t(0)).drop();
  EXPECT_EQ(code_of(run(1, 90).status), Errc::out_of_gas);
  a.host(a.on(2), "peek", 0, 60000);
  EXPECT_EQ(code_of(run(2, 50000).status), Errc::out_of_gas);
  EXPECT_TRUE(run(2, 70000).status);
}

TEST_F(RuntimeTest, memory_does_not_grow_past_what_was_declared) {
  // memory.grow(1) twice of 1..2 pages: the second gives -1, which is stored and read back.
  a.on(1).i32(a.scratch()).i32(1).raw({0x40, 0x00}).drop().i32(1).raw({0x40, 0x00}).raw({0x36, 0x02, 0x00});
  a.host(a.on(1), "peek", int(a.scratch()), 4);
  ASSERT_TRUE(run(1).status);
  EXPECT_EQ(seen.read, (Bytes{0xff, 0xff, 0xff, 0xff}));
}

TEST_F(RuntimeTest, each_call_starts_from_a_fresh_memory) {
  a.on(1).i32(a.scratch()).i32(7).raw({0x36, 0x02, 0x00});
  a.host(a.on(2), "peek", int(a.scratch()), 4);
  auto code = *runtime->compile(a.build(), {});
  ASSERT_TRUE(code->call(1, 100000, seen).status);
  ASSERT_TRUE(code->call(2, 100000, seen).status);
  EXPECT_EQ(seen.read, Bytes(4));
}

TEST_F(RuntimeTest, whatever_a_call_leaves_in_memory_the_next_one_finds_what_the_module_begins_with) {
  constexpr std::uint32_t kSize = 5 * 65536;  // more than the engine writes over in place
  const auto fill = [](assembly::Body& b, std::uint32_t at) { b.i32(at).i32(0xff).i32(kSize).raw({0xfc, 0x0b, 0x00}); };
  a.host(a.on(1), "peek", int(a.data(as_bytes("data of the module"))), 18);
  a.host(a.on(1), "peek", 0, int(kSize));
  fill(a.on(2), 0);
  a.on(2).i32(3).raw({0x40, 0x00}).drop();  // memory.grow
  fill(a.on(2), 3 * 65536);
  fill(a.on(3), 0);
  a.on(3).unreachable();
  auto code = *runtime->compile(a.build(5, 8), {});
  ASSERT_TRUE(code->call(1, 10'000'000, seen).status);
  const Bytes fresh = seen.read;
  EXPECT_GT(std::count(fresh.begin(), fresh.end(), 'd'), 1);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(code->call(2 + std::uint32_t(i % 2), 10'000'000, seen).status.has_value(), i % 2 == 0);
    ASSERT_TRUE(code->call(1, 10'000'000, seen).status);
    ASSERT_EQ(seen.read, fresh) << i;
  }
}

TEST_F(RuntimeTest, a_module_describes_itself_without_host_functions) {
  auto code = *runtime->compile(a.build(1, 2, as_bytes("table")), {});
  EXPECT_EQ(*code->table(100000), to_bytes("table"));
  const Bytes exports = {3,   6,   'm', 'e', 'm', 'o', 'r', 'y', 2,   0,   8,   'd', 'o', 's', '_', 'c', 'a',
                         'l', 'l', 0,   0,   9,   'd', 'o', 's', '_', 't', 'a', 'b', 'l', 'e', 0,   0};
  code = *runtime->compile(test::module_of({{}}, {{7, exports}}), {});
  EXPECT_NE(code->table(100000).error().detail.find("wrong type"), std::string::npos);
  code = *runtime->compile(test::module_of({{}}), {});
  EXPECT_NE(code->table(100000).error().detail.find("no export"), std::string::npos);
}

TEST_F(RuntimeTest, floats_start_functions_and_large_memories_are_refused) {
  a.on(1).raw({0x43, 0, 0, 0, 0}).drop();  // f32.const 0
  EXPECT_NE(runtime->compile(a.build(), {}).error().detail.find("floating-point"), std::string::npos);
  assembly::Assembler start(kHost);
  start.extra = {8, 1, 4};  // start section: function 4
  EXPECT_NE(runtime->compile(start.build(), {}).error().detail.find("start"), std::string::npos);
  assembly::Assembler edge(kHost);
  EXPECT_TRUE(runtime->compile(edge.build(1024, 1024), {}));
  EXPECT_EQ(code_of(runtime->compile(assembly::Assembler(kHost).build(1025, 1025), {})), Errc::limit);
}

TEST_F(RuntimeTest, imports_must_be_in_the_table_with_their_signature) {
  constexpr Import other[] = {{"note", "(ii)i", 100, note}};
  EXPECT_EQ(code_of(runtime->compile(assembly::Assembler(other).build(), {})), Errc::malformed);
  constexpr Import unknown[] = {{"clock", "()I", 100, note}};
  EXPECT_NE(runtime->compile(assembly::Assembler(unknown).build(), {}).error().detail.find("dos.clock"), std::string::npos);
}

struct MapCache final : CodeCache {
  std::map<Hash, Bytes> entries;
  int loads = 0;
  Result<std::optional<Bytes>> load(const Hash& key) override {
    ++loads;
    auto it = entries.find(key);
    return it == entries.end() ? std::nullopt : std::optional(it->second);
  }
  Status save(const Hash& key, BytesView compiled) override {
    entries[key] = to_bytes(compiled);
    return {};
  }
};

TEST_F(RuntimeTest, a_module_that_claims_an_older_abi_may_not_import_newer_rows) {
  constexpr Import host[] = {{"note", "(iI)i", 100, note}, {"later", "()v", 1, refuse, 2}};
  MapCache cache;
  const auto offers = *make_runtime(&cache, host);
  const auto module = assembly::Assembler(host).build();
  for (int again = 0; again < 2; ++again) {  // also when its compiled code is at hand
    const auto older = offers->compile(module, {.abi = 1});
    ASSERT_FALSE(older);
    EXPECT_EQ(code_of(older), Errc::malformed);
    EXPECT_NE(older.error().detail.find("dos.later"), std::string::npos) << older.error().detail;
    EXPECT_TRUE(offers->compile(module, {.abi = 2}));
  }
  EXPECT_EQ(cache.entries.size(), 1u);
  EXPECT_TRUE(offers->compile(assembly::Assembler(std::span(host).first(1)).build(), {.abi = 1}));
}

TEST_F(RuntimeTest, cut_and_forged_modules_are_refused_or_run_within_limits) {
  a.host(a.on(1), "note", 1, std::uint64_t(2)).drop();
  const auto bytes = a.build();
  for (std::size_t n = 0; n < bytes.size(); ++n) (void)runtime->compile(BytesView(bytes).first(n), {});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto forged = bytes;
    forged[i] ^= 0x5a;
    if (auto code = runtime->compile(forged, {})) (void)(*code)->call(1, 100000, seen);
  }
}

TEST(CodeCache, altered_entries_are_compiled_again) {
  MapCache disk;
  const Hash key{{1}};
  auto cache = authenticated(disk, key);
  assembly::Assembler a(kHost);
  a.host(a.on(1), "peek", to_bytes("x"));
  const auto wasm = a.build();
  auto runtime = *make_runtime(cache.get(), kHost);
  ASSERT_TRUE(runtime->compile(wasm, {}));
  ASSERT_EQ(disk.entries.size(), 1u);
  const auto entry = disk.entries.begin()->second;
  ASSERT_TRUE(runtime->compile(wasm, {}));
  EXPECT_EQ(disk.entries.begin()->second, entry);
  auto changed = entry;
  changed[changed.size() / 2] ^= 1;
  disk.entries.begin()->second = changed;
  auto code = runtime->compile(wasm, {});
  ASSERT_TRUE(code);
  EXPECT_EQ(disk.entries.begin()->second.size(), entry.size());
  EXPECT_NE(disk.entries.begin()->second, changed);
  Seen seen;
  EXPECT_TRUE((*code)->call(1, 100000, seen).status);
  EXPECT_FALSE(*authenticated(disk, Hash{{2}})->load(disk.entries.begin()->first));  // another node's key
}

}  // namespace
}  // namespace dos::vm::wasm
