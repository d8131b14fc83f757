// Arbitrary bytes as a module: refused, or compiled and run within limits.
#include "vm/runtime.hpp"

using namespace dos;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto body = [](vm::HostCall&) -> Result<std::uint64_t> { return 0; };
  static const vm::HostFunction host[] = {{"args", "(i)v", 100, body}};
  static auto runtime = vm::make_wasm_runtime(host, nullptr);
  if (!runtime) return 0;
  if (auto code = (*runtime)->compile({data, size}, {})) {
    int context = 0;
    (void)(*runtime)->call(**code, 1, 100'000, &context);
    (void)(*runtime)->read_export(**code, "dos_table", 100'000);
  }
  return 0;
}
