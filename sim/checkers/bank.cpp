#include "sim/checkers/bank.hpp"

namespace dos::sim {

void Bank::block(Height height, const std::vector<ledger::Receipt>& receipts) {
  for (std::uint32_t i = 0; i < receipts.size(); ++i) {
    const auto& r = receipts[i];
    if (r.status == ledger::TxStatus::skipped) {
      failures_.add("no junk", "block " + std::to_string(height.value) + " holds what could not stand in it: " + r.detail);
      continue;
    }
    const auto [it, fresh] = places_.emplace(r.txid, Place{height, i, r.status});
    if (!fresh)
      failures_.add("at most once", "a transaction of block " + std::to_string(it->second.height.value) + " took effect again in block " +
                                        std::to_string(height.value));
    const auto payment = made_.find(r.txid);
    if (payment == made_.end()) {
      failures_.add("at most once", "block " + std::to_string(height.value) + " holds a transaction that no client made");
      continue;
    }
    const auto& p = payment->second;
    balances_[p.from] -= r.fee.value + r.rent.value;
    if (r.status != ledger::TxStatus::ok || p.micro == 0) continue;
    balances_[p.from] -= p.micro;
    balances_[p.to] += p.micro;
  }
}

}  // namespace dos::sim
