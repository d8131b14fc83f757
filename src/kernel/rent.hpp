// Rent: bytes times time, rounded up (docs/spec/execution.md).
#pragma once
#include "ledger/state_formats.hpp"
#include "store/view.hpp"

namespace dos::kernel {

// Nothing is written for less than a week: what has expired stays until it is swept, so a moment's rent must not buy that.
inline constexpr std::uint64_t kLeastTermMs = 7ull * 86'400'000;
bool long_enough(TimeMs until, TimeMs now);  // a permanent object always is

// For `bytes` from `now` until `until`, at least for kLeastTermMs; a permanent object pays Params::default_rent_ms once. Saturates
// at 2^64 - 1.
std::uint64_t rent_for(const ledger::Params& params, std::uint64_t bytes, TimeMs until, TimeMs now);
std::uint64_t rented_bytes(BytesView key, const store::Record& record);  // key, lock, meta and data

// What the net changes of a transaction cost: a changed object pays what it costs more than before; content that moved to
// another key unchanged pays nothing; nothing is given back. `before` is the state without the changes.
Result<std::uint64_t> rent_of_changes(const ledger::Params& params, const store::Delta& changes, const store::StateView& before,
                                      TimeMs now);
// limit: something is written for less than kLeastTermMs that neither had this very term before nor has it from an object that the
// transaction removes (a move, a removal).
Status check_terms(const store::Delta& changes, const store::StateView& before, TimeMs now);

}  // namespace dos::kernel
