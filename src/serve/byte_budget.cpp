#include "serve/byte_budget.hpp"

namespace dos::serve {

ByteBudget::Verdict ByteBudget::hold(Id id, const api::Source& source, std::size_t bytes) {
  Verdict verdict;
  const auto counted = bytes > free_ ? bytes - free_ : 0;
  auto at = members_.find(id);
  if (at == members_.end()) {
    if (counted == 0) return verdict;
    at = members_.emplace(id, Member{source, 0, next_++, false}).first;
    auto& own = groups_[source];
    ++own.members;
    own.open.insert({at->second.since, id});
  }
  auto& group = groups_.at(at->second.source);
  group.bytes += counted - at->second.bytes;  // modulo 2^64: it may be less than before
  bytes_ += counted - at->second.bytes;
  at->second.bytes = counted;
  while (bytes_ > most_ || group.bytes > most_per_source_) {
    Group* from = group.bytes > most_per_source_ ? &group : heaviest();
    const auto victim = from == nullptr || from->open.empty() ? id : from->open.begin()->second;
    leave(victim);
    verdict.fits = victim != id;
    if (!verdict.fits) return verdict;  // its group may be gone
    verdict.out.push_back(victim);
  }
  return verdict;
}

void ByteBudget::keep(Id id) {
  const auto at = members_.find(id);
  if (at == members_.end()) return;
  at->second.kept = true;
  groups_.at(at->second.source).open.erase({at->second.since, id});
}

void ByteBudget::leave(Id id) {
  const auto at = members_.find(id);
  if (at == members_.end()) return;
  const auto group = groups_.find(at->second.source);
  group->second.open.erase({at->second.since, id});
  group->second.bytes -= at->second.bytes;
  bytes_ -= at->second.bytes;
  if (--group->second.members == 0) groups_.erase(group);
  members_.erase(at);
}

ByteBudget::Group* ByteBudget::heaviest() {
  Group* most = nullptr;
  for (auto& [source, group] : groups_)
    if (!group.open.empty() && (most == nullptr || group.bytes > most->bytes)) most = &group;
  return most;
}

}  // namespace dos::serve
