// Submitting and looking up transactions.
#include "node/node.hpp"
#include "node/receipt_paths.hpp"
#include "node/snapshot_view.hpp"

namespace dos::node {
namespace {

constexpr Gas kMaxDryRunGas{8'000'000};  // anyone may ask, and blocks wait meanwhile

std::string quota_of(const ledger::SignedTransaction& tx) {
  if (!tx.tx.payer.empty()) return tx.tx.payer;
  if (const auto* account = std::get_if<ledger::AccountSender>(&tx.tx.sender.is)) return account->account;
  return "bare keys";
}

}  // namespace

void Node::submit(ledger::SubmitRequest request, bool wait, std::uint64_t timeout_ms, api::Answer<ledger::SubmitAnswer> done) {
  const auto deadline = edges_.clock.monotonic_ns() + timeout_ms * 1'000'000;
  auto ticket = std::make_shared<Ticket>(request.transactions.size(), deadline, std::move(done));
  for (std::uint32_t i = 0; i < request.transactions.size(); ++i) hand_in(request.transactions[i], i, ticket);
  if (!wait || timeout_ms == 0) return ticket->expire();
  bool refuse = false;
  {
    std::lock_guard hold(mutex_);
    refuse = stopping_ || deadlines_.size() >= 65'536;
    if (!refuse) deadlines_.emplace(deadline, ticket);
  }
  if (refuse) return ticket->expire();
  ticket->open();
  wake_.notify_one();
}

void Node::hand_in(const Bytes& encoded, std::uint32_t index, const std::shared_ptr<Ticket>& ticket) {
  auto refuse = [&](const Hash& txid, const Error& why) {
    metrics_.refused.fetch_add(1);
    ticket->put(index, txid, ledger::Refused{std::uint16_t(why.code), why.detail.empty() ? error_row(why.code).title : why.detail});
  };
  if (encoded.size() > kMaxTransactionBytes)
    return refuse({}, {Errc::limit, "a transaction has at most " + std::to_string(kMaxTransactionBytes) + " bytes"});
  auto tx = codec::decode<ledger::SignedTransaction>(encoded, "a transaction");
  if (!tx) return refuse({}, tx.error());
  const Hash txid = ledger::txid(tx->tx);
  ticket->name(index, txid);
  {
    std::lock_guard hold(mutex_);
    if (!halted_.empty() || stopping_ || !chain_->why_no_votes().empty())
      return refuse(txid, {Errc::not_ready, !halted_.empty() ? halted_ : stopping_ ? "the node stops" : chain_->why_no_votes()});
    const auto joined = pool_.join(txid, {ticket, index});
    if (!joined) return refuse(txid, joined.error());
    if (*joined) return;
  }
  const auto recorded = put_recorded(txid, index, *ticket);
  if (!recorded) return refuse(txid, recorded.error());
  if (*recorded) return;
  if (auto room = reserve_.room_for(encoded.size()); !room) return refuse(txid, room.error());
  auto entry = admit(encoded, std::move(*tx), txid);
  if (!entry) return refuse(txid, entry.error());
  entry->waiting.push_back({ticket, index});
  Status added;
  {
    std::lock_guard hold(mutex_);
    auto joined = pool_.join(txid, {ticket, index});  // a copy may have come in meanwhile
    if (!joined) added = std::unexpected(joined.error());
    else if (!*joined) added = pool_.add(std::move(*entry));
  }
  if (!added) return refuse(txid, added.error());
  wake_.notify_one();
}

Result<PoolEntry> Node::admit(const Bytes& encoded, ledger::SignedTransaction tx, const Hash& txid) const {
  std::lock_guard hold(chain_->lock());
  const auto height = chain_->store().height();
  const SnapshotView view(chain_->store(), height);
  const auto newest = chain_->anchor() ? chain_->anchor()->header.time.value + 1 : 0;
  const auto now = TimeMs{std::max(edges_.clock.wall_ms(), newest)};
  // Recorded ids were looked up before; the block's own check is against the real window.
  const kernel::ReplayWindow none;
  const auto cache = kernel::make_signature_cache(2 * kMaxWitnesses);
  DOS_TRY(chain_->code().kernel().admit(view, chain_->next_context(now), tx, encoded.size(), none, *cache));
  PoolEntry entry;
  entry.txid = txid;
  entry.wtxid = ledger::wtxid(txid, tx.witnesses);
  entry.bytes = std::uint32_t(encoded.size());
  entry.account = quota_of(tx);
  entry.tx = std::move(tx);
  return entry;
}

Result<bool> Node::put_recorded(const Hash& txid, std::uint32_t index, Ticket& ticket) const {
  std::lock_guard hold(chain_->lock());
  DOS_ASSIGN(const auto place, chain_->archive().find(txid));
  if (!place) return false;
  DOS_ASSIGN(const auto block, Chain::read_block(chain_->archive(), place->height));
  if (place->index >= block.receipts.size()) return fail(Errc::corrupt, "the archive's index names a receipt that is not there");
  const auto& receipt = block.receipts[place->index];
  if (receipt.txid != txid || receipt.status == ledger::TxStatus::skipped) return false;
  ticket.put(index, txid, block.anchor, ReceiptPaths(block.receipts).proof(receipt, place->index));
  return true;
}

Result<ledger::SubmitAnswer> Node::transaction(const Hash& txid) const {
  {
    std::lock_guard hold(chain_->lock());
    DOS_ASSIGN(const auto place, chain_->archive().find(txid));
    if (place) {
      DOS_ASSIGN(auto block, Chain::read_block(chain_->archive(), place->height));
      if (place->index >= block.receipts.size() || block.receipts[place->index].txid != txid)
        return fail(Errc::corrupt, "the archive's index names a receipt that is not there");
      auto proof = ReceiptPaths(block.receipts).proof(block.receipts[place->index], place->index);
      return ledger::SubmitAnswer{{std::move(block.anchor)}, {{txid, ledger::Final{0, std::move(proof)}}}};
    }
  }
  std::lock_guard hold(mutex_);
  if (pool_.knows(txid)) return ledger::SubmitAnswer{{}, {{txid, ledger::Pending{}}}};
  return fail(Errc::not_found, "this node knows no transaction of that id");
}

Result<ledger::Receipt> Node::dry_run(BytesView signed_transaction) const {
  DOS_ASSIGN(const auto tx, codec::decode<ledger::SignedTransaction>(signed_transaction, "a transaction"));
  if (tx.tx.limits.gas > kMaxDryRunGas)
    return fail(Errc::limit, "a dry run takes at most " + std::to_string(kMaxDryRunGas.value) + " gas");
  std::unique_lock one(dry_run_mutex_, std::try_to_lock);
  if (!one) return fail(Errc::busy, "another dry run is under way");
  std::lock_guard hold(chain_->lock());
  const SnapshotView view(chain_->store(), chain_->store().height());
  const auto newest = chain_->anchor() ? chain_->anchor()->header.time.value + 1 : 0;
  DOS_ASSIGN(auto run, chain_->code().kernel().dry_run(view, chain_->next_context(TimeMs{std::max(edges_.clock.wall_ms(), newest)}), tx));
  return std::move(run.receipt);
}

}  // namespace dos::node
