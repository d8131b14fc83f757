// Arbitrary bytes as a module, and arbitrary instructions in a sound one: refused, or compiled and run within limits; the same module
// with the same fuel ends the same way each time, at the same gas.
#include "base/check.hpp"
#include "vm/assembler.hpp"
#include "vm/test_host.hpp"
#include "vm/wasm/runtime.hpp"

using namespace dos;

namespace {

constexpr std::uint64_t kFuel = 100'000;

const vm::wasm::Import kHost[] = {
    {"args", "(i)v", 100, [](vm::wasm::GuestCall&) -> Result<std::uint64_t> { return 0; }},
    {"height", "()I", 50, [](vm::wasm::GuestCall&) -> Result<std::uint64_t> { return 7; }},
};

vm::Runtime* runtime() {
  static auto made = vm::wasm::make_runtime(nullptr, kHost);
  DOS_CHECK(made.has_value());
  return made->get();
}

void run(BytesView module) {
  const auto code = runtime()->compile(module, {});
  if (!code) return;
  vm::TestHost host;
  const auto first = (*code)->call(1, kFuel, host);
  const auto again = (*code)->call(1, kFuel, host);
  DOS_CHECK(first.gas_used <= kFuel && first.gas_used == again.gas_used && first.status.has_value() == again.status.has_value());
  (void)(*code)->table(kFuel);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {  // before any input: what starting the engine takes is not an input's
  (void)runtime();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in(data + 1, size - 1);
  if (data[0] & 1) {
    run(in);
    return 0;
  }
  vm::assembly::Assembler guest(kHost);
  append(guest.on(1).bytes, in);
  run(guest.build(1 + (data[0] >> 1 & 3), data[0] >> 3 & 7));
  return 0;
}
