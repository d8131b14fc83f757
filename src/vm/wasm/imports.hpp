// What a module in WebAssembly may import from "dos": each row of abi/host_table.hpp, with the body that brings it to the typed host.
// Here stand pointers into the guest's memory, the copying of bytes and its gas, and nothing of what an operation means.
#pragma once
#include <span>

#include "vm/host.hpp"

namespace dos::vm::wasm {

class Memory {  // the guest's linear memory during a host call
 public:
  virtual ~Memory() = default;
  // A range that leaves memory is Errc::trap. Every byte costs abi::kGasPerByte.
  virtual Result<BytesView> read(std::uint32_t ptr, std::uint32_t len) = 0;
  virtual Status write(std::uint32_t ptr, BytesView data) = 0;
};

struct GuestCall {
  Memory& memory;
  Host& host;
  std::span<const std::uint64_t> params;    // i32 zero-extended
  GasMeter& gas;                            // what the guest has left
};

struct Import {
  const char* name;
  const char* signature;                    // "(iiI)i": i = i32, I = i64, v = nothing
  std::uint64_t gas;                        // taken before the body
  Result<std::uint64_t> (*body)(GuestCall& call);
  std::uint32_t since = 1;                  // version of the table that it came with
};

std::span<const Import> imports();

}  // namespace dos::vm::wasm
