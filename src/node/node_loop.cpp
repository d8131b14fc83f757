// What the node does on its loop: hands transactions over, answers who waits, tells other threads where things stand.
#include "chain/receipt_paths.hpp"
#include "node/node.hpp"

namespace dos::node {

void Node::hand_over(replica::Replica& replica) {
  std::vector<Incoming> incoming;
  {
    std::lock_guard hold(mutex_);
    incoming_.posted = false;
    incoming.swap(incoming_.all);
  }
  if (incoming.empty()) return;
  std::vector<replica::PoolEntry> entries;
  std::vector<Hash> txids;
  for (auto& one : incoming) {
    txids.push_back(one.entry.txid);
    entries.push_back(std::move(one.entry));
  }
  std::vector<Status> joined(incoming.size());
  const auto answers = replica.submit(std::move(entries), [&](std::size_t i) {
    if (!incoming[i].waiting) return;
    std::lock_guard hold(mutex_);
    joined[i] = waiters_.join(txids[i], *incoming[i].waiting);
  });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& outcome = answers[i] ? joined[i] : answers[i];
    if (outcome || !incoming[i].waiting) continue;
    const auto& [ticket, index] = *incoming[i].waiting;
    if (outcome.error().code == Errc::duplicate)  // it became final between the look at the archive and now
      if (auto recorded = put_recorded(txids[i], index, *ticket); recorded && *recorded) continue;
    refuse(*ticket, index, txids[i], outcome.error());
  }
}

std::optional<std::uint64_t> Node::chores(replica::Replica& replica) {
  expire_waits();
  auto status = replica.status();
  metrics_.block_ns.store(status.work.block_ns, std::memory_order_relaxed);
  metrics_.checkpoints.store(status.work.checkpoints, std::memory_order_relaxed);
  std::lock_guard hold(mutex_);
  const bool could = why_not_write().empty();
  now_ = std::move(status);
  if (could != why_not_write().empty() || !now_.engine.votes) changed_.notify_all();
  auto due = receipt_waits_.first_ns();
  if (const auto first = height_waits_.first_ns(); first && (!due || *first < *due)) due = first;
  return due;
}

void Node::final_block(const chain::MadeBlock& made, const std::vector<replica::Included>& mine) {
  metrics_.blocks.fetch_add(1);
  metrics_.transactions.fetch_add(made.receipts.size());
  for (const auto& r : made.receipts)
    if (r.status != ledger::TxStatus::ok) metrics_.transactions_failed.fetch_add(1);
  std::vector<std::pair<std::uint32_t, std::vector<Waiting>>> waiting;  // for which receipt
  {
    std::lock_guard hold(mutex_);
    recent_.insert(recent_.begin(), {made.anchor.header.height, made.anchor.header.time, ledger::block_id(made.anchor.header),
                                     std::uint32_t(made.receipts.size())});
    if (recent_.size() > 10) recent_.pop_back();
    for (const auto& [txid, index] : mine)
      if (auto all = waiters_.take(txid); !all.empty()) waiting.emplace_back(index, std::move(all));
  }
  std::optional<chain::ReceiptPaths> paths;
  if (!waiting.empty()) paths.emplace(made.receipts);
  for (const auto& [index, all] : waiting) {
    const auto& receipt = made.receipts[index];
    for (const auto& w : all) w.ticket->put(w.index, receipt.txid, made.anchor, paths->proof(receipt, index));
  }
  wake_heights(made.anchor.header.height);
}

void Node::refused(const Hash& txid, const Error& why) {
  std::vector<Waiting> all;
  {
    std::lock_guard hold(mutex_);
    all = waiters_.take(txid);
  }
  for (const auto& w : all) w.ticket->put(w.index, txid, ledger::Refused{std::uint16_t(why.code), why.detail});
}

void Node::halted(const Error& why) {
  edges_.log.write(LogLevel::error, "node", "the node stops: " + why.detail);
  {
    std::lock_guard hold(mutex_);
    if (!halted_.empty()) return;
    halted_ = why.detail.empty() ? error_row(why.code).title : why.detail;
  }
  changed_.notify_all();
  for (const auto& txid : loop_->replica().drain()) refused(txid, {Errc::not_ready, "the node stopped: " + why.detail});
  if (config_.on_halt) config_.on_halt(why);
}

void Node::expire_waits() {
  std::vector<std::shared_ptr<Ticket>> tickets;
  std::vector<HeightWait> waits;
  {
    std::lock_guard hold(mutex_);
    const auto now = edges_.clock.monotonic_ns();
    tickets = receipt_waits_.due(now);
    waits = height_waits_.due(now);
  }
  for (auto& t : tickets) t->expire();
  for (auto& w : waits) w.done(false);
}

// When the node stops what waits is left out: nothing was promised yet. Too much waits: the loop waits for the disk.
void Node::aside(std::move_only_function<Status()> work, std::move_only_function<void(Status)> then) {
  disk_work_.post({}, [this, work = std::move(work), then = std::move(then)](bool run) mutable {
    if (asked_to_stop_) return;
    if (!run) return then(work());
    loop_->post([done = work(), then = std::move(then)](replica::Replica&) mutable { then(std::move(done)); });
  });
}

void Node::wake_heights(Height height) {
  std::vector<HeightWait> ready;
  {
    std::lock_guard hold(mutex_);
    ready = height_waits_.reached(height);
  }
  // Blocks are not kept waiting by the answers.
  for (auto& w : ready) prompt_.post(w.source, [done = std::move(w.done)](bool run) { done(run); });
}

}  // namespace dos::node
