#include "kernel/block_room.hpp"

#include "kernel/witnesses.hpp"

namespace dos::kernel {

Bytes payer_purse(const ledger::Transaction& tx) {
  if (!tx.payer.empty()) return ledger::purse_key(tx.payer);
  if (is_bare_key(tx)) return ledger::purse_key(ledger::kSponsorPurse);
  return ledger::purse_key(std::get<ledger::AccountSender>(tx.sender.is).account);
}

bool is_sponsored(const ledger::Transaction& tx) { return is_bare_key(tx) && tx.payer.empty(); }

std::uint64_t newcomer_needs(const ledger::Params& params) {
  const auto needs = __uint128_t(kNewcomerCalls) * params.min_call_gas * params.gas_price + __uint128_t(kNewcomerBytes) * params.byte_price;
  return std::uint64_t(std::min(needs, __uint128_t(UINT64_MAX)));
}

Result<std::uint64_t> reservation(const ledger::Transaction& tx, const ledger::Params& params) {
  const auto least = __uint128_t(params.min_call_gas) * tx.calls.size();
  if (tx.limits.gas.value < least) return fail(Errc::limit, "gas: these calls take at least " + std::to_string(std::uint64_t(least)));
  if (tx.limits.gas.value > params.max_transaction_gas)
    return fail(Errc::limit, "gas of a transaction: at most " + std::to_string(params.max_transaction_gas));
  const auto total =
      __uint128_t(tx.limits.gas.value) * params.gas_price + __uint128_t(tx.limits.bytes) * params.byte_price + tx.limits.rent.value;
  if (total > UINT64_MAX) return fail(Errc::funds, "the limits are more than there are credits");
  return std::uint64_t(total);
}

// The quota of a block grows with the block time since its parent, so that many blocks in a second do not empty the purse.
std::uint64_t BlockRoom::quota() const {
  const auto passed = block_.time.value - std::min(block_.time.value, block_.parent_time.value);
  return std::uint64_t(__uint128_t(params_.sponsor_per_block) * std::min(passed, kSponsorQuotaMs) / kSponsorQuotaMs);
}

Status BlockRoom::take_sponsored(const ledger::Transaction& tx, std::uint32_t bytes, std::uint64_t most) const {
  const auto gas = params_.block_gas / kBareKeyShare, in_bytes = std::uint64_t(params_.block_bytes) / kBareKeyShare;
  if (sponsored_gas_ + tx.limits.gas.value > gas) return fail(Errc::limit, "gas of bare keys in a block: at most " + std::to_string(gas));
  if (sponsored_bytes_ + bytes > in_bytes) return fail(Errc::limit, "bytes of bare keys in a block: at most " + std::to_string(in_bytes));
  if (most > params_.sponsor_per_block) return fail(Errc::funds, "the limits are over the sponsor's quota of a block");
  // A new account may always go: a quota that time has not filled yet keeps nobody out for good. Who wants more waits for it.
  const bool newcomer = sponsored_ == 0 && most <= newcomer_needs(params_);
  if (!newcomer && most > quota() - std::min(quota(), sponsored_)) return fail(Errc::funds, "the sponsor's quota of this block is used");
  return {};
}

Status BlockRoom::take(const ledger::Transaction& tx, std::uint32_t bytes) {
  DOS_ASSIGN(const auto most, reservation(tx, params_));
  if (tx.limits.gas.value > gas_left()) return fail(Errc::limit, "gas of a block: at most " + std::to_string(params_.block_gas));
  const bool sponsored = is_sponsored(tx);
  if (sponsored) DOS_TRY(take_sponsored(tx, bytes, most));
  DOS_TRY(purses_.reserve(payer_purse(tx), most));
  gas_ += tx.limits.gas.value;
  if (!sponsored) return {};
  sponsored_ += most;
  sponsored_gas_ += tx.limits.gas.value;
  sponsored_bytes_ += bytes;
  return {};
}

}  // namespace dos::kernel
