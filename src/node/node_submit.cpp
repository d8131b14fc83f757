// Submitting and looking up transactions.
#include <set>
#include <shared_mutex>

#include "chain/snapshot_view.hpp"
#include "node/node.hpp"
#include "replica/transaction_desk.hpp"

namespace dos::node {
// What all transactions of one request share.
struct Node::Handing {
  replica::Admission admission;
  Status room;
  std::shared_ptr<Ticket> ticket;
  api::Source source;
  std::set<Hash> seen;
};

namespace {

// Looking it up, and its signatures.
api::Cost cost_of(const ledger::SignedTransaction& tx) {
  std::uint64_t signatures = 0;
  for (const auto& w : tx.witnesses) {
    const auto* stored = std::get_if<ledger::StoredWitness>(&w.is);
    signatures += stored != nullptr ? stored->signatures.size() : 1;
  }
  return {8 + tx.tx.access.size(), 0, signatures};
}

bool junk(Errc code) { return code == Errc::bad_witness || code == Errc::signature_invalid || code == Errc::malformed; }

}  // namespace

void Node::submit(ledger::SubmitRequest request, bool wait, std::uint64_t timeout_ms, api::Answer<ledger::SubmitAnswer> done,
                  const api::Source& source) {
  const auto deadline = edges_.clock.monotonic_ns() + timeout_ms * 1'000'000;
  auto place = std::make_shared<ReceiptWaits::Number>(0);  // under mutex_; free as soon as it is answered
  auto ticket = std::make_shared<Ticket>(request.transactions.size(), deadline,
                                         [this, place, done = std::move(done)](Result<ledger::SubmitAnswer> answer) {
                                           {
                                             std::lock_guard hold(mutex_);
                                             receipt_waits_.leave(*place);
                                           }
                                           done(std::move(answer));
                                         });
  std::vector<Incoming> entries;
  std::uint64_t bytes = 0;
  for (const auto& encoded : request.transactions) bytes += encoded.size();
  auto room = reserve_.room_for(bytes);
  if (!room && room.error().code == Errc::disk_full) {
    std::lock_guard hold(chain_->content().lock());
    room = room_for(bytes);
  }
  Handing handing{replica::Admission(*chain_, edges_.clock), std::move(room), ticket, source, {}};
  for (std::uint32_t i = 0; i < request.transactions.size(); ++i)
    if (auto entry = look_at(handing, std::move(request.transactions[i]), i)) entries.push_back(std::move(*entry));
  bool post = false, waits = wait && timeout_ms > 0;
  std::shared_ptr<Ticket> crowded_out;
  {
    std::lock_guard hold(mutex_);
    waits = waits && !stopping_;
    if (waits) {
      auto added = receipt_waits_.add(deadline, ticket, source);
      *place = added.number;
      crowded_out = std::move(added.out);
    }
    for (auto& e : entries) {
      if (!waits) e.waiting.reset();  // it is answered below, before anything can be said of it
      incoming_.all.push_back(std::move(e));
    }
    // One task hands over whatever came until it runs: while a block is made, the next ones gather.
    post = !incoming_.posted && !incoming_.all.empty();
    incoming_.posted = incoming_.posted || post;
  }
  if (post) loop_->post([this](replica::Replica& replica) { hand_over(replica); });
  if (crowded_out) crowded_out->expire();
  if (waits) ticket->open();
  else ticket->expire();
}

void Node::refuse(Ticket& ticket, std::uint32_t index, const Hash& txid, const Error& why) {
  metrics_.refused.fetch_add(1);
  ticket.put(index, txid, ledger::Refused{std::uint16_t(why.code), why.detail.empty() ? error_row(why.code).title : why.detail});
}

// Everything that can be said of a transaction on the caller's thread; none: it was answered.
std::optional<Node::Incoming> Node::look_at(Handing& handing, Bytes encoded, std::uint32_t index) {
  auto& ticket = *handing.ticket;
  const auto no = [&](const Hash& txid, const Error& why) {
    refuse(ticket, index, txid, why);
    return std::nullopt;
  };
  if (encoded.size() > kMaxTransactionBytes)
    return no({}, {Errc::limit, "a transaction has at most " + std::to_string(kMaxTransactionBytes) + " bytes"});
  auto tx = codec::decode<ledger::SignedTransaction>(encoded, "a transaction");
  if (!tx) return no({}, tx.error());
  const Hash txid = ledger::txid(tx->tx);
  ticket.name(index, txid);
  if (!handing.seen.insert(txid).second) return no(txid, {Errc::malformed, "the transaction stands in the request twice"});
  {
    std::lock_guard hold(mutex_);
    if (!halted_.empty() || stopping_) return no(txid, {Errc::not_ready, halted_.empty() ? "the node stops" : halted_});
    if (!now_.engine.votes) return no(txid, {Errc::not_ready, why_not_write()});
  }
  const auto cost = cost_of(*tx);
  if (auto paid = pay(handing.source, cost); !paid) return no(txid, paid.error());
  const auto recorded = put_recorded(txid, index, ticket, &handing.source);
  if (!recorded) return no(txid, recorded.error());
  if (*recorded) return std::nullopt;
  if (!handing.room) return no(txid, handing.room.error());
  auto entry = handing.admission.admit(std::move(encoded), std::move(*tx), txid);
  if (!entry) {
    if (junk(entry.error().code)) owe(handing.source, {kJunkFactor * cost.reads, 0, kJunkFactor * cost.signatures});
    return no(txid, entry.error());
  }
  return Incoming{std::move(*entry), Waiting{handing.ticket, index}};
}

Result<std::optional<RecordedBlocks::Found>> Node::recorded(const Hash& txid, const api::Source* source) const {
  constexpr std::uint64_t kTimes = 8;  // read, decoded, hashed
  DOS_ASSIGN(auto found, recorded_->find(txid, [&] { return source != nullptr ? pay(*source, {64, 0, 0}) : Status{}; }));
  if (found && found->bytes_read != 0 && source != nullptr) owe(*source, {0, kTimes * found->bytes_read, 0});
  return found;
}

Result<bool> Node::put_recorded(const Hash& txid, std::uint32_t index, Ticket& ticket, const api::Source* source) const {
  DOS_ASSIGN(const auto found, recorded(txid, source));
  if (!found) return false;
  ticket.put(index, txid, found->block->made.anchor, found->proof());
  return true;
}

// What waits is the loop's to say, when it has time: whoever asks holds up no thread of the others meanwhile, and all who ask until then
// are answered at once.
void Node::transaction(const Hash& txid, api::Answer<ledger::SubmitAnswer> done, const api::Source& source) const {
  const auto found = recorded(txid, &source);
  if (!found) return done(std::unexpected(found.error()));
  if (*found) return done(ledger::SubmitAnswer{{(*found)->block->made.anchor}, {{txid, ledger::Final{0, (*found)->proof()}}}});
  AskedTransaction asked{txid, std::move(done)};
  Result<bool> first = true;
  {
    std::lock_guard hold(mutex_);
    first = stopping_ ? fail(Errc::not_ready, "the node stops") : waiters_.ask(std::move(asked));
  }
  if (!first) return asked.done(std::unexpected(first.error()));
  if (*first) loop_->post([this](replica::Replica& replica) { answer_asked(replica); });
}

void Node::answer_asked(replica::Replica& replica) const {
  std::vector<AskedTransaction> all;
  {
    std::lock_guard hold(mutex_);
    all = waiters_.take_asked();
  }
  for (auto& [txid, done] : all) {
    const auto standing = replica.standing(txid);
    // It became final meanwhile: the archive has it by now.
    Result<std::optional<RecordedBlocks::Found>> found = std::nullopt;
    if (standing == replica::Standing::recorded) found = recorded(txid, nullptr);
    if (!found) done(std::unexpected(found.error()));
    else if (*found) done(ledger::SubmitAnswer{{(*found)->block->made.anchor}, {{txid, ledger::Final{0, (*found)->proof()}}}});
    else if (standing == replica::Standing::pending) done(ledger::SubmitAnswer{{}, {{txid, ledger::Pending{}}}});
    else done(fail(Errc::not_found, "this node knows no transaction of that id"));
  }
}

Result<ledger::Receipt> Node::dry_run(BytesView signed_transaction, const api::Source& source) const {
  DOS_ASSIGN(const auto tx, codec::decode<ledger::SignedTransaction>(signed_transaction, "a transaction"));
  if (tx.tx.limits.gas > kMaxDryRunGas) return fail(Errc::limit, "a dry run takes at most " + std::to_string(kMaxDryRunGas.value) + " gas");
  auto cost = cost_of(tx);
  cost.reads += tx.tx.limits.gas.value / api::kGasPerRead;
  DOS_TRY(pay(source, cost));
  std::unique_lock one(dry_run_mutex_, std::try_to_lock);
  if (!one) return fail(Errc::busy, "another dry run is under way");
  std::shared_lock hold(chain_->finals().lock());
  const chain::SnapshotView view(chain_->finals().store(), chain_->finals().store().height());
  const auto newest = chain_->finals().anchor() ? chain_->finals().anchor()->header.time.value + 1 : 0;
  DOS_ASSIGN(auto run, chain_->code().kernel().dry_run(view, chain_->next_context(TimeMs{std::max(edges_.clock.wall_ms(), newest)}), tx));
  return std::move(run.receipt);
}

}  // namespace dos::node
