#include <algorithm>
#include <functional>

#include "kernel/kernel.hpp"

namespace dos::kernel {

bool ReplayWindow::seen(const Hash& txid) const {
  for (const auto* w = this; w != nullptr; w = w->below_)
    if (w->ids_.contains(txid)) return true;
  return false;
}

void ReplayWindow::absorb(ReplayWindow&& above) {
  ids_.merge(above.ids_);
  for (auto& until : above.by_time_) note(std::move(until));
}

void ReplayWindow::record(const Hash& txid, TimeMs valid_until) {
  if (ids_.insert(txid).second) note({valid_until.value, txid});
}

void ReplayWindow::note(Until until) {
  by_time_.push_back(std::move(until));
  std::ranges::push_heap(by_time_, std::greater{});
}

// A transaction is accepted up to and including its valid_until, so an id is needed that long. Windows below keep theirs:
// an expired transaction is refused before anybody asks whether it was seen, so what is forgotten is a matter of memory only.
void ReplayWindow::forget_before(TimeMs block_time) {
  while (!by_time_.empty() && by_time_.front().first < block_time.value) {
    std::ranges::pop_heap(by_time_, std::greater{});
    ids_.erase(by_time_.back().second);
    by_time_.pop_back();
  }
}

std::size_t ReplayWindow::size() const { return ids_.size(); }

}  // namespace dos::kernel
