// access[] of one transaction: which versions it rests on, and what its calls may touch (docs/spec/transactions.md).
#pragma once
#include <set>

#include "kernel/overlay.hpp"
#include "ledger/transaction.hpp"
#include "vm/gas_meter.hpp"

namespace dos::kernel {

class AccessSet {
 public:
  explicit AccessSet(const std::vector<ledger::Access>& access);

  // stale (with the index of the access in the detail), limit or out_of_gas, from versions alone; disk or corrupt if the state
  // failed. `gas` pays for what digests cover; single objects are paid for by being declared (ledger::native_gas).
  Status check_versions(const store::StateView& view, vm::GasMeter& gas) const;

  bool may_read(BytesView key) const;    // exact, latest, absent, read; under a range; an own append; a purse of a payment
  bool may_write(BytesView key) const;   // exact, latest, absent; under latest_range
  bool may_append(BytesView prefix) const;
  bool may_scan(BytesView prefix) const; // at or under a declared range
  void appended(Bytes key) { appended_.insert(std::move(key)); }

 private:
  const std::vector<ledger::Access>& access_;
  std::set<BytesView, store::KeyLess> reads_, writes_;  // single keys; views into access_
  std::vector<BytesView> read_ranges_, write_ranges_;  // sorted, none at or under another
  std::set<BytesView, store::KeyLess> appends_;
  std::set<Bytes, store::KeyLess> appended_;
};

}  // namespace dos::kernel
