// What a module may have, at each edge.
#include "vm/wasm/scan.hpp"

#include <gtest/gtest.h>

#include "vm/wasm/runtime.hpp"
#include "vm/wasm/test_modules.hpp"

namespace dos::vm::wasm::test {
namespace {

std::unique_ptr<Runtime>& runtime() {
  static std::unique_ptr<Runtime> made = *make_runtime(nullptr, {});
  return made;
}
// ok, or what was said
std::string compiled(const Bytes& module) {
  const auto code = runtime()->compile(module, {});
  return code ? "ok" : code.error().code == Errc::limit ? "limit: " + code.error().detail : code.error().detail;
}
Bytes leb(std::uint64_t n) {
  Body b;
  b.leb(n);
  return b.bytes;
}
Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const auto& p : parts) append(out, p);
  return out;
}
void expect_limit(const Bytes& module, std::string_view what) {
  const auto said = compiled(module);
  EXPECT_TRUE(said.starts_with("limit: ") && said.find(what) != std::string::npos) << what << ": " << said;
}
void expect_refused(const Bytes& module, std::string_view why) {
  EXPECT_NE(compiled(module).find(why), std::string::npos) << compiled(module);
}

const Bytes kBranch = {0x0c, 0x00}, kBlock = {0x02, 0x40, 0x0b};

TEST(Scan, blocks_nest_so_deep_and_no_deeper) {
  for (const std::uint8_t opcode : {0x02, 0x03}) {
    EXPECT_EQ(compiled(module_of({{nested(kMaxNesting, opcode)}})), "ok");
    expect_limit(module_of({{nested(kMaxNesting + 1, opcode)}}), "nested blocks");
  }
}

TEST(Scan, blocks_and_branches_of_a_function_are_counted) {
  EXPECT_EQ(compiled(module_of({{repeated(kMaxBlocks, kBlock)}})), "ok");
  expect_limit(module_of({{repeated(kMaxBlocks + 1, kBlock)}}), "blocks of a function");
  const Bytes br_if = {0x41, 0x00, 0x0d, 0x00};
  EXPECT_EQ(compiled(module_of({{repeated(kMaxBranches, br_if)}})), "ok");
  expect_limit(module_of({{repeated(kMaxBranches + 1, br_if)}}), "branches of a function");
  const auto table = [](std::uint32_t targets) {  // the last is the default
    return joined({{0x41, 0x00, 0x0e}, leb(targets - 1), Bytes(targets, 0)});
  };
  EXPECT_EQ(compiled(module_of({{table(kMaxBranches)}})), "ok");
  expect_limit(module_of({{table(kMaxBranches + 1)}}), "branches of a function");
  expect_limit(module_of({{joined({{0x41, 0x00, 0x0e}, leb(UINT32_MAX), Bytes(9, 0)})}}), "branches of a function");
  EXPECT_EQ(compiled(module_of({{repeated(kMaxBlocks, kBlock)}, {repeated(kMaxBlocks, kBlock)}})), "ok");  // each for itself
}

TEST(Scan, locals_and_bytes_of_a_function_are_bounded) {
  EXPECT_EQ(compiled(module_of({{{}, kMaxLocals}})), "ok");
  expect_limit(module_of({{{}, kMaxLocals + 1}}), "locals");
  EXPECT_EQ(compiled(module_of({{Bytes(kMaxFunctionBytes - 2, 0x01)}})), "ok");
  expect_limit(module_of({{Bytes(kMaxFunctionBytes - 1, 0x01)}}), "bytes of a function");
}

TEST(Scan, what_a_module_holds_in_all_is_bounded) {
  EXPECT_EQ(compiled(module_of(std::vector<Function>(kMaxFunctions))), "ok");
  expect_limit(module_of(std::vector<Function>(kMaxFunctions + 1)), "functions of a module");
  const std::uint32_t each = 20'000;
  std::vector<Function> nops(kMaxInstructions / each, {Bytes(each - 1, 0x01)});  // and an `end`
  EXPECT_EQ(compiled(module_of(nops)), "ok");
  nops.push_back({});
  expect_limit(module_of(nops), "instructions of a module");
  std::vector<Function> calls(kMaxJumps / 1000, {repeated(1000, {0x41, 0x00, 0x10, 0x00})});
  EXPECT_EQ(compiled(module_of(calls)), "ok");
  calls.push_back({kBlock});
  expect_limit(module_of(calls), "blocks, branches and calls");
  calls.back() = {kBranch};
  expect_limit(module_of(calls), "blocks, branches and calls");
}

TEST(Scan, entries_of_every_section_are_bounded) {
  const auto types = [](std::uint32_t n) { return joined({leb(n + 1), {0x60, 1, 0x7f, 0}, repeated(n, {0x60, 0, 0})}); };
  EXPECT_EQ(compiled(module_of({{}}, {{1, types(kMaxTypes - 1)}})), "ok");
  expect_limit(module_of({{}}, {{1, types(kMaxTypes)}}), "types");
  for (const bool results : {false, true}) {
    const auto values = [&](std::uint32_t n) {
      return joined({{2, 0x60, 1, 0x7f, 0, 0x60}, results ? Bytes{0} : Bytes{}, leb(n), Bytes(n, 0x7e), results ? Bytes{} : Bytes{0}});
    };
    EXPECT_EQ(compiled(module_of({{}}, {{1, values(kMaxTypeValues)}})), "ok");
    expect_limit(module_of({{}}, {{1, values(kMaxTypeValues + 1)}}), results ? "results" : "parameters");
  }
  const auto globals = [](std::uint32_t n) { return joined({leb(n), repeated(n, {0x7f, 0x01, 0x41, 0x00, 0x0b})}); };
  EXPECT_EQ(compiled(module_of({{}}, {{6, globals(kMaxEntries)}})), "ok");
  expect_limit(module_of({{}}, {{6, globals(kMaxEntries + 1)}}), "globals");
  const auto data = [](std::uint32_t n) { return joined({leb(n), repeated(n, {0x00, 0x41, 0x00, 0x0b, 0x00})}); };
  EXPECT_EQ(compiled(module_of({{}}, {{11, data(kMaxEntries)}})), "ok");
  expect_limit(module_of({{}}, {{11, data(kMaxEntries + 1)}}), "data segments");
  const Bytes table = {1, 0x70, 0x00, 0x01};
  const auto elements = [](std::uint32_t n) { return joined({leb(n), repeated(n, {0x00, 0x41, 0x00, 0x0b, 0x01, 0x00})}); };
  EXPECT_EQ(compiled(module_of({{}}, {{4, table}, {9, elements(kMaxEntries)}})), "ok");
  expect_limit(module_of({{}}, {{4, table}, {9, elements(kMaxEntries + 1)}}), "element segments");
  expect_limit(module_of({{}}, {{7, leb(kMaxEntries + 1)}}), "exports");
  expect_limit(module_of({{}}, {{2, leb(kMaxEntries + 1)}}), "imports");
  expect_limit(module_of({{}}, {{4, table}, {9, joined({{1, 0x00, 0x41, 0x00, 0x0b}, leb(10'001)})}}), "element segment");
}

struct Initial {
  const char* what;
  Bytes expression;  // without its end
};
const Initial kRefusedInitials[] = {
    {"nothing", {}},
    {"global.get of an own global", {0x23, 0x00}},
    {"i32.add", {0x41, 0x01, 0x41, 0x02, 0x6a}},
    {"i32.sub", {0x41, 0x01, 0x41, 0x02, 0x6b}},
    {"i32.mul", {0x41, 0x01, 0x41, 0x02, 0x6c}},
    {"i64.add", {0x42, 0x01, 0x42, 0x02, 0x7c}},
    {"i64.sub", {0x42, 0x01, 0x42, 0x02, 0x7d}},
    {"i64.mul", {0x42, 0x01, 0x42, 0x02, 0x7e}},
    {"two constants", {0x41, 0x01, 0x41, 0x02}},
    {"f32.const", {0x43, 0, 0, 0, 0}},
    {"f64.const", {0x44, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"v128.const", {0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"ref.null", {0xd0, 0x70}},
    {"ref.func", {0xd2, 0x00}},
    {"struct.new_default", {0xfb, 0x01, 0x00}},
    {"array.new_fixed", {0xfb, 0x08, 0x00, 0x00}},
    {"ref.i31", {0x41, 0x00, 0xfb, 0x1c}},
    {"a call", {0x10, 0x00}},
    {"a block", {0x02, 0x7f, 0x41, 0x00, 0x0b}},
    {"nop and a constant", {0x01, 0x41, 0x00}},
};

TEST(Scan, initial_values_and_offsets_are_one_constant_each) {
  const Bytes first = {0x7f, 0x00, 0x41, 0x05, 0x0b}, table = {1, 0x70, 0x00, 0x01};
  for (const auto& [what, expression] : kRefusedInitials) {
    const Bytes whole = joined({expression, {0x0b}});
    SCOPED_TRACE(what);
    for (const std::uint8_t type : {0x7f, 0x7e})
      expect_refused(module_of({{}}, {{6, joined({{2}, first, {type, 0x00}, whole})}}), "an initial value or an offset");
    expect_refused(module_of({{}}, {{6, joined({{1}, first})}, {11, joined({{1, 0x00}, whole, {0x00}})}}), "an initial value or an offset");
    expect_refused(module_of({{}}, {{6, joined({{1}, first})}, {11, joined({{1, 0x02, 0x00}, whole, {0x00}})}}), "an initial value");
    expect_refused(module_of({{}}, {{4, table}, {6, joined({{1}, first})}, {9, joined({{1, 0x00}, whole, {0x01, 0x00}})}}),
                   "an initial value");
  }
  EXPECT_EQ(compiled(module_of({{}}, {{6, joined({{2}, first, {0x7e, 0x01, 0x42, 0x7f, 0x0b}})}})), "ok");
  EXPECT_EQ(compiled(module_of({{}}, {{11, {2, 0x00, 0x41, 0x07, 0x0b, 0x01, 0xaa, 0x01, 0x01, 0xbb}}})),
            "ok");  // one put in by an instruction
  EXPECT_NE(compiled(module_of({{}}, {{6, {1, 0x7e, 0x00, 0x41, 0x05, 0x0b}}})), "ok");  // of another type
}

TEST(Scan, element_segments_of_other_kinds_are_refused) {
  const Bytes table = {1, 0x70, 0x00, 0x01};
  for (std::uint8_t kind = 1; kind < 8; ++kind)
    expect_refused(module_of({{}}, {{4, table}, {9, {1, kind, 0x41, 0x00, 0x0b, 0x00, 0x01, 0x00}}}), "element segments other than");
  expect_refused(module_of({{}}, {{11, {1, 0x02, 0x01, 0x41, 0x00, 0x0b, 0x00}}}), "several memories");
  expect_refused(module_of({{}}, {{11, {1, 0x03, 0x00}}}), "unknown kind");
}

TEST(Scan, blocks_have_no_values_of_other_types) {
  for (const std::uint8_t type : {0x7d, 0x7c, 0x7b, 0x70, 0x6f})
    expect_refused(module_of({{{0x02, type, 0x00, 0x0b, 0x1a}}}), "values other than i32 and i64");
  EXPECT_EQ(compiled(module_of({{{0x02, 0x7e, 0x42, 0x00, 0x0b, 0x1a}}})), "ok");
  EXPECT_EQ(compiled(module_of({{{0x02, 0x01, 0x0b}}})), "ok");  // a type by its number
}

}  // namespace
}  // namespace dos::vm::wasm::test
