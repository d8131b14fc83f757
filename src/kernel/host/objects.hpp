// Objects and purses as a call may touch them: what access[] declares, of the module's own number, well formed. Everything
// else is Errc::access (docs/spec/host.md).
#pragma once
#include "kernel/execution.hpp"

namespace dos::kernel {

Result<std::optional<Bytes>> read_object_bytes(Frame& frame, BytesView key);  // BCS(Object)
// `gas` pays for the object that was there before, which is read.
Status put_object(Frame& frame, BytesView key, BytesView object, vm::GasMeter& gas);
Status delete_object(Frame& frame, BytesView key, vm::GasMeter& gas);
Result<Bytes> append_object(Frame& frame, BytesView prefix, BytesView object, vm::GasMeter& gas);  // the key
Status debit_purse(Frame& frame, BytesView purse, std::uint64_t amount);
Status deposit_to_purse(Frame& frame, BytesView purse, std::uint64_t amount);

}  // namespace dos::kernel
