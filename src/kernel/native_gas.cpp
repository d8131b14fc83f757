#include "kernel/native_gas.hpp"

#include <algorithm>

#include "kernel/block_room.hpp"

namespace dos::kernel {

Result<vm::GasMeter> meter_of(const ledger::SignedTransaction& tx) {
  const auto needed = ledger::native_gas(tx);
  vm::GasMeter gas{tx.tx.limits.gas.value};
  if (!gas.use(needed))
    return fail(Errc::limit, "gas: the accesses and witnesses of this transaction alone take " + std::to_string(needed));
  return gas;
}

Gas charged_gas(const ledger::Transaction& tx, std::uint64_t used, std::uint64_t min_call_gas) {
  const auto share = is_sponsored(tx) ? 0 : tx.limits.gas.value / ledger::kDeclaredShare;
  return Gas{std::max({used, share, min_call_gas * tx.calls.size()})};
}

std::unexpected<Error> out_of_gas(const ledger::Transaction& tx) {
  return fail(Errc::out_of_gas,
              "what its digests and permissions lead to used up the " + std::to_string(tx.limits.gas.value) + " gas of the transaction");
}

}  // namespace dos::kernel
