// One interface for every kind of code that runs inside a transaction. wasm/ (wasmtime, deterministic settings, fuel) is
// what there is. Host functions are handed in as a table; the runtime knows no module.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace dos::vm {

class Memory {  // the guest's linear memory during a host call
 public:
  virtual ~Memory() = default;
  // A range that leaves memory is Errc::trap. Every byte costs abi::kGasPerByte.
  virtual Result<BytesView> read(std::uint32_t ptr, std::uint32_t len) = 0;
  virtual Status write(std::uint32_t ptr, BytesView data) = 0;
};

// Consumes gas beside the fuel of instructions. Errc::out_of_gas when it runs out.
struct GasMeter {
  std::uint64_t left = 0;
  Status use(std::uint64_t gas) {
    if (gas > left) {
      left = 0;
      return fail(Errc::out_of_gas);
    }
    left -= gas;
    return {};
  }
};

struct HostCall {
  Memory& memory;
  void* context;                            // whatever the caller of `call` handed in
  std::span<const std::uint64_t> params;    // i32 zero-extended
  GasMeter& gas;                            // what the guest has left; the body may take more of it
};
struct HostFunction {
  const char* name;
  const char* signature;                    // "(iiI)i": i = i32, I = i64, v = nothing
  std::uint64_t gas;
  // An error ends the guest's call with that error; it is never visible to the guest.
  Result<std::uint64_t> (*body)(HostCall& call);
  std::uint32_t since = 1;                  // version of the table that it came with
};

struct CodeLimits {
  std::uint32_t max_code_bytes = 1 << 20;
  std::uint32_t max_memory_pages = 1024;    // 64 MiB
  std::uint32_t max_table_elements = 10'000;
  std::uint32_t max_stack_bytes = 512 * 1024;
  std::uint32_t abi = UINT32_MAX;           // the version that the module says it needs: later functions are not offered to it
};

class Code {  // compiled; shared between calls
 public:
  virtual ~Code() = default;
  virtual Hash hash() const = 0;            // BLAKE3 of the code
};

struct CallOutcome {
  std::uint64_t gas_used = 0;
  Status status;                            // trap, out_of_gas, or the error that a host function gave
};

class Runtime {
 public:
  virtual ~Runtime() = default;
  // Refuses: invalid modules, imports other than the host table's (module name "dos", exact signatures), a start function,
  // floats where `system`, shared memory, memories beyond the limits. Errc::malformed or limit with the reason.
  virtual Result<std::shared_ptr<Code>> compile(BytesView code, const CodeLimits& limits) = 0;
  // A fresh instance for each call: nothing is kept. Calls the export `dos_call(number)`.
  virtual CallOutcome call(const Code& code, std::uint32_t number, std::uint64_t gas, void* context) = 0;
  // Calls an export without arguments that gives (ptr << 32 | len) as i64 and returns the bytes: used for dos_table().
  virtual Result<Bytes> read_export(const Code& code, const char* name, std::uint64_t gas) = 0;
};

// `host` must outlive the runtime. `cache` (may be null) keeps compiled code: an owner-only folder, keyed by code hash and
// engine version, authenticated with a key of this node; damaged entries are compiled again.
struct CodeCache {
  virtual ~CodeCache() = default;
  virtual Result<std::optional<Bytes>> load(const Hash& key) = 0;
  virtual Status save(const Hash& key, BytesView compiled) = 0;
};
// Wraps `inner`, which need not be trusted: entries carry a keyed BLAKE3 tag under `node_key` (secret, of this node), and one
// that does not verify is no entry. Running altered native code would be the worst a disk could do. `inner` must outlive it.
std::unique_ptr<CodeCache> authenticated(CodeCache& inner, const Hash& node_key);

Result<std::unique_ptr<Runtime>> make_wasm_runtime(std::span<const HostFunction> host, CodeCache* cache);

}  // namespace dos::vm
