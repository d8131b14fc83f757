// Opening: from the last checkpoint, forward by what archive and journal hold, to the last block known to be final.
#include "chain/chain.hpp"
#include "chain/replay_window.hpp"

namespace dos::chain {

Result<std::unique_ptr<Chain>> Chain::open(ChainConfig config, ChainDisks disks, const crypto::PublicKey& vote_key, Edges edges,
                                           Sharing sharing) {
  DOS_ASSIGN(auto identity, ChainIdentity::of(std::move(config.genesis), std::move(config.rules), vote_key, config.engine));
  std::unique_ptr<Chain> chain(new Chain(std::move(identity), edges));
  DOS_TRY(chain->open_parts(config, disks, std::move(sharing)));
  DOS_TRY(chain->start(config.modules));
  return chain;
}

Status Chain::open_parts(const ChainConfig& config, ChainDisks disks, Sharing sharing) {
  if (!sharing.state) sharing.state = std::make_unique<NoGate>();
  if (!sharing.blobs) sharing.blobs = std::make_unique<NoGate>();
  if (!sharing.signatures) sharing.signatures = kernel::make_signature_cache(kKeptSignatures);
  DOS_ASSIGN(auto store, store::Store::open(disks.state, edges_.log, config.store));
  DOS_ASSIGN(auto journal, store::Journal::open(disks.journal, edges_.entropy, edges_.log, config.journal));
  DOS_ASSIGN(auto archive, store::BlockArchive::open(disks.archive, edges_.log, config.archive_segment_bytes));
  DOS_ASSIGN(code_, SystemCode::open(disks.blobs, disks.code, config.code_key, edges_.log, config.unclaimed_quota_bytes));
  finals_ = std::make_unique<FinalBlocks>(std::move(store), std::move(archive), std::move(sharing.state));
  journal_ = std::make_unique<BlockJournal>(std::move(journal), config.checkpoint, edges_.clock);
  content_ = std::make_unique<KeptContent>(code_->blobs(), std::move(sharing.blobs), identity_.rules, edges_);
  signatures_ = std::move(sharing.signatures);
  unfinal_ = std::make_unique<UnfinalBlocks>(UnfinalBlocks::Uses{identity_, *finals_, code_->kernel(), *signatures_, edges_.clock});
  return {};
}

namespace {

consensus::Tip tip_of(const ChainIdentity& chain, const FinalBlocks& finals) {
  if (!finals.anchor()) {
    const Hash result = ledger::result_of({Height{0}, finals.store().root(), ledger::receipts_root({})});
    return {Height{0}, chain.facts.chain, result, chain.genesis.time, View{0}};
  }
  const auto& h = finals.anchor()->header;
  return {h.height, ledger::block_id(h), ledger::result_of(finals.anchor()->parts), h.time, h.view};
}

}  // namespace

Status Chain::start(const ModuleSource& modules) {
  for (const auto& m : genesis().modules) DOS_TRY(code_->install(m.record, modules, edges_.clock.wall_ms()));
  const auto& store = finals_->store();
  if (store.empty()) {
    DOS_ASSIGN(const auto delta, kernel::Kernel::genesis(genesis(), identity_.rules));
    DOS_TRY(finals_->begin(delta));
  }
  DOS_TRY(code_->load(store.view()));
  DOS_TRY(finals_->resume());
  const auto last = tip_of(identity_, *finals_);
  DOS_TRY(content_->read_terms(store.view(), last.time));
  DOS_ASSIGN(auto window, window_upto(finals_->archive(), last.height));
  unfinal_->stand_on(last, std::move(window));
  DOS_TRY(execute_archive());
  DOS_TRY(read_journal());
  DOS_TRY(content_->settle(store.view()));
  DOS_TRY(journal_->begin(tip().height));
  edges_.log.write(LogLevel::info, "chain",
                   "block " + std::to_string(tip().height.value) + " is final, start number " + std::to_string(journal_->boots()));
  return {};
}

namespace {

// A block that became final under more others than an anchor leads over shows the certificate alone. That it stands below the certified
// block only the blocks behind it say: all that is read here follows its parent and gives what its child names.
Result<ledger::SignerCount> judge_kept(const consensus::ChainFacts& facts, const ledger::Anchor& kept) {
  const auto& verifier = facts.engine->verifier();
  const consensus::FinalityProof proof{kept.certificate};
  const bool alone = kept.path.empty() && verifier.named(proof).id != ledger::block_id(kept.header);
  if (alone && kept.certificate.item.view <= kept.header.view)
    return fail(Errc::corrupt,
                "the archive has block " + std::to_string(kept.header.height.value) + " with the certificate of an older one");
  if (alone || kept.path.size() > kMaxFinalPath) return verifier.judge(facts.chain, facts.validators, proof);
  return verifier.judge(facts.chain, facts.validators, kept);
}

}  // namespace

// Final blocks above the checkpoint. What is executed again must give what was certified.
Status Chain::execute_archive() {
  const Height last = finals_->archive().last().value_or(Height{0});
  while (tip().height < last) {
    Bytes payload;
    DOS_ASSIGN(auto kept, read_block(finals_->archive(), Height{tip().height.value + 1}, &payload));
    DOS_TRY(judge_kept(facts(), kept.anchor));
    if (kept.anchor.header.parent != tip().id || kept.anchor.header.parent_result != tip().result)
      return fail(Errc::corrupt, "the archive's block " + std::to_string(tip().height.value + 1) + " does not follow the one before");
    auto& block = unfinal_->tree().add(kept.anchor.header, {});
    if (!take_payload(block, std::move(payload)))
      return fail(Errc::corrupt,
                  "the archive holds another payload of block " + std::to_string(block.header.height.value) + " than its header names");
    DOS_TRY(unfinal_->run(block));
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
  DOS_ASSIGN(auto read, journal_->read(facts().engine->readable));
  for (auto& [_, held] : read.blocks) {
    if (held.proposal.header.height <= tip().height || held.proposal.header.chain != facts().chain) continue;
    auto& block = unfinal_->tree().add(held.proposal.header, held.proposal.vote);
    block.durable = take_payload(block, std::move(held.payload));
  }
  return finalize_from_journal(read.finals);
}

// A certificate goes to the journal with the group after its block's (ADR 0006): all but the newest final block are known as such.
Status Chain::finalize_from_journal(const std::map<std::uint64_t, consensus::FinalityProof>& finals) {
  const auto& verifier = facts().engine->verifier();
  for (const auto& [height, proof] : finals) {
    if (height <= tip().height.value) continue;
    std::vector<Hash> ids;
    bool whole = true;
    for (const auto* block : unfinal_->tree().path(tip().id, verifier.named(proof).id)) {
      ids.push_back(block->id);
      whole = whole && block->payload;
    }
    if (ids.empty() || !whole) continue;  // from the others then
    DOS_TRY(verifier.judge(facts().chain, facts().validators, proof));
    DOS_TRY(finalize(ids, proof, [](MadeBlock) {}));
  }
  return {};
}

}  // namespace dos::chain
