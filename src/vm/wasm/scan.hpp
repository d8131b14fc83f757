// What DOS asks of a module beyond WebAssembly's own validation (WebAssembly Core 2.0, chapter 5, is the binary format read
// here): no floating point, vectors, start function or shared memory, initial values that are plain numbers, and sizes within limits.
// The walk refuses every opcode that it does not know, so an engine that learns new ones lets none of them in. It takes time in
// proportion to the bytes; the engine's compiler does not, so the limits below bound what reaches it.
#pragma once
#include "vm/runtime.hpp"

namespace dos::vm::wasm {

// Of a function. The compiler's work grows with the product of what these count.
inline constexpr std::uint32_t kMaxFunctionBytes = 32 * 1024;
inline constexpr std::uint32_t kMaxNesting = 64;      // blocks, loops and ifs within one another
inline constexpr std::uint32_t kMaxBlocks = 512;      // blocks, loops, ifs
inline constexpr std::uint32_t kMaxBranches = 2048;   // br, br_if, and every target of a br_table
inline constexpr std::uint32_t kMaxLocals = 256;      // beside its parameters
inline constexpr std::uint32_t kMaxTypeValues = 32;   // parameters of a type, and likewise results
// Of a module, in all.
inline constexpr std::uint32_t kMaxTypes = 1'000;
inline constexpr std::uint32_t kMaxFunctions = 4'096;
inline constexpr std::uint32_t kMaxEntries = 1'000;   // of imports, globals, exports, element and data segments, each
inline constexpr std::uint32_t kMaxInstructions = 200'000;
inline constexpr std::uint32_t kMaxJumps = 20'000;    // blocks, branches and calls

Status scan(BytesView code, const CodeLimits& limits);  // malformed or limit, with the reason

}  // namespace dos::vm::wasm
