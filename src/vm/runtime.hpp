// One interface for every kind of code that runs inside a transaction. runtimes.hpp has the table of those there are.
#pragma once
#include <memory>
#include <optional>

#include "vm/host.hpp"

namespace dos::vm {

struct CodeLimits {
  std::uint32_t max_code_bytes = 1 << 20;
  std::uint32_t max_memory_pages = 1024;    // 64 MiB
  std::uint32_t max_table_elements = 10'000;
  std::uint32_t max_stack_bytes = 512 * 1024;
  std::uint32_t abi = UINT32_MAX;           // the version that the module says it needs: later functions are not offered to it
};

struct CallOutcome {
  std::uint64_t gas_used = 0;
  Status status;                            // trap, out_of_gas, or the error that an operation of the host gave
};

class Code {  // made ready by a runtime, which outlives it; shared between calls
 public:
  virtual ~Code() = default;
  virtual Hash hash() const = 0;            // BLAKE3 of the code
  // Each call begins anew: nothing of an earlier one is kept.
  virtual CallOutcome call(std::uint32_t number, std::uint64_t gas, Host& host) const = 0;
  // BCS vector<CallRow>: the calls that the code says it has. It has no host meanwhile.
  virtual Result<Bytes> table(std::uint64_t gas) const = 0;
};

class Runtime {
 public:
  virtual ~Runtime() = default;
  // Refuses what is not sound or beyond the limits, and what asks for more than the host table of that version offers: Errc::malformed
  // or limit with the reason.
  virtual Result<std::shared_ptr<const Code>> compile(BytesView code, const CodeLimits& limits) = 0;
};

// Keeps compiled code: an owner-only folder, keyed by code hash and engine version, authenticated with a key of this node; damaged
// entries are compiled again.
struct CodeCache {
  virtual ~CodeCache() = default;
  virtual Result<std::optional<Bytes>> load(const Hash& key) = 0;
  virtual Status save(const Hash& key, BytesView compiled) = 0;
};
// Wraps `inner`, which need not be trusted: entries carry a keyed BLAKE3 tag under `node_key` (secret, of this node), and one
// that does not verify is no entry. Running altered native code would be the worst a disk could do. `inner` must outlive it.
std::unique_ptr<CodeCache> authenticated(CodeCache& inner, const Hash& node_key);

}  // namespace dos::vm
