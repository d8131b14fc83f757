// Gas of what the kernel does itself: what there is, what is paid (docs/spec/execution.md, "Native work").
#pragma once
#include "ledger/native_gas.hpp"
#include "vm/gas_meter.hpp"

namespace dos::kernel {

// The transaction's gas without what its own bytes say that its checks take. limit: it declares less than that.
Result<vm::GasMeter> meter_of(const ledger::SignedTransaction& tx);

// What its receipt says: what was used, but at least the declared share, and `min_call_gas` for each call (0: none began). The
// sponsor's purse pays no share: whoever declares does not pay there, and its quota bounds what is declared.
Gas charged_gas(const ledger::Transaction& tx, std::uint64_t used, std::uint64_t min_call_gas);

std::unexpected<Error> out_of_gas(const ledger::Transaction& tx);  // before its calls began
template <class R>
R named(R result, const ledger::Transaction& tx) {
  if (!result && result.error().code == Errc::out_of_gas) return out_of_gas(tx);
  return result;
}

}  // namespace dos::kernel
