#include "ledger/rent.hpp"

namespace dos::ledger {

Rent rent_for(const Params& params, std::uint64_t bytes, std::uint64_t ms) {
  constexpr __uint128_t kMibYear = __uint128_t(1 << 20) * 31'536'000'000ull;
  // bytes and prices are small against 2^64; a product that is not is a cost nobody's limit covers.
  __uint128_t cost = 0;
  if (__builtin_mul_overflow(__uint128_t(bytes) * ms, __uint128_t(params.rent_per_mib_year), &cost)) return {UINT64_MAX, false};
  if (cost / kMibYear > UINT64_MAX) return {UINT64_MAX, false};
  return {std::uint64_t(cost / kMibYear), cost % kMibYear != 0};
}

}  // namespace dos::ledger
