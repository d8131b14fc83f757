// What a block has room for (docs/spec/execution.md, "What a block may hold"): the gas that it may declare, what the sponsor pays
// for, what each purse covers. Filled in block order against the state below the block, so that it rests on what transactions
// declare and never on how one executes: the leader who fills a block and those who execute it find the same.
#pragma once
#include <algorithm>

#include "kernel/kernel.hpp"
#include "kernel/purses.hpp"

namespace dos::kernel {

// What a transaction may cost at most: gas, bytes, rent. limit if a limit is not allowed, funds if it is no amount.
Result<std::uint64_t> reservation(const ledger::Transaction& tx, const ledger::Params& params);
Bytes payer_purse(const ledger::Transaction& tx);
bool is_sponsored(const ledger::Transaction& tx);  // of a bare key that nobody else pays for

// What a new account needs, and so what the sponsor has for one in every block however soon it comes: the gas of so many ordinary
// calls, and so many bytes.
inline constexpr std::uint64_t kNewcomerCalls = 4;
inline constexpr std::uint64_t kNewcomerBytes = kMaxTransactionBytes;
std::uint64_t newcomer_needs(const ledger::Params& params);

class BlockRoom {
 public:
  BlockRoom(const BlockContext& block, const ledger::Params& params, Purses& purses) : block_(block), params_(params), purses_(purses) {}

  // Reserves all that the transaction may cost. limit or funds: it has no place here, or none is left.
  Status take(const ledger::Transaction& tx, std::uint32_t bytes);
  std::uint64_t gas_left() const { return params_.block_gas - std::min(gas_, params_.block_gas); }

 private:
  Status take_sponsored(const ledger::Transaction& tx, std::uint32_t bytes, std::uint64_t most) const;
  std::uint64_t quota() const;

  const BlockContext& block_;
  const ledger::Params& params_;
  Purses& purses_;
  std::uint64_t gas_ = 0;
  std::uint64_t sponsored_ = 0, sponsored_gas_ = 0, sponsored_bytes_ = 0;
};

}  // namespace dos::kernel
