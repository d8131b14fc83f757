// The call tables of all system modules, and what is generated from them; and the shape of a module's WebAssembly.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "ledger/call_table.hpp"

namespace dos::modules {

struct SystemTable {
  std::uint16_t number;
  std::string name;
  std::vector<ledger::CallRow> rows;
  std::vector<ledger::RecordSpec> records = {};  // what its `struct NAME` stand for
};
std::vector<SystemTable> system_tables();  // ascending by module number

std::string syscalls_json();                              // abi/syscalls.json
std::string calls_markdown(const std::string& present);   // docs/spec/calls.md: text stays, the tables between its marks change

struct WasmImport {
  std::string module, name, signature;  // as in host/table.hpp
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
