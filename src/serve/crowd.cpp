#include "serve/crowd.hpp"

namespace dos::serve {

std::size_t Crowd::of(const api::Source& source) const {
  const auto at = groups_.find(source);
  return at == groups_.end() ? 0 : at->second.size();
}

Crowd::Entry Crowd::enter(Id id, const api::Source& source) {
  Entry entry;
  if (members_.size() >= most_) {
    if (by_size_.empty()) return entry;
    const auto own = of(source);
    const auto heaviest = by_size_.rbegin();
    const api::Source& from = heaviest->first > own ? heaviest->second : source;  // of equals, one's own
    const auto at = groups_.find(from);
    if (at == groups_.end()) return entry;
    const Group& group = at->second;
    if (!group.resting.empty()) entry.out = take_out(group.resting.front());
    else if (from != source && group.size() > own + 1) entry.out = take_out(group.working.front());
    else return entry;
  }
  auto& group = groups_[source];
  by_size_.erase({group.size(), source});
  group.resting.push_back(id);
  by_size_.insert({group.size(), source});
  members_[id] = {source, false, std::prev(group.resting.end())};
  entry.in = true;
  return entry;
}

void Crowd::leave(Id id) {
  if (members_.contains(id)) take_out(id);
}

void Crowd::rest(Id id) { move(id, false); }
void Crowd::work(Id id) { move(id, true); }

void Crowd::move(Id id, bool works) {
  const auto at = members_.find(id);
  if (at == members_.end()) return;
  auto& m = at->second;
  auto& group = groups_.at(m.source);
  auto& to = works ? group.working : group.resting;
  to.splice(to.end(), m.works ? group.working : group.resting, m.at);
  working_ += std::size_t(works) - std::size_t(m.works);
  m.works = works;
}

std::optional<Crowd::Id> Crowd::give_up() {
  for (auto at = by_size_.rbegin(); at != by_size_.rend(); ++at) {
    const auto& group = groups_.at(at->second);
    if (!group.resting.empty()) return take_out(group.resting.front());
  }
  return std::nullopt;
}

std::optional<Crowd::Id> Crowd::give_up(const api::Source& source) {
  const auto at = groups_.find(source);
  if (at == groups_.end() || at->second.resting.empty()) return std::nullopt;
  return take_out(at->second.resting.front());
}

Crowd::Id Crowd::take_out(Id id) {
  const auto at = members_.find(id);
  const auto source = at->second.source;
  auto& group = groups_.at(source);
  by_size_.erase({group.size(), source});
  working_ -= at->second.works ? 1 : 0;
  (at->second.works ? group.working : group.resting).erase(at->second.at);
  if (group.size() > 0) by_size_.insert({group.size(), source});
  else groups_.erase(source);
  members_.erase(at);
  return id;
}

}  // namespace dos::serve
