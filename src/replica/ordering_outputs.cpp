// What the engine says is to be done.
#include <algorithm>

#include "base/check.hpp"
#include "replica/ordering.hpp"

namespace dos::replica {
namespace {

constexpr const char* kModule = "consensus";

std::string short_id(const Hash& id) { return hex(id.view()).substr(0, 12); }

// The pool's entries as a payload. List signatures need their common place; all others are copied as they came.
ledger::Payload pack(const std::vector<PoolRef>& entries) {
  const auto listed = [](const PoolRef& entry) {
    return std::ranges::any_of(entry->tx.witnesses, [](auto& w) { return std::holds_alternative<ledger::ListWitness>(w.is); });
  };
  if (std::ranges::any_of(entries, listed)) {
    std::vector<ledger::SignedTransaction> txs;
    for (const auto& entry : entries) txs.push_back(entry->tx);
    return ledger::pack(txs);
  }
  ledger::Payload payload;
  payload.transactions.reserve(entries.size());
  for (const auto& entry : entries) payload.transactions.push_back(entry->encoded);
  return payload;
}

// As a block holds it: the pool's own copy, shared.
kernel::BlockTransaction in_block(const PoolRef& entry) {
  return {{entry, &entry->tx}, {entry->txid, entry->wtxid, std::uint32_t(entry->encoded.size())}};
}

}  // namespace

// The engine has put a header over what was built.
void Ordering::apply(consensus::Proposed& o) {
  if (!built_ || o.header.payload.payload_hash != built_->commit.payload_hash)
    return halt({Errc::internal, "a block was proposed over a payload that was not built"});
  auto& block = chain_.unfinal().tree().add(o.header, {});
  if (!chain::take_known_payload(block, std::move(built_->payload), std::move(built_->content)))
    return halt({Errc::internal, "a block was proposed whose header does not name its transactions"});
  wanted_.insert(o.id);
  proposed_.emplace(o.id, std::move(built_->packed));
  built_.reset();
}

void Ordering::apply(consensus::Persist& o) {
  for (const auto& id : o.payloads) wanted_.insert(id);
  stop_on(chain_.persist(std::move(o.records), o.payloads));
}

void Ordering::apply(consensus::Send& o) {
  const auto send = [&](const auto& message) {
    if (o.to == consensus::Send::kEverybody) out_.send_all(message);
    else out_.send(o.to, message);
  };
  if (auto* proposal = std::get_if<consensus::Proposal>(&o.message)) {
    const Hash id = ledger::block_id(proposal->header);
    auto* block = chain_.unfinal().tree().find(id);
    if (block != nullptr) block->vote = proposal->vote;
    if (block == nullptr || !block->payload) return halt({Errc::internal, "asked to propose a block whose payload is not held"});
    if (proposed_ && proposed_->first == id)
      return send(net::make_proposal(std::move(*proposal), proposed_->second, chain::wtxids_of(block->content), edges_.entropy));
    const auto packed = codec::decode<ledger::Payload>(*block->payload, "an own payload");
    if (!packed) return halt(packed.error());
    return send(net::make_proposal(std::move(*proposal), *packed, chain::wtxids_of(block->content), edges_.entropy));
  }
  send(std::get<consensus::EngineMessage>(o.message));
}

// What the block may hold, judged as those who execute it will. What can stand in none is given up, but not for the sake of a block
// that may yet lose: it goes when the one it was judged by is final.
Result<std::vector<PoolRef>> Ordering::choose(const Hash& parent, TimeMs time, const ledger::Params& params,
                                              const std::set<Hash>& carried) {
  using Fit = Pool::Fit;
  Lost lost;
  std::optional<Error> failed;
  std::vector<PoolRef> chosen;
  {
    const chain::ReadHold hold(chain_.finals().lock());
    auto selection = chain_.unfinal().selection(parent, time, params);
    chosen = desk_.pool().choose(carried, time, [&](const PoolRef& entry) {
      if (failed || selection.full()) return Fit::full;
      auto verdict = selection.take(entry->tx, {entry->txid, entry->wtxid, std::uint32_t(entry->encoded.size())});
      if (!verdict) failed = verdict.error();
      if (!verdict) return Fit::full;
      if (verdict->fit == kernel::Selection::Fit::taken) return Fit::taken;
      if (verdict->fit == kernel::Selection::Fit::later) return Fit::later;
      lost.emplace_back(entry->txid, std::move(verdict->why));
      return Fit::never;
    });
  }
  if (failed) return std::unexpected(std::move(*failed));
  if (parent == chain_.tip().id) {
    for (const auto& [txid, why] : lost) desk_.give_up(txid, why);
  } else if (auto& kept = lost_[parent]; kept.size() < kPassedOver) {
    std::ranges::move(lost, std::back_inserter(kept));
  }
  return chosen;
}

// Who does not lead has nobody else to tell it what became impossible, and would want blocks for it until its time has passed. What an
// unfinal block carries is left to that block. A bounded part with each final block; signatures that were found correct are not checked again.
Status Ordering::judge_again() {
  const auto waits = desk_.pool().left_behind(kJudgedAgain);
  if (waits.empty()) return {};
  const auto& tip = chain_.tip();
  const TimeMs time{std::max(edges_.clock.wall_ms(), tip.time.value + 1)};
  DOS_ASSIGN(const auto params, chain_.unfinal().params_after(tip.id));
  Lost lost;
  {
    const chain::ReadHold hold(chain_.finals().lock());
    auto selection = chain_.unfinal().selection(tip.id, time, params);
    for (const auto& entry : waits) {
      if (entry->tx.tx.valid_until < time) continue;
      DOS_ASSIGN(auto verdict, selection.take(entry->tx, {entry->txid, entry->wtxid, std::uint32_t(entry->encoded.size())}));
      if (verdict.fit == kernel::Selection::Fit::never) lost.emplace_back(entry->txid, std::move(verdict.why));
    }
  }
  const auto carried = [&](const Hash& txid) {
    return std::ranges::any_of(chain_.unfinal().tree(), [&](const auto& b) {
      return std::ranges::any_of(b.second->content, [&](const auto& tx) { return tx.ids.txid == txid; });
    });
  };
  for (const auto& [txid, why] : lost)
    if (!carried(txid)) desk_.give_up(txid, why);
  return {};
}

void Ordering::apply(consensus::Build& o) {
  const auto params = chain_.unfinal().params_after(o.parent);
  if (!params) return halt(params.error());
  const TimeMs time{std::max(edges_.clock.wall_ms(), chain_.unfinal().time_of(o.parent).value + 1)};
  std::set<Hash> carried;
  for (const auto* block : chain_.unfinal().tree().path(chain_.tip().id, o.parent)) {
    for (const auto& tx : block->content) carried.insert(tx.ids.txid);
    if (const auto lost = lost_.find(block->id); lost != lost_.end())
      for (const auto& [txid, why] : lost->second) carried.insert(txid);
  }
  const auto chosen = o.only_empty ? Result<std::vector<PoolRef>>() : choose(o.parent, time, *params, carried);
  if (!chosen) return halt(chosen.error());
  // What an empty block was wanted for here may have become final since the engine asked. Other reasons are the engine's: another
  // validator wants one, or too many views passed without a final block.
  const bool for_something = block_asked_ || !demand_.block || o.parent != chain_.tip().id;
  if (chosen->empty() && !(o.even_empty && for_something)) {
    inputs_.push_back(consensus::Built{o.view, true, time, {}, {}, {}});
    return;
  }
  Built built;
  for (const auto& entry : *chosen) built.content.push_back(in_block(entry));
  built.packed = pack(*chosen);
  built.payload = codec::encode(built.packed);
  built.commit = {std::uint32_t(built.payload.size()), ledger::payload_hash(built.payload), Hash{}};
  inputs_.push_back(consensus::Built{o.view, false, time, built.commit, ledger::tx_root(chain::wtxids_of(built.content)),
                                     crypto::hash_of(crypto::domain::kParams, *params)});
  built_ = std::move(built);
}

// A header may name a parent that nobody has. Of those, what is not looked for any more is forgotten.
void Ordering::forget_unwanted() {
  std::erase_if(wanted_, [this](const Hash& id) { return chain_.unfinal().tree().find(id) == nullptr && !fetch_.wanted(id); });
}

void Ordering::apply(consensus::Fetch& o) {
  forget_unwanted();
  wanted_.insert(o.id);
  if (const auto* block = chain_.unfinal().tree().find(o.id)) {
    if (block->refused) return inputs_.push_back(consensus::PayloadReady{o.id, false});
    if (block->payload) {
      if (!o.header_known && !block->vote.signature.bytes.empty())
        inputs_.push_back(consensus::Received{block->header.proposer, consensus::Proposal{block->header, block->vote}});
      return inputs_.push_back(consensus::PayloadReady{o.id, true});
    }
  }
  fetch_.want(o);
}

void Ordering::apply(consensus::Execute& o) {
  const auto* block = chain_.unfinal().tree().find(o.id);
  if (block == nullptr || !block->payload) {  // made room for others before the engine asked
    execute_when_here_.insert(o.id);
    return fetch_.want({o.id, block != nullptr ? block->header.view : View{}, out_.linked(), false});
  }
  auto executed = chain_.unfinal().execute(o.id);
  if (!executed) return halt(executed.error());
  if (!executed->valid)
    edges_.log.write(LogLevel::warn, kModule,
                     "block " + short_id(o.id) + " of validator " + std::to_string(block->header.proposer) +
                         " is not valid on its parent: " + block->why_refused);
  inputs_.push_back(std::move(*executed));
}

void Ordering::apply(consensus::Finalize& o) {
  std::vector<Hash> ids;
  bool whole = true;
  for (const auto& id : o.ids) {
    const auto* block = chain_.unfinal().tree().find(id);
    if (ids.empty() && block == nullptr) continue;  // came with a range meanwhile
    whole = whole && block != nullptr && block->payload;
    ids.push_back(id);
  }
  if (ids.empty()) return;
  const auto* first = chain_.unfinal().tree().find(ids.front());
  if (!whole || first->header.parent != chain_.tip().id) {
    const Height goal{chain_.tip().height.value + ids.size()};
    for (const auto peer : out_.linked()) sync_.catch_up(peer, goal, chain_.tip().height);
    return;
  }
  stop_on(chain_.finalize(ids, o.proof, [this](chain::MadeBlock made) { committed(std::move(made)); }));
  if (!halted_) stop_on(judge_again());
}

// What one has that is final others have, too: they help where that one is slow to give it, be it the only one that says so.
void Ordering::apply(consensus::CatchUp& o) {
  const auto last = chain_.tip().height;
  sync_.catch_up(o.from, o.height, last);
  if (o.height <= last) return;
  for (const auto peer : out_.linked())
    if (peer != o.from) sync_.catch_up(peer, Height{last.value + 1}, last);
}

void Ordering::apply(consensus::Drop& o) { chain_.unfinal().drop(o.ids); }
void Ordering::apply(consensus::Unload& o) { chain_.unfinal().drop(o.ids); }  // nothing that is kept stands on them

void Ordering::apply(consensus::Misbehaviour& o) {
  edges_.log.write(LogLevel::error, kModule, "validator " + std::to_string(o.voter) + " " + o.what);
}
void Ordering::apply(consensus::Punish& o) { events_.punish(o.peer, o.why); }
void Ordering::apply(consensus::StopVoting& o) { edges_.log.write(LogLevel::error, kModule, "this node holds its votes back: " + o.why); }
void Ordering::apply(consensus::Halt& o) { halt({Errc::corrupt, o.why}); }

void Ordering::left(chain::TreeBlock& block, bool final) {
  compact_.have(block.id);
  fetch_.have(block.id);
  wanted_.erase(block.id);
  execute_when_here_.erase(block.id);
  if (const auto lost = lost_.extract(block.id); final && !lost.empty())
    for (const auto& [txid, why] : lost.mapped()) desk_.give_up(txid, why);
  if (final && block.payload && !block.vote.signature.bytes.empty()) {
    recent_.push_back({block.id, {{block.header, block.vote}, std::move(*block.payload)}});
    if (recent_.size() > kRecentBlocks) recent_.pop_front();
  }
}

void Ordering::committed(chain::MadeBlock made) {
  block_asked_ = false;
  const auto& header = made.anchor.header;
  if (wanted_.size() > 1024)
    std::erase_if(wanted_, [this](const auto& id) { return chain_.unfinal().tree().find(id) == nullptr && !fetch_.wanted(id); });
  fetch_.final_view(header.view);
  sync_.advanced(header.height);
  events_.committed(std::move(made));
}

// The pool's transactions of these wtxids; empty if one of them left it.
chain::BlockTransactions Ordering::from_pool(const std::vector<Hash>& wtxids) const {
  chain::BlockTransactions out;
  out.reserve(wtxids.size());
  for (const auto& wtxid : wtxids) {
    const auto entry = desk_.pool().find_wtxid(wtxid);
    if (!entry) return {};
    out.push_back(in_block(entry));
  }
  return out;
}

void Ordering::block_arrived(std::uint16_t from, consensus::Proposal proposal, Bytes payload, std::vector<Hash> pending) {
  const Hash id = ledger::block_id(proposal.header);
  if (engine_->proposal(id) == nullptr) feed(consensus::Received{from, std::move(proposal)});
  const auto* judged = engine_->proposal(id);
  if (halted_ || judged == nullptr || judged->header.height <= chain_.tip().height) return;
  auto* block = chain_.unfinal().tree().find(id);
  if (block == nullptr) {
    if (!may_keep(judged->header.proposer, id)) return;
    block = &chain_.unfinal().tree().add(judged->header, judged->vote);
  }
  fetch_.have(id);
  compact_.have(id);
  if (!block->payload) {
    auto known = from_pool(pending);
    const bool good = known.empty() ? chain::take_payload(*block, std::move(payload))
                                    : chain::take_known_payload(*block, std::move(payload), std::move(known));
    if (!good && !block->refused) return;
    inputs_.push_back(consensus::PayloadReady{id, good});
    if (good && execute_when_here_.erase(id) > 0) {
      consensus::Execute again{id};
      apply(again);
    }
  }
  work();
}

// Unproved: payloads that no vote of this node nor of a weak set stands behind: those sent unasked, and those the engine asked for in
// views that are not over.
void Ordering::measure(QueueSizes& into) const {
  const auto peers = chain_.facts().validators.members.size();
  auto& blocks = into[Queue::blocks];
  auto& unproved = into[Queue::unproved];
  for (const auto& [id, block] : chain_.unfinal().tree()) {
    const auto bytes = kBlockBytes + (block->payload ? block->payload->size() : 0);
    ++blocks.entries;
    blocks.bytes += bytes;
    if (block->durable || engine_->backed(id)) continue;
    ++unproved.entries;
    unproved.bytes += bytes;
  }
  unproved.most_entries =
      peers * kUnprovedBlocks + consensus::kHeadersAView * (consensus::kPayloadViewsKept + 2 * consensus::kFetchAhead + 2);
  unproved.most_bytes = unproved.most_entries * (kMaxPayloadBytes + kBlockBytes);
  auto& recent = into[Queue::recent];
  for (const auto& [id, block] : recent_) recent.bytes += kBlockBytes + block.payload.size();
  recent.entries = recent_.size();
  recent.most_entries = kRecentBlocks;
  recent.most_bytes = kRecentBlocks * (kMaxPayloadBytes + kBlockBytes);
  const auto engine = engine_->status();
  into[Queue::headers].entries = engine.headers;
  into[Queue::votes].entries = engine.votes_held;
  const auto fetches = net::kMaxFetches + peers * net::kMaxPushedPerPeer;
  into[Queue::wanted] = {wanted_.size(), 0, chain_.unfinal().tree().size() + fetches + 1, 0};
  into[Queue::wants] = {engine.wants, 0, 2 * consensus::kMaxWants + peers, 0};
  into[Queue::rebuilds] = {compact_.partial(), compact_.held_bytes(), net::kMaxPartialBlocks,
                           std::uint64_t(net::kMaxPartialBlocks) * kMaxPayloadBytes};
  into[Queue::fetches] = {fetch_.wants(), 0, fetches, 0};
  into[Queue::spans] = {sync_.spans(), sync_.held_bytes(), net::kSyncSpans, net::kSyncSpans * 2ull * kMaxFrameBytes};
  into[Queue::ranges] = {ranges_.waiting(), ranges_.held_bytes(), peers + 1, 2ull * kMaxFrameBytes};
}

Status Ordering::adopt(std::uint16_t from, net::FinalBlock block) {
  const auto header = block.anchor.header;
  const consensus::FinalityProof proof{block.anchor.certificate};
  const Hash result = ledger::result_of(block.anchor.parts);
  auto adopted = chain_.adopt(block.anchor, std::move(block.payload), [this](chain::MadeBlock made) { committed(std::move(made)); });
  if (!adopted) {
    const auto code = adopted.error().code;
    if (code != Errc::proof_invalid && code != Errc::signature_invalid && code != Errc::malformed) {
      halt(adopted.error());  // this node's disk, or another result than a quorum's
      return fail(Errc::disk, adopted.error().detail);
    }
    edges_.log.write(LogLevel::warn, "sync", "validator " + std::to_string(from) + " sent a wrong block: " + adopted.error().detail);
    return adopted;
  }
  feed(consensus::Adopted{header, result, proof});
  return {};
}

}  // namespace dos::replica
