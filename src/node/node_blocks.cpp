// The block thread: waits for transactions, makes a block of what is there, answers who waits.
#include "node/node.hpp"
#include "node/receipt_paths.hpp"

namespace dos::node {

void Node::run() {
  std::unique_lock hold(mutex_);
  while (!stopping_) {
    if (halted_.empty() && !pool_.empty()) {
      const auto params = chain_->params();
      auto taken = pool_.take(params.block_bytes, params.block_gas);
      hold.unlock();
      make_one(std::move(taken));
      hold.lock();
    } else if (!deadlines_.empty() || !height_waits_.empty()) {
      std::uint64_t next = deadlines_.empty() ? UINT64_MAX : deadlines_.begin()->first;
      for (const auto& w : height_waits_) next = std::min(next, w.deadline_ns);
      if (const auto now = edges_.clock.monotonic_ns(); next > now)
        wake_.wait_for(hold, std::chrono::nanoseconds(std::min<std::uint64_t>(next - now, 3'600'000'000'000)));
    } else {
      wake_.wait(hold);
    }
    hold.unlock();
    expire_waits();
    hold.lock();
  }
}

void Node::make_one(std::vector<std::shared_ptr<PoolEntry>> taken) {
  const auto began = edges_.clock.monotonic_ns();
  const auto time = chain_->next_time();
  std::vector<std::shared_ptr<PoolEntry>> late, in;
  for (auto& e : taken) (e->tx.tx.valid_until < time ? late : in).push_back(std::move(e));
  if (!late.empty()) {
    {
      std::lock_guard hold(mutex_);
      pool_.finish(late);  // first: as long as the pool knows them, further requests may join them
    }
    refuse(late, {Errc::expired, "its time passed before a block took it"});
  }
  if (in.empty()) return;

  std::vector<ledger::SignedTransaction> txs;
  std::vector<Hash> wtxids;
  for (const auto& e : in) {
    txs.push_back(e->tx);
    wtxids.push_back(e->wtxid);
  }
  auto made = chain_->make_block(txs, wtxids);
  if (!made) {
    halt(made.error());
    {
      std::lock_guard hold(mutex_);
      pool_.finish(in);
    }
    refuse(in, {Errc::not_ready, "the node stopped: " + made.error().detail});
    return;
  }
  metrics_.blocks.fetch_add(1);
  metrics_.transactions.fetch_add(in.size());
  metrics_.block_ns.fetch_add(edges_.clock.monotonic_ns() - began);
  {
    std::lock_guard hold(mutex_);
    pool_.finish(in);  // from here on the archive answers for them
    recent_.insert(recent_.begin(), {made->anchor.header.height, made->anchor.header.time, ledger::block_id(made->anchor.header),
                                     std::uint32_t(in.size())});
    if (recent_.size() > 10) recent_.pop_back();
  }
  deliver(in, *made);
  wake_heights(made->anchor.header.height);
  const auto durable = chain_->store().durable_height();
  if (auto kept = chain_->checkpoint_if_due(); !kept) halt(kept.error());
  else if (chain_->store().durable_height() != durable) metrics_.checkpoints.fetch_add(1);
}

void Node::deliver(const std::vector<std::shared_ptr<PoolEntry>>& entries, const MadeBlock& made) {
  const ReceiptPaths paths(made.receipts);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& receipt = made.receipts[i];
    if (receipt.status != ledger::TxStatus::ok) metrics_.transactions_failed.fetch_add(1);
    // A copy that raced the first into the pool: the first one's outcome is the transaction's.
    const bool copy = receipt.status == ledger::TxStatus::skipped && receipt.code == std::uint16_t(Errc::duplicate);
    for (const auto& w : entries[i]->waiting) {
      if (copy)
        if (auto recorded = put_recorded(entries[i]->txid, w.index, *w.ticket); recorded && *recorded) continue;
      w.ticket->put(w.index, entries[i]->txid, made.anchor, paths.proof(receipt, i));
    }
  }
}

void Node::refuse(const std::vector<std::shared_ptr<PoolEntry>>& entries, const Error& why) {
  for (const auto& e : entries)
    for (const auto& w : e->waiting) w.ticket->put(w.index, e->txid, ledger::Refused{std::uint16_t(why.code), why.detail});
}

void Node::expire_waits() {
  std::vector<std::shared_ptr<Ticket>> tickets;
  std::vector<HeightWait> waits;
  {
    std::lock_guard hold(mutex_);
    const auto now = edges_.clock.monotonic_ns();
    while (!deadlines_.empty()) {
      const auto first = deadlines_.begin();
      auto ticket = first->second.lock();
      if (ticket && first->first > now) break;
      if (ticket) tickets.push_back(std::move(ticket));
      deadlines_.erase(first);
    }
    std::erase_if(height_waits_, [&](HeightWait& w) {
      if (w.deadline_ns > now) return false;
      waits.push_back(std::move(w));
      return true;
    });
  }
  for (auto& t : tickets) t->expire();
  for (auto& w : waits) w.done(false);
}

void Node::wake_heights(Height height) {
  std::vector<HeightWait> ready;
  {
    std::lock_guard hold(mutex_);
    std::erase_if(height_waits_, [&](HeightWait& w) {
      if (w.height > height) return false;
      ready.push_back(std::move(w));
      return true;
    });
  }
  for (auto& w : ready) w.done(true);
}

void Node::halt(const Error& why) {
  edges_.log.write(LogLevel::error, "node", "the node stops: " + why.detail);
  std::vector<std::shared_ptr<PoolEntry>> left;
  {
    std::lock_guard hold(mutex_);
    if (!halted_.empty()) return;
    halted_ = why.detail.empty() ? error_row(why.code).title : why.detail;
    left = pool_.drain();
  }
  refuse(left, {Errc::not_ready, "the node stopped: " + why.detail});
  if (config_.on_halt) config_.on_halt(why);
}

}  // namespace dos::node
