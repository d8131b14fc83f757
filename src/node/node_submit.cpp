// Submitting and looking up transactions.
#include <future>

#include "node/node.hpp"
#include "node/receipt_paths.hpp"
#include "node/snapshot_view.hpp"
#include "node/transaction_desk.hpp"

namespace dos::node {
namespace {

constexpr Gas kMaxDryRunGas{8'000'000};  // anyone may ask, and blocks wait meanwhile

}  // namespace

void Node::submit(ledger::SubmitRequest request, bool wait, std::uint64_t timeout_ms, api::Answer<ledger::SubmitAnswer> done) {
  const auto deadline = edges_.clock.monotonic_ns() + timeout_ms * 1'000'000;
  auto ticket = std::make_shared<Ticket>(request.transactions.size(), deadline, std::move(done));
  std::vector<PoolEntry> entries;
  Admission admission(*chain_, edges_.clock);
  std::uint64_t bytes = 0;
  for (const auto& encoded : request.transactions) bytes += encoded.size();
  const auto room = reserve_.room_for(bytes);
  for (std::uint32_t i = 0; i < request.transactions.size(); ++i)
    if (auto entry = look_at(admission, room, std::move(request.transactions[i]), i, ticket)) entries.push_back(std::move(*entry));
  bool post = false, waits = wait && timeout_ms > 0;
  std::shared_ptr<Ticket> crowded_out;
  {
    std::lock_guard hold(mutex_);
    waits = waits && !stopping_;
    if (waits) crowded_out = receipt_waits_.add(deadline, ticket);
    for (auto& e : entries) {
      if (!waits) e.waiting.clear();  // it is answered below, before anything can be said of it
      incoming_.push_back(std::move(e));
    }
    // One task hands over whatever came until it runs: while a block is made, the next ones gather.
    post = !handing_over_ && !incoming_.empty();
    handing_over_ = handing_over_ || post;
  }
  if (post) loop_->post([this](Replica& replica) { hand_over(replica); });
  if (crowded_out) crowded_out->expire();
  if (waits) ticket->open();
  else ticket->expire();
}

void Node::refuse(Ticket& ticket, std::uint32_t index, const Hash& txid, const Error& why) {
  metrics_.refused.fetch_add(1);
  ticket.put(index, txid, ledger::Refused{std::uint16_t(why.code), why.detail.empty() ? error_row(why.code).title : why.detail});
}

// Everything that can be said of a transaction on the caller's thread; none: it was answered.
std::optional<PoolEntry> Node::look_at(Admission& admission, const Status& room, Bytes encoded, std::uint32_t index,
                                       const std::shared_ptr<Ticket>& ticket) {
  const auto no = [&](const Hash& txid, const Error& why) {
    refuse(*ticket, index, txid, why);
    return std::nullopt;
  };
  if (encoded.size() > kMaxTransactionBytes)
    return no({}, {Errc::limit, "a transaction has at most " + std::to_string(kMaxTransactionBytes) + " bytes"});
  auto tx = codec::decode<ledger::SignedTransaction>(encoded, "a transaction");
  if (!tx) return no({}, tx.error());
  const Hash txid = ledger::txid(tx->tx);
  ticket->name(index, txid);
  {
    std::lock_guard hold(mutex_);
    if (!halted_.empty() || stopping_) return no(txid, {Errc::not_ready, halted_.empty() ? "the node stops" : halted_});
    if (!now_.engine.votes) return no(txid, {Errc::not_ready, why_not_write()});
  }
  const auto recorded = put_recorded(txid, index, *ticket);
  if (!recorded) return no(txid, recorded.error());
  if (*recorded) return std::nullopt;
  if (!room) return no(txid, room.error());
  auto entry = admission.admit(std::move(encoded), std::move(*tx), txid);
  if (!entry) return no(txid, entry.error());
  entry->waiting.push_back({ticket, index});
  return std::move(*entry);
}

Result<bool> Node::put_recorded(const Hash& txid, std::uint32_t index, Ticket& ticket) const {
  std::shared_lock hold(chain_->lock());
  DOS_ASSIGN(const auto place, chain_->archive().find(txid));
  if (!place) return false;
  DOS_ASSIGN(const auto block, Chain::read_block(chain_->archive(), place->height));
  if (place->index >= block.receipts.size() || block.receipts[place->index].txid != txid ||
      block.receipts[place->index].status == ledger::TxStatus::skipped)
    return fail(Errc::corrupt, "the archive's index names a receipt that is not there");
  const auto& receipt = block.receipts[place->index];
  ticket.put(index, txid, block.anchor, ReceiptPaths(block.receipts).proof(receipt, place->index));
  return true;
}

Result<ledger::SubmitAnswer> Node::transaction(const Hash& txid) const {
  {
    std::shared_lock hold(chain_->lock());
    DOS_ASSIGN(const auto place, chain_->archive().find(txid));
    if (place) {
      DOS_ASSIGN(auto block, Chain::read_block(chain_->archive(), place->height));
      if (place->index >= block.receipts.size() || block.receipts[place->index].txid != txid ||
          block.receipts[place->index].status == ledger::TxStatus::skipped)
        return fail(Errc::corrupt, "the archive's index names a receipt that is not there");
      auto proof = ReceiptPaths(block.receipts).proof(block.receipts[place->index], place->index);
      return ledger::SubmitAnswer{{std::move(block.anchor)}, {{txid, ledger::Final{0, std::move(proof)}}}};
    }
  }
  auto known = std::make_shared<std::promise<bool>>();  // the pool is the loop's
  auto answer = known->get_future();
  loop_->post([known, txid](Replica& replica) { known->set_value(replica.knows(txid)); });
  if (answer.wait_for(std::chrono::seconds(1)) == std::future_status::ready && answer.get())
    return ledger::SubmitAnswer{{}, {{txid, ledger::Pending{}}}};
  return fail(Errc::not_found, "this node knows no transaction of that id");
}

Result<ledger::Receipt> Node::dry_run(BytesView signed_transaction) const {
  DOS_ASSIGN(const auto tx, codec::decode<ledger::SignedTransaction>(signed_transaction, "a transaction"));
  if (tx.tx.limits.gas > kMaxDryRunGas) return fail(Errc::limit, "a dry run takes at most " + std::to_string(kMaxDryRunGas.value) + " gas");
  std::unique_lock one(dry_run_mutex_, std::try_to_lock);
  if (!one) return fail(Errc::busy, "another dry run is under way");
  std::shared_lock hold(chain_->lock());
  const SnapshotView view(chain_->store(), chain_->store().height());
  const auto newest = chain_->anchor() ? chain_->anchor()->header.time.value + 1 : 0;
  DOS_ASSIGN(auto run, chain_->code().kernel().dry_run(view, chain_->next_context(TimeMs{std::max(edges_.clock.wall_ms(), newest)}), tx));
  return std::move(run.receipt);
}

}  // namespace dos::node
