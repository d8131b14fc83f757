#include "node/ticket.hpp"

#include <utility>

namespace dos::node {

Ticket::Ticket(std::size_t transactions, std::uint64_t deadline_ns, Done done)
    : settled_(transactions), open_count_(transactions), deadline_ns_(deadline_ns), done_(std::move(done)) {
  answer_.outcomes.resize(transactions);
  for (auto& o : answer_.outcomes) o.is = ledger::Pending{};
}

void Ticket::name(std::uint32_t index, const Hash& txid) {
  std::unique_lock lock(mutex_);
  if (!settled_[index]) answer_.outcomes[index].txid = txid;
}

void Ticket::put(std::uint32_t index, const Hash& txid, ledger::Refused refused) {
  std::unique_lock lock(mutex_);
  settle(lock, index, {txid, std::move(refused)});
}

void Ticket::put(std::uint32_t index, const Hash& txid, const ledger::Anchor& anchor, ledger::ReceiptProof proof) {
  std::unique_lock lock(mutex_);
  if (!done_ || settled_[index]) return;
  std::uint32_t at = 0;
  while (at < answer_.anchors.size() && answer_.anchors[at].header.height != anchor.header.height) ++at;
  if (at == answer_.anchors.size()) answer_.anchors.push_back(anchor);
  settle(lock, index, {txid, ledger::Final{at, std::move(proof)}});
}

void Ticket::open() {
  std::unique_lock lock(mutex_);
  opened_ = true;
  if (open_count_ == 0) answer(lock);
}

void Ticket::expire() {
  std::unique_lock lock(mutex_);
  opened_ = true;
  answer(lock);
}

bool Ticket::answered() {
  std::unique_lock lock(mutex_);
  return !done_;
}

void Ticket::settle(std::unique_lock<std::mutex>& lock, std::uint32_t index, ledger::Outcome outcome) {
  if (!done_ || settled_[index]) return;
  answer_.outcomes[index] = std::move(outcome);
  settled_[index] = true;
  if (--open_count_ == 0 && opened_) answer(lock);
}

void Ticket::answer(std::unique_lock<std::mutex>& lock) {
  if (!done_) return;
  auto done = std::exchange(done_, nullptr);
  auto result = std::move(answer_);
  lock.unlock();
  done(std::move(result));
}

}  // namespace dos::node
