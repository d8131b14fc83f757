// The calls of all system modules (modules/system.hpp), for whoever makes them or a genesis, and what is generated from them. The only
// place that expands the list together with the modules' call tables.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ledger/call_table.hpp"
#include "ledger/genesis.hpp"

namespace dos::syscalls {

struct Table {
  std::uint16_t number = 0;  // of the module
  std::string name;
  std::vector<ledger::CallRow> rows;
  std::span<const ledger::RecordSpec> records;  // what its `struct NAME` stand for
};
std::vector<Table> tables();  // ascending by module number

// What a genesis says of a module whose code this is.
ledger::GenesisModule genesis_module(const Table& table, BytesView wasm);
// Of all, with the code that `wasm` gives for a module's name. Errors are those of `wasm`.
Result<std::vector<ledger::GenesisModule>> genesis_modules(const std::function<Result<Bytes>(const std::string& name)>& wasm);

std::string json();                                // abi/syscalls.json
std::string markdown(const std::string& present);  // docs/spec/calls.md: what stands above the mark kTablesMark stays
inline constexpr const char* kTablesMark = "<!-- generated from here on: ./dev bless -->\n";

}  // namespace dos::syscalls
