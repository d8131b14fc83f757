// What a module has that is a folder and a row of modules/system.hpp, and nothing else (cmake/demo.cmake).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "modules/demo/calls.hpp"
#include "modules/tests/machine.hpp"
#include "syscalls/syscalls.hpp"

namespace dos {
namespace {

TEST(Added, a_module_is_in_the_genesis_with_the_table_that_its_code_exports) {
  const auto modules = syscalls::genesis_modules([](const std::string& name) -> Result<Bytes> { return modules::wasm_of(name); });
  ASSERT_TRUE(modules);
  const auto demo = std::ranges::find(*modules, demo::kModule, &ledger::GenesisModule::number);
  ASSERT_NE(demo, modules->end());
  EXPECT_EQ(demo->record.name, "demo");
  EXPECT_EQ(demo->record.table, modules::table_of("demo"));
}

TEST(Added, its_calls_are_in_the_abi_and_in_the_reference) {
  EXPECT_NE(syscalls::json().find("\"module\": \"demo\", \"module_number\": 90, \"name\": \"unpin\""), std::string::npos);
  std::ifstream in(DOS_TEST_SOURCE "/docs/spec/calls.md", std::ios::binary);
  const auto page = syscalls::markdown(std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_NE(page.find("## demo (module 90), see [demo.md](../../modules/demo/demo.md)"), std::string::npos);
  EXPECT_NE(page.find("`demo.pin` Pins a note"), std::string::npos);
}

}  // namespace
}  // namespace dos
