#include "vm/runtimes.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "vm/assembler.hpp"
#include "vm/test_host.hpp"
#include "vm/tiny/test_tiny.hpp"

namespace dos::vm {
namespace {

std::vector<RuntimeRow> with_tiny() {
  std::vector<RuntimeRow> rows(runtime_rows().begin(), runtime_rows().end());
  rows.push_back(tiny::kRow);
  return rows;
}
Bytes tiny_code() { return tiny::code_of({{7, tiny::Program().op(tiny::kArgs).op(tiny::kRet).code()}}, as_bytes("a table")); }

TEST(Runtimes, code_goes_to_the_runtime_that_knows_its_first_bytes) {
  const auto rows = with_tiny();
  const auto runtimes = *Runtimes::make(nullptr, rows);
  const auto tiny = runtimes->compile(tiny_code(), {});
  ASSERT_TRUE(tiny) << tiny.error().detail;
  EXPECT_EQ(*(*tiny)->table(1000), to_bytes(as_bytes("a table")));
  assembly::Assembler a;
  const auto wasm = runtimes->compile(a.build(), {});
  ASSERT_TRUE(wasm) << wasm.error().detail;
  EXPECT_EQ(*(*wasm)->table(100'000), Bytes{0});
  TestHost host;
  EXPECT_TRUE((*tiny)->call(7, 1000, host).status);
  EXPECT_EQ(host.returned, host.arguments);
}

TEST(Runtimes, code_that_none_of_them_knows_is_refused) {
  const auto shipped = *Runtimes::make(nullptr);
  for (const Bytes& code : {Bytes{}, Bytes{0, 'a', 's'}, tiny_code()}) {
    const auto refused = shipped->compile(code, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), Errc::malformed);
  }
}

TEST(Runtimes, code_that_two_of_them_know_is_refused) {
  auto rows = with_tiny();
  rows.back().recognizes = rows.front().recognizes;
  assembly::Assembler a;
  const auto refused = (*Runtimes::make(nullptr, rows))->compile(a.build(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(code_of(refused), Errc::malformed);
}

TEST(Runtimes, no_two_rows_have_one_number) {
  auto rows = with_tiny();
  rows.back().number = rows.front().number;
  EXPECT_FALSE(Runtimes::make(nullptr, rows));
}

TEST(Runtimes, of_the_second_one_work_is_bounded_by_gas_as_of_the_first) {
  TestHost host;
  GasMeter gas{1000};
  EXPECT_EQ(code_of(tiny::Machine(host, gas).run(tiny::Program().forever().code())), Errc::out_of_gas);
  gas.left = 100'000;
  EXPECT_EQ(code_of(tiny::Machine(host, gas).run(tiny::Program().op(tiny::kJoin).code())), Errc::trap);
  tiny::Program deep;
  for (std::size_t i = 0; i <= tiny::kMaxStack; ++i) deep.op(tiny::kArgs);
  EXPECT_EQ(code_of(tiny::Machine(host, gas).run(deep.code())), Errc::trap);
  const auto runtimes = *Runtimes::make(nullptr, std::span(&tiny::kRow, 1));
  auto cut = tiny_code();
  for (cut.pop_back(); cut.size() >= std::size(tiny::kMagic); cut.pop_back()) EXPECT_FALSE(runtimes->compile(cut, {})) << cut.size();
}

}  // namespace
}  // namespace dos::vm
