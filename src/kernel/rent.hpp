// Rent: bytes times time, rounded up (docs/spec/execution.md).
#pragma once
#include "ledger/state_formats.hpp"
#include "store/view.hpp"

namespace dos::kernel {

// For `bytes` from `now` until `until`; a permanent object pays Params::default_rent_ms once. Saturates at 2^64 - 1.
std::uint64_t rent_for(const ledger::Params& params, std::uint64_t bytes, TimeMs until, TimeMs now);
std::uint64_t rented_bytes(BytesView key, const store::Record& record);  // key, lock, meta and data

// What the net changes of a transaction cost: a changed object pays what it costs more than before; content that moved to
// another key unchanged pays nothing; nothing is given back. `before` is the state without the changes.
Result<std::uint64_t> rent_of_changes(const ledger::Params& params, const store::Delta& changes, const store::StateView& before,
                                      TimeMs now);

}  // namespace dos::kernel
