// What the node does on its loop: hands transactions over, answers who waits, tells other threads where things stand.
#include "chain/receipt_paths.hpp"
#include "node/node.hpp"

namespace dos::node {

void Node::hand_over(replica::Replica& replica) {
  std::vector<replica::PoolEntry> entries;
  {
    std::lock_guard hold(mutex_);
    handing_over_ = false;
    entries.swap(incoming_);
  }
  if (entries.empty()) return;
  std::vector<replica::PoolEntry> asked;  // who asked for what, for those that are not taken
  for (const auto& e : entries) {
    asked.emplace_back();
    asked.back().txid = e.txid;
    asked.back().waiting = e.waiting;
  }
  const auto answers = replica.submit(std::move(entries));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) continue;
    for (const auto& w : asked[i].waiting) {
      if (answers[i].error().code == Errc::duplicate)  // it became final between the look at the archive and now
        if (auto recorded = put_recorded(asked[i].txid, w.index, *w.ticket); recorded && *recorded) continue;
      refuse(*w.ticket, w.index, asked[i].txid, answers[i].error());
    }
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
  {
    std::lock_guard hold(mutex_);
    recent_.insert(recent_.begin(), {made.anchor.header.height, made.anchor.header.time, ledger::block_id(made.anchor.header),
                                     std::uint32_t(made.receipts.size())});
    if (recent_.size() > 10) recent_.pop_back();
  }
  std::optional<chain::ReceiptPaths> paths;
  for (const auto& [entry, index] : mine) {
    const auto& receipt = made.receipts[index];
    for (const auto& w : entry->waiting) {
      if (!paths) paths.emplace(made.receipts);
      w.ticket->put(w.index, entry->txid, made.anchor, paths->proof(receipt, index));
    }
  }
  wake_heights(made.anchor.header.height);
}

void Node::refused(const replica::PoolEntry& entry, const Error& why) {
  for (const auto& w : entry.waiting) w.ticket->put(w.index, entry.txid, ledger::Refused{std::uint16_t(why.code), why.detail});
}

void Node::halted(const Error& why) {
  edges_.log.write(LogLevel::error, "node", "the node stops: " + why.detail);
  {
    std::lock_guard hold(mutex_);
    if (!halted_.empty()) return;
    halted_ = why.detail.empty() ? error_row(why.code).title : why.detail;
  }
  changed_.notify_all();
  for (const auto& entry : loop_->replica().drain()) refused(*entry, {Errc::not_ready, "the node stopped: " + why.detail});
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
