// The runtime of code in WebAssembly: wasmtime, deterministic settings, gas as fuel (docs/spec/execution.md, The engine). Of a module it
// wants exports `memory`, `dos_call(i32)` and `dos_table() -> i64`, which is ptr << 32 | len, and imports of the table alone with their exact
// signatures; it refuses start functions, floats, shared memory, memories beyond the limits (scan.hpp).
#pragma once
#include "vm/runtime.hpp"
#include "vm/wasm/imports.hpp"

namespace dos::vm::wasm {

bool recognizes(BytesView code);  // \0asm

// `cache` may be null; it and `table` outlive the runtime.
Result<std::unique_ptr<Runtime>> make_runtime(CodeCache* cache, std::span<const Import> table = imports());

}  // namespace dos::vm::wasm
