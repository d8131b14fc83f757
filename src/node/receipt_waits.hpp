// Requests that wait for receipts: places by number. Full, the one that has waited longest gets its answer, with what there is by
// then; so places that nobody needs any more keep nobody out.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "node/ticket.hpp"

namespace dos::node {

class ReceiptWaits {
 public:
  explicit ReceiptWaits(std::size_t most) : most_(most) {}

  // Whose time is over for it: to be expired by the caller, outside its locks. None, mostly.
  std::shared_ptr<Ticket> add(std::uint64_t deadline_ns, std::weak_ptr<Ticket> ticket) {
    while (!waits_.empty() && waits_.begin()->second.ticket.expired()) drop_oldest();  // answered meanwhile
    std::shared_ptr<Ticket> out;
    if (waits_.size() >= most_ && !waits_.empty()) {
      out = waits_.begin()->second.ticket.lock();
      drop_oldest();
    }
    by_deadline_.insert({deadline_ns, next_});
    waits_.emplace(next_++, Wait{deadline_ns, std::move(ticket)});
    return out;
  }
  // Those whose time has come; and what was answered before it is forgotten as far as it comes first.
  std::vector<std::shared_ptr<Ticket>> due(std::uint64_t now_ns) {
    std::vector<std::shared_ptr<Ticket>> all;
    while (!by_deadline_.empty()) {
      const auto [deadline, number] = *by_deadline_.begin();
      auto ticket = waits_.at(number).ticket.lock();
      if (ticket && deadline > now_ns) break;
      if (ticket) all.push_back(std::move(ticket));
      by_deadline_.erase(by_deadline_.begin());
      waits_.erase(number);
    }
    return all;
  }
  std::optional<std::uint64_t> first_ns() const { return by_deadline_.empty() ? std::nullopt : std::optional(by_deadline_.begin()->first); }
  std::vector<std::shared_ptr<Ticket>> take_all() { return due(UINT64_MAX); }
  std::size_t size() const { return waits_.size(); }
  std::size_t most() const { return most_; }

 private:
  struct Wait {
    std::uint64_t deadline_ns;
    std::weak_ptr<Ticket> ticket;
  };
  void drop_oldest() {
    const auto oldest = waits_.begin();
    by_deadline_.erase({oldest->second.deadline_ns, oldest->first});
    waits_.erase(oldest);
  }
  std::size_t most_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Wait> waits_;                       // in the order they came
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_deadline_;  // deadline, number
};

}  // namespace dos::node
