// The shape of a module's WebAssembly.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace dos::modules {

struct WasmImport {
  std::string module, name, signature;  // as in src/abi/host_table.hpp
};
struct WasmShape {  // WebAssembly Core 2.0, chapter 5
  bool readable = false, has_start = false, memory_has_maximum = false;
  std::uint32_t memory_maximum = 0;  // pages
  std::vector<WasmImport> imports;
  std::set<std::string> exports;
  std::uint32_t recursive = 0;       // functions on a cycle of calls; an indirect call may reach any table entry of its type
  std::uint64_t stack = 0;           // bytes that the deepest chain of calls takes in memory
};
WasmShape wasm_shape(BytesView wasm);

}  // namespace dos::modules
