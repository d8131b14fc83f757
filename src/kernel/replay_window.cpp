#include "kernel/kernel.hpp"

namespace dos::kernel {

bool ReplayWindow::seen(const Hash& txid) const {
  for (const auto* w = this; w != nullptr; w = w->below_)
    if (w->ids_.contains(txid)) return true;
  return false;
}

void ReplayWindow::absorb(ReplayWindow&& above) {
  ids_.merge(above.ids_);
  by_time_.merge(above.by_time_);
}

void ReplayWindow::record(const Hash& txid, TimeMs valid_until) {
  if (ids_.insert(txid).second) by_time_.emplace(valid_until.value, txid);
}

// A transaction is accepted up to and including its valid_until, so an id is needed that long. Windows below keep theirs:
// an expired transaction is refused before anybody asks whether it was seen, so what is forgotten is a matter of memory only.
void ReplayWindow::forget_before(TimeMs block_time) {
  while (!by_time_.empty() && by_time_.begin()->first < block_time.value) {
    ids_.erase(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
  }
}

std::size_t ReplayWindow::size() const { return ids_.size(); }

}  // namespace dos::kernel
