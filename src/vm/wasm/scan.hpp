// What DOS asks of a module beyond WebAssembly's own validation (WebAssembly Core 2.0, chapter 5, is the binary format read
// here): no floating point, vectors, start function or shared memory, and sizes within limits. The walk refuses every
// opcode that it does not know, so an engine that learns new ones lets none of them in.
#pragma once
#include "vm/runtime.hpp"

namespace dos::vm::wasm {

Status scan(BytesView code, const CodeLimits& limits);  // malformed or limit, with the reason

}  // namespace dos::vm::wasm
