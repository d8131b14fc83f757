// Who waits for which transaction: the requests that handed it in, by txid. The pool knows txids only; what becomes of one is told to
// those who wait for it here. And who asks whether one waits. Not thread safe: the node's mutex guards it.
#pragma once
#include <memory>
#include <vector>

#include "api/backend.hpp"
#include "base/hash_table.hpp"
#include "node/ticket.hpp"

namespace dos::node {

inline constexpr std::size_t kMaxWaitersOfTransaction = 64;
inline constexpr std::size_t kMaxAskedTransactions = 1'024;  // questions that wait for the loop

struct Waiting {
  std::shared_ptr<Ticket> ticket;
  std::uint32_t index = 0;  // in the ticket's request
};

struct AskedTransaction {
  Hash txid;
  api::Answer<ledger::SubmitAnswer> done;
};

class Waiters {
 public:
  // busy: too many requests wait for the same transaction. Those that were answered since, when their time was over, are none of them.
  Status join(const Hash& txid, Waiting waiting) {
    auto& all = of_[txid];
    if (all.size() >= kMaxWaitersOfTransaction) std::erase_if(all, [](const Waiting& w) { return w.ticket->answered(); });
    if (all.size() >= kMaxWaitersOfTransaction) return fail(Errc::busy, "too many requests wait for the same transaction");
    all.push_back(std::move(waiting));
    return {};
  }
  // Its outcome is here: they wait no longer. In the order in which they came; none, mostly: it came from another validator.
  std::vector<Waiting> take(const Hash& txid) {
    const auto at = of_.find(txid);
    if (at == of_.end()) return {};
    auto all = std::move(at->second);
    of_.erase(at);
    return all;
  }
  std::size_t transactions() const { return of_.size(); }

  // True: it is the first since they were taken, so the loop must be told. busy: too many; `asked` is as it was.
  Result<bool> ask(AskedTransaction&& asked) {
    if (asked_.size() >= kMaxAskedTransactions) return fail(Errc::busy, "too many ask for transactions at once");
    asked_.push_back(std::move(asked));
    return asked_.size() == 1;
  }
  std::vector<AskedTransaction> take_asked() { return std::exchange(asked_, {}); }

 private:
  HashMap<std::vector<Waiting>> of_;
  std::vector<AskedTransaction> asked_;
};

}  // namespace dos::node
