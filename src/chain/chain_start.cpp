// Opening: from the last checkpoint, forward by what archive and journal hold, to the last block known to be final.
#include "chain/chain.hpp"

namespace dos::chain {

Result<std::unique_ptr<Chain>> Chain::open(ChainConfig config, ChainDisks disks, const crypto::PublicKey& vote_key, Edges edges,
                                           Sharing sharing) {
  DOS_TRY(ledger::check_rules(config.rules));
  std::unique_ptr<Chain> chain(new Chain(std::move(config), disks, edges));
  chain->sharing_ = std::move(sharing);
  DOS_ASSIGN(chain->genesis_, ledger::decode_genesis(chain->config_.genesis));
  const auto& members = chain->genesis_.validators.members;
  std::size_t voter = 0;
  while (voter < members.size() && members[voter].vote_key != vote_key) ++voter;
  if (voter == members.size()) return fail(Errc::no_key, "vote.key is not the key of a validator in this genesis");
  chain->facts_ = {ledger::genesis_hash(chain->genesis_), Epoch{0}, chain->genesis_.validators, std::uint16_t(voter),
                   chain->config_.engine != nullptr ? chain->config_.engine : &consensus::engine_of(chain->genesis_)};
  chain->valset_ = ledger::valset_hash(chain->facts_.validators);
  DOS_TRY(chain->open_parts());
  DOS_TRY(chain->start());
  return chain;
}

Status Chain::open_parts() {
  DOS_ASSIGN(store_, store::Store::open(disks_.state, edges_.log, config_.store));
  DOS_ASSIGN(auto journal, store::Journal::open(disks_.journal, edges_.entropy, edges_.log, config_.journal));
  journal_ = std::make_unique<BlockJournal>(std::move(journal), config_.checkpoint, edges_.clock);
  DOS_ASSIGN(archive_, store::BlockArchive::open(disks_.archive, edges_.log, config_.archive_segment_bytes));
  DOS_ASSIGN(code_, SystemCode::open(disks_.blobs, disks_.code, config_.code_key, edges_.log, config_.unclaimed_quota_bytes));
  if (!sharing_.state) sharing_.state = std::make_unique<NoGate>();
  if (!sharing_.blobs) sharing_.blobs = std::make_unique<NoGate>();
  content_ = std::make_unique<KeptContent>(code_->blobs(), std::move(sharing_.blobs), config_.rules, edges_);
  if (!sharing_.signatures) sharing_.signatures = kernel::make_signature_cache(kKeptSignatures);
  return {};
}

Status Chain::commit_genesis() {
  DOS_ASSIGN(const auto delta, kernel::Kernel::genesis(genesis_, config_.rules));
  DOS_ASSIGN(const auto stage, store_->stage(nullptr, Height{0}, delta));
  DOS_TRY(store_->commit(stage));
  return store_->checkpoint();
}

Status Chain::start() {
  for (const auto& m : genesis_.modules) DOS_TRY(code_->install(m.record, config_.modules, edges_.clock.wall_ms()));
  if (store_->empty()) DOS_TRY(commit_genesis());
  DOS_TRY(code_->load(store_->view()));
  const Height at = store_->height();
  if (at.value > archive_->last().value_or(Height{0}).value)
    return fail(Errc::corrupt,
                "the state is at block " + std::to_string(at.value) + " but the archive ends before: a part of the data folder is missing");
  if (at.value == 0) {
    tip_ = {Height{0}, facts_.chain, ledger::result_of({Height{0}, store_->root(), ledger::receipts_root({})}), genesis_.time, View{0}};
  } else {
    DOS_ASSIGN(const auto block, read_block(*archive_, at));
    const auto& h = block.anchor.header;
    if (block.anchor.parts.state_root != store_->root())
      return fail(Errc::corrupt, "the state at block " + std::to_string(at.value) + " is not the one that the archive names");
    tip_ = {at, ledger::block_id(h), ledger::result_of(block.anchor.parts), h.time, h.view};
    anchor_ = block.anchor;
  }
  DOS_TRY(content_->read_terms(store_->view(), tip_.time));
  DOS_TRY(rebuild_window(at));
  DOS_TRY(execute_archive());
  DOS_TRY(read_journal());
  DOS_TRY(content_->settle(store_->view()));
  DOS_TRY(journal_->begin(tip_.height));
  edges_.log.write(LogLevel::info, "chain",
                   "block " + std::to_string(tip_.height.value) + " is final, start number " + std::to_string(journal_->boots()));
  return {};
}

// The ids of the last kReplayWindowMs of block time, from the blocks at or below `upto`.
Status Chain::rebuild_window(Height upto) {
  std::optional<TimeMs> newest;
  for (auto h = upto.value; h > 0; --h) {
    Bytes payload;
    DOS_ASSIGN(const auto block, read_block(*archive_, Height{h}, &payload));
    if (!newest) newest = block.anchor.header.time;
    if (block.anchor.header.time.value + kReplayWindowMs < newest->value) break;
    DOS_ASSIGN(const auto packed, codec::decode<ledger::Payload>(payload, "a payload"));
    DOS_ASSIGN(const auto txs, ledger::unpack(packed));
    if (txs.size() != block.receipts.size()) return fail(Errc::corrupt, "block " + std::to_string(h) + " has another number of receipts");
    for (std::size_t i = 0; i < txs.size(); ++i)
      if (block.receipts[i].status != ledger::TxStatus::skipped) window_.record(block.receipts[i].txid, txs[i].tx.valid_until);
  }
  if (newest) window_.forget_before(*newest);
  return {};
}

// Final blocks above the checkpoint. What is executed again must give what was certified.
Status Chain::execute_archive() {
  const Height last = archive_->last().value_or(Height{0});
  while (tip_.height < last) {
    Bytes payload;
    DOS_ASSIGN(auto kept, read_block(*archive_, Height{tip_.height.value + 1}, &payload));
    DOS_TRY(facts_.engine->verifier().judge(facts_.chain, facts_.validators, kept.anchor));
    if (kept.anchor.header.parent != tip_.id)
      return fail(Errc::corrupt, "the archive's block " + std::to_string(tip_.height.value + 1) + " does not follow the one before");
    auto& block = tree_.add(kept.anchor.header, {});
    if (!take_payload(block, std::move(payload)))
      return fail(Errc::corrupt,
                  "the archive holds another payload of block " + std::to_string(block.header.height.value) + " than its header names");
    DOS_TRY(run(block));
    if (!block.run)
      return fail(Errc::corrupt,
                  "the archive's block " + std::to_string(block.header.height.value) + " is not valid: " + block.why_refused);
    if (block.run->result != ledger::result_of(kept.anchor.parts))
      return fail(Errc::corrupt, "block " + std::to_string(block.header.height.value) +
                                     " gives another result when executed again than the one recorded: this node halts");
    DOS_TRY(commit(block, std::move(kept.anchor), false, [](MadeBlock) {}));
  }
  return {};
}

// Blocks that this node voted for, and their payloads, back into the tree; the votes are the engine's.
Status Chain::read_journal() {
  DOS_ASSIGN(auto read, journal_->read(facts_.engine->readable));
  for (auto& [_, held] : read.blocks) {
    if (held.proposal.header.height <= tip_.height || held.proposal.header.chain != facts_.chain) continue;
    auto& block = tree_.add(held.proposal.header, held.proposal.vote);
    block.durable = take_payload(block, std::move(held.payload));
  }
  return finalize_from_journal(read.finals);
}

// A certificate goes to the journal with the group after its block's (ADR 0006): all but the newest final block are known as such.
Status Chain::finalize_from_journal(const std::map<std::uint64_t, consensus::FinalityProof>& finals) {
  const auto& verifier = facts_.engine->verifier();
  for (const auto& [height, proof] : finals) {
    if (height <= tip_.height.value) continue;
    std::vector<Hash> ids;
    bool whole = true;
    for (const auto* block : tree_.path(tip_.id, verifier.named(proof).id)) {
      ids.push_back(block->id);
      whole = whole && block->payload;
    }
    if (ids.empty() || !whole) continue;  // from the others then
    DOS_TRY(verifier.judge(facts_.chain, facts_.validators, proof));
    DOS_TRY(finalize(ids, proof, [](MadeBlock) {}));
  }
  return {};
}

}  // namespace dos::chain
