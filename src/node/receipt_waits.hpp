// Requests that wait for receipts: places, shared fairly by the sources that ask. Full, who has waited longest of the source that holds most
// gets its answer, with what there is by then; so a flood turns over its own places.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "node/ticket.hpp"
#include "serve/crowd.hpp"

namespace dos::node {

class ReceiptWaits {
 public:
  using Number = std::uint64_t;
  explicit ReceiptWaits(std::size_t most) : places_(most) {}

  struct Place {
    Number number = 0;
    std::shared_ptr<Ticket> out;  // whose time is over for it: to be expired by the caller, outside its locks. None, mostly
  };
  Place add(std::uint64_t deadline_ns, std::weak_ptr<Ticket> ticket, const api::Source& source) {
    Place place{++last_, {}};
    const auto entry = places_.enter(place.number, source);  // nobody is ever at work here: there is always one that goes
    if (entry.out) place.out = forget(*entry.out);
    by_deadline_.insert({deadline_ns, place.number});
    waits_.emplace(place.number, Wait{deadline_ns, std::move(ticket)});
    return place;
  }
  // It was answered: its place is free. Unknown: nothing.
  void leave(Number number) {
    if (!waits_.contains(number)) return;
    places_.leave(number);
    forget(number);
  }
  // Those whose time has come.
  std::vector<std::shared_ptr<Ticket>> due(std::uint64_t now_ns) {
    std::vector<std::shared_ptr<Ticket>> all;
    while (!by_deadline_.empty() && by_deadline_.begin()->first <= now_ns) {
      const auto number = by_deadline_.begin()->second;
      places_.leave(number);
      if (auto ticket = forget(number)) all.push_back(std::move(ticket));
    }
    return all;
  }
  std::optional<std::uint64_t> first_ns() const { return by_deadline_.empty() ? std::nullopt : std::optional(by_deadline_.begin()->first); }
  std::vector<std::shared_ptr<Ticket>> take_all() { return due(UINT64_MAX); }
  std::size_t size() const { return waits_.size(); }
  std::size_t most() const { return places_.most(); }

 private:
  struct Wait {
    std::uint64_t deadline_ns;
    std::weak_ptr<Ticket> ticket;
  };
  std::shared_ptr<Ticket> forget(Number number) {
    const auto at = waits_.find(number);
    auto ticket = at->second.ticket.lock();
    by_deadline_.erase({at->second.deadline_ns, number});
    waits_.erase(at);
    return ticket;
  }
  Number last_ = 0;
  serve::Crowd places_;
  std::map<Number, Wait> waits_;
  std::set<std::pair<std::uint64_t, Number>> by_deadline_;
};

}  // namespace dos::node
