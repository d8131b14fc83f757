// Opening a data folder: from the last checkpoint, forward by what journal and archive hold, to the last final block.
#include "node/chain.hpp"
#include "node/os/posix_disk.hpp"

namespace dos::node {

Result<std::unique_ptr<Chain>> Chain::open(ChainConfig config, const crypto::SigningKey& key, Edges edges) {
  std::unique_ptr<Chain> chain(new Chain(std::move(config), edges));
  DOS_ASSIGN(chain->genesis_, ledger::decode_genesis(chain->config_.genesis));
  chain->id_ = ledger::genesis_hash(chain->genesis_);
  chain->params_ = chain->genesis_.params;
  chain->facts_ = {chain->id_, Epoch{0}, chain->genesis_.validators, 0};
  const auto& members = chain->genesis_.validators.members;
  std::size_t voter = 0;
  while (voter < members.size() && members[voter].vote_key != key.public_key()) ++voter;
  if (voter == members.size()) return fail(Errc::no_key, "vote.key is not the key of a validator in this genesis");
  chain->facts_.voter = std::uint16_t(voter);
  DOS_TRY(chain->open_parts());
  DOS_TRY(chain->start(key));
  return chain;
}

Status Chain::open_parts() {
  DOS_ASSIGN(state_disk_, open_posix_disk(config_.data + "/state"));
  DOS_ASSIGN(journal_disk_, open_posix_disk(config_.data + "/journal"));
  DOS_ASSIGN(archive_disk_, open_posix_disk(config_.data + "/archive"));
  DOS_ASSIGN(blob_disk_, open_posix_disk(config_.data + "/blobs"));
  DOS_ASSIGN(code_disk_, open_posix_disk(config_.data + "/code"));
  DOS_ASSIGN(store_, store::Store::open(*state_disk_, edges_.log));
  DOS_ASSIGN(journal_, store::Journal::open(*journal_disk_, edges_.log));
  DOS_ASSIGN(archive_, store::BlockArchive::open(*archive_disk_, edges_.log));
  DOS_ASSIGN(code_, SystemCode::open(*blob_disk_, *code_disk_, config_.code_key, edges_.log, config_.unclaimed_quota_bytes));
  cache_ = kernel::make_signature_cache(65'536);
  return {};
}

Status Chain::commit_genesis() {
  DOS_ASSIGN(const auto delta, kernel::Kernel::genesis(genesis_));
  DOS_ASSIGN(const auto stage, store_->stage(nullptr, Height{0}, delta));
  DOS_TRY(store_->commit(stage));
  return store_->checkpoint();
}

Status Chain::start(const crypto::SigningKey& key) {
  for (const auto& m : genesis_.modules) DOS_TRY(code_->install(m.record, config_.modules, edges_.clock.wall_ms()));
  const bool fresh = store_->empty();
  if (fresh) DOS_TRY(commit_genesis());
  DOS_TRY(code_->load(store_->view()));
  {
    DOS_ASSIGN(const auto record, store_->view().get(ledger::params_key()));
    DOS_ASSIGN(params_, codec::decode<ledger::Params>(record ? record->data : Bytes{}, "the parameters"));
  }

  consensus::JournalImage image;
  bool intact = journal_->intact();
  {
    DOS_ASSIGN(const auto kept, journal_->replay());
    std::vector<consensus::Record> records;
    for (const auto& r : kept) records.push_back({consensus::RecordKind(r.kind), Height{r.height}, r.bytes});
    auto read = consensus::read_journal(records);
    if (read) image = std::move(*read);
    else if (intact) return std::unexpected(read.error());
  }
  Height tip{0};
  if (archive_->last()) tip = *archive_->last();
  if (!image.blocks.empty()) tip = std::max(tip, Height{image.blocks.rbegin()->first});
  if (store_->height() > tip)
    return fail(Errc::corrupt, "the state is at block " + std::to_string(store_->height().value) + " but journal and archive end at " +
                                   std::to_string(tip.value) + ": a part of the data folder is missing");

  consensus::Tip at{Height{0}, id_, {}, genesis_.time, View{0}};
  // The result of genesis is over its state and no receipts. With a state already past it, block 1's header names it.
  if (tip.value == 0) at.result = ledger::result_of({Height{0}, store_->root(), ledger::receipts_root({})});
  DOS_TRY(rebuild_window(store_->height()));
  DOS_TRY(execute_again(image, tip));
  if (!blobs().claims_intact()) DOS_TRY(claim_live_blobs());  // before the first sweep, which a checkpoint makes
  if (tip.value > 0) {
    DOS_ASSIGN(const auto last, read_block(*archive_, tip));
    anchor_ = last.anchor;
    at = {tip, ledger::block_id(last.anchor.header), ledger::result_of(last.anchor.parts), last.anchor.header.time,
          last.anchor.header.view};
  }
  boots_ = image.boots + 1;
  auto order = consensus::SoloOrder::recover(facts_, key, image, intact, at, boots_);
  if (order) {
    const auto boot = consensus::encode_boot({boots_}, tip);
    const store::JournalRecord record{std::uint8_t(boot.kind), boot.height.value, boot.bytes};
    DOS_TRY(journal_->append(std::span<const store::JournalRecord>(&record, 1)));
    order_ = std::move(*order);
  } else if (order.error().code == Errc::corrupt) {
    why_no_votes_ = order.error().detail;  // reads go on; nothing is signed
  } else {
    return std::unexpected(order.error());
  }
  last_checkpoint_ns_ = edges_.clock.monotonic_ns();
  if (order_ && tip.value == 0) DOS_TRY(make_block({}, {}));
  edges_.log.write(LogLevel::info, "chain", "block " + std::to_string(store_->height().value) + " is final, start number " +
                                                std::to_string(boots_));
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

Status Chain::execute_again(const consensus::JournalImage& journal, Height tip) {
  for (auto h = store_->height().value + 1; h <= tip.value; ++h) {
    ledger::Anchor anchor;
    Bytes payload;
    const bool archived = archive_->last() && archive_->last()->value >= h;
    if (const auto it = journal.blocks.find(h); it != journal.blocks.end()) {
      anchor.header = it->second.header;
      anchor.certificate = it->second.certificate;
      payload = it->second.payload;
    } else if (archived) {
      DOS_ASSIGN(auto block, read_block(*archive_, Height{h}, &payload));
      anchor = std::move(block.anchor);
    } else {
      return fail(Errc::corrupt, "block " + std::to_string(h) + " is neither in the journal nor in the archive");
    }
    DOS_TRY(ledger::verify_certificate(id_, genesis_.validators, anchor.certificate));
    DOS_ASSIGN(const auto packed, codec::decode<ledger::Payload>(payload, "a payload"));
    DOS_ASSIGN(const auto txs, ledger::unpack(packed));
    DOS_ASSIGN(auto run, code_->kernel().apply(store_->view(), next_context(anchor.header.time), txs, window_, *cache_));
    DOS_ASSIGN(const auto stage, store_->stage(nullptr, Height{h}, run.delta));
    anchor.parts = {Height{h}, store_->root(stage), ledger::receipts_root(run.receipts)};
    if (ledger::result_of(anchor.parts) != anchor.certificate.item.result)
      return fail(Errc::corrupt, "block " + std::to_string(h) +
                                     " gives another result when executed again than the one recorded: this node halts");
    DOS_TRY(keep(stage, run.delta, anchor, payload, run.receipts, !archived));
    bytes_since_checkpoint_ += payload.size() + 8192;
  }
  return {};
}

}  // namespace dos::node
