#include "kernel/kernel.hpp"

namespace dos::kernel {

bool ReplayWindow::seen(const Hash& txid) const { return ids_.contains(txid); }

void ReplayWindow::record(const Hash& txid, TimeMs valid_until) {
  if (ids_.insert(txid).second) by_time_.emplace(valid_until.value, txid);
}

// A transaction is accepted up to and including its valid_until, so an id is needed that long.
void ReplayWindow::forget_before(TimeMs block_time) {
  while (!by_time_.empty() && by_time_.begin()->first < block_time.value) {
    ids_.erase(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
  }
}

std::size_t ReplayWindow::size() const { return ids_.size(); }

}  // namespace dos::kernel
