// The call tables: what modules export is what calls.hpp says, and what is generated from them is current.
// DOS_BLESS=1 in the environment writes the generated files instead of comparing them (./dev bless).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "modules/tests/expect.hpp"
#include "modules/tests/machine.hpp"
#include "modules/tests/wasm_shape.hpp"
#include "syscalls/syscalls.hpp"
#include "vm/wasm/imports.hpp"

namespace dos::modules {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void expect_generated(const std::string& path, const std::string& want) {
  const auto file = std::string(DOS_TEST_SOURCE) + "/" + path;
  if (std::getenv("DOS_BLESS") != nullptr) {
    std::ofstream(file, std::ios::binary) << want;
    return;
  }
  EXPECT_EQ(read_text(file), want) << path << " is not what the call tables say: ./dev bless writes it again";
}

TEST(Tables, modules_export_the_rows_of_their_header) {
  for (const auto& t : syscalls::tables()) {
    const auto rows = codec::decode<std::vector<ledger::CallRow>>(table_of(t.name));
    ASSERT_TRUE(rows) << t.name;
    EXPECT_EQ(codec::encode(*rows), codec::encode(t.rows)) << t.name;
  }
}

TEST(Tables, call_numbers_are_unique_over_the_system_modules) {
  std::set<std::uint16_t> seen;
  for (const auto& t : syscalls::tables())
    for (const auto& r : t.rows) {
      EXPECT_TRUE(seen.insert(r.number).second) << t.name << "." << r.name;
      EXPECT_FALSE(r.sentence.empty());
      EXPECT_EQ(r.sentence.back(), '.') << r.name;
    }
}

TEST(Tables, abi_syscalls_json_is_current) { expect_generated("abi/syscalls.json", syscalls::json()); }
TEST(Tables, docs_spec_calls_is_current) {
  expect_generated("docs/spec/calls.md", syscalls::markdown(read_text(std::string(DOS_TEST_SOURCE) + "/docs/spec/calls.md")));
}

TEST(Tables, modules_are_small) {
  for (const auto& t : syscalls::tables()) EXPECT_LT(wasm_of(t.name).size(), 128u * 1024) << t.name;
}

TEST(Tables, modules_import_host_functions_only_and_never_recurse) {
  for (const auto& t : syscalls::tables()) {
    const auto shape = wasm_shape(wasm_of(t.name));
    ASSERT_TRUE(shape.readable) << t.name;
    std::set<std::string> known;
    for (const auto& f : vm::wasm::imports()) known.insert(std::string(f.name) + f.signature);
    for (const auto& i : shape.imports) {
      EXPECT_EQ(i.module, "dos") << t.name;
      EXPECT_TRUE(known.contains(i.name + i.signature)) << t.name << " imports " << i.name << i.signature;
    }
    EXPECT_EQ(shape.exports, (std::set<std::string>{"dos_call", "dos_table", "memory"})) << t.name;
    EXPECT_FALSE(shape.has_start) << t.name;
    EXPECT_TRUE(shape.memory_has_maximum) << t.name;
    EXPECT_LE(shape.memory_maximum, 128u) << t.name;
    EXPECT_EQ(shape.recursive, 0u) << t.name << ": functions that may call themselves, directly or by way of others";
    EXPECT_GT(shape.stack, 0u) << t.name;
    EXPECT_LT(shape.stack, 32u * 1024) << t.name << ": more stack than cmake/modules.cmake gives";
  }
}

}  // namespace
}  // namespace dos::modules
