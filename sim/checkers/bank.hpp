// P3 and P13 for the clients' calls: each transaction takes effect at most once, what was answered final stays where it was, and
// credits are neither made nor lost. Follows the receipts of each new height once.
#pragma once
#include <map>

#include "ledger/receipt.hpp"
#include "sim/checkers/failures.hpp"

namespace dos::sim {

struct Payment {  // what a transaction does if its receipt says ok
  std::string from, to;
  std::uint64_t micro = 0;
};

class Bank {
 public:
  explicit Bank(Failures& failures) : failures_(failures) {}
  void open_account(const std::string& name, std::uint64_t micro) { balances_[name] = micro; }
  void made(const Hash& txid, Payment payment) { made_[txid] = std::move(payment); }
  void block(Height height, const std::vector<ledger::Receipt>& receipts);
  struct Place {
    Height height;
    std::uint32_t index = 0;
    ledger::TxStatus status{};
  };
  const Place* place(const Hash& txid) const {
    const auto it = places_.find(txid);
    return it == places_.end() ? nullptr : &it->second;
  }
  const std::map<Hash, Place>& places() const { return places_; }
  const std::map<std::string, std::uint64_t>& balances() const { return balances_; }
  std::uint64_t applied() const { return places_.size(); }

 private:
  Failures& failures_;
  std::map<std::string, std::uint64_t> balances_;
  std::map<Hash, Payment> made_;
  std::map<Hash, Place> places_;
};

}  // namespace dos::sim
