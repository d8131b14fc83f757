// One submit request that waits: collects an outcome a transaction and answers once, when all are there or its time is up.
#pragma once
#include <functional>
#include <mutex>

#include "ledger/wire.hpp"

namespace dos::node {

class Ticket {
 public:
  using Done = std::function<void(Result<ledger::SubmitAnswer>)>;
  Ticket(std::size_t transactions, std::uint64_t deadline_ns, Done done);
  // `expect`: how many outcomes will still come; called once, after all transactions were looked at.
  void put(std::uint32_t index, const Hash& txid, ledger::Refused refused);
  void put(std::uint32_t index, const Hash& txid, const ledger::Anchor& anchor, ledger::ReceiptProof proof);
  void name(std::uint32_t index, const Hash& txid);  // pending until put
  void open();                                       // all transactions were handed in: from now on it may answer
  void expire();                                     // answers with what there is
  bool answered();
  std::uint64_t deadline_ns() const { return deadline_ns_; }

 private:
  void settle(std::unique_lock<std::mutex>& lock, std::uint32_t index, ledger::Outcome outcome);
  void answer(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  ledger::SubmitAnswer answer_;
  std::vector<bool> settled_;
  std::size_t open_count_;
  bool opened_ = false;
  std::uint64_t deadline_ns_;
  Done done_;  // empty once called
};

}  // namespace dos::node
