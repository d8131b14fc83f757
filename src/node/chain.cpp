#include "node/chain.hpp"

#include "modules/fs/formats.hpp"

namespace dos::node {
namespace {

// The blob that an fs revision's record names, if its content lies in one.
std::optional<Hash> blob_of(const Bytes& data) {
  const auto content = codec::decode<fs::Content>(data);
  if (!content) return std::nullopt;
  const auto* ref = std::get_if<ledger::BlobRef>(&content->where);
  return ref == nullptr ? std::nullopt : std::optional(ref->root);
}

}  // namespace

Chain::~Chain() = default;

kernel::BlockContext Chain::next_context(TimeMs time) const {
  return {id_, Height{store_->height().value + 1}, time, facts_.epoch, genesis_.kind, genesis_.suite, &facts_.validators};
}

TimeMs Chain::next_time() const {
  const auto parent = order_ ? order_->tip().time.value : genesis_.time.value;
  return TimeMs{std::max(edges_.clock.wall_ms(), parent + 1)};
}

Result<Hash> Chain::params_hash() const { return crypto::hash_of(crypto::domain::kParams, params_); }

Result<MadeBlock> Chain::make_block(const std::vector<ledger::SignedTransaction>& txs, std::span<const Hash> wtxids) {
  if (!order_) return fail(Errc::not_ready, why_no_votes_);
  Bytes payload = codec::encode(ledger::pack(txs));
  DOS_ASSIGN(const auto params, params_hash());
  const auto header = order_->propose(TimeMs{edges_.clock.wall_ms()}, payload, wtxids, params);

  kernel::BlockResult run;
  MadeBlock made;
  store::StageRef stage;
  {
    std::lock_guard hold(lock_);
    DOS_ASSIGN(run, code_->kernel().apply(store_->view(), next_context(header.time), txs, window_, *cache_));
    DOS_ASSIGN(stage, store_->stage(nullptr, header.height, run.delta));
  }
  made.anchor.header = header;
  made.anchor.parts = {header.height, store_->root(stage), ledger::receipts_root(run.receipts)};
  DOS_ASSIGN(auto decision, order_->decide(header, payload, made.anchor.parts, edges_.entropy));
  made.anchor.certificate = std::move(decision.certificate);

  std::vector<store::JournalRecord> group;
  for (auto& r : decision.group) group.push_back({std::uint8_t(r.kind), r.height.value, std::move(r.bytes)});
  DOS_TRY(journal_->append(group));
  made.receipts = std::move(run.receipts);
  DOS_TRY(keep(stage, run.delta, made.anchor, payload, made.receipts, true));
  bytes_since_checkpoint_ += payload.size() + 8192;
  return made;
}

Status Chain::keep(const store::StageRef& stage, const store::Delta& delta, const ledger::Anchor& anchor, const Bytes& payload,
                   const std::vector<ledger::Receipt>& receipts, bool archive_too) {
  std::vector<Bytes> dropped;  // revisions that this block deletes or points to other content, as they were
  const Bytes revisions = [] {
    Bytes k = ledger::module_key(ledger::kFsModule);
    k.push_back('r');
    return k;
  }();
  for (auto it = delta.lower_bound(revisions); it != delta.end() && starts_with(it->first, revisions); ++it) {
    std::lock_guard hold(lock_);
    DOS_ASSIGN(auto before, store_->view().get(it->first));
    // A new seal (mv, chmod) leaves the content where it is.
    if (before && !(it->second && blob_of(it->second->data) == blob_of(before->data))) dropped.push_back(std::move(before->data));
  }
  // A revision names its blob for as long as it lives, so its content is kept before its block can be read.
  DOS_TRY(keep_blobs(delta, {}));
  {
    std::lock_guard hold(lock_);
    DOS_TRY(store_->commit(stage));
    if (archive_too) {
      std::vector<Hash> txids;
      // A skipped copy must not hide the outcome of the first: only its place is kept.
      for (const auto& r : receipts)
        txids.push_back(r.status == ledger::TxStatus::skipped && r.code == std::uint16_t(Errc::duplicate) ? Hash{} : r.txid);
      DOS_TRY(archive_->append({anchor.header.height, codec::encode(anchor.header), payload,
                                codec::encode(CertifiedResult{anchor.parts, anchor.path, anchor.certificate}), codec::encode(receipts)},
                               txids));
    }
    anchor_ = anchor;
    if (delta.contains(ledger::params_key())) {
      DOS_ASSIGN(const auto record, store_->view().get(ledger::params_key()));
      DOS_ASSIGN(params_, codec::decode<ledger::Params>(record ? record->data : Bytes{}, "the parameters"));
    }
  }
  return keep_blobs({}, dropped);
}

Status Chain::keep_blobs(const store::Delta& delta, const std::vector<Bytes>& dropped) {
  Bytes revisions = ledger::module_key(ledger::kFsModule);
  revisions.push_back('r');
  for (auto it = delta.lower_bound(revisions); it != delta.end() && starts_with(it->first, revisions); ++it) {
    if (!it->second) continue;
    if (const auto root = blob_of(it->second->data)) {
      std::lock_guard hold(blobs_lock_);
      if (auto kept = blobs().claim(*root); !kept && kept.error().code != Errc::no_blob) return kept;
      else if (!kept) edges_.log.write(LogLevel::warn, "blobs", "a final block names blob " + hex(root->view()) + " which this node does not hold");
    }
  }
  for (const auto& data : dropped) {
    const auto root = blob_of(data);
    if (!root) continue;
    bool still_named = false;  // revisions are removed rarely (when their rent ends), so this looks instead of counting
    for (Bytes after; !still_named;) {
      std::lock_guard hold(lock_);
      DOS_ASSIGN(const auto key, store_->view().next(revisions, after));
      if (!key) break;
      DOS_ASSIGN(const auto record, store_->view().get(*key));
      still_named = record && blob_of(record->data) == root;
      after = *key;
    }
    std::lock_guard hold(blobs_lock_);
    if (!still_named) DOS_TRY(blobs().release(*root, edges_.clock.wall_ms()));
  }
  return {};
}

Status Chain::claim_live_blobs() {
  Bytes revisions = ledger::module_key(ledger::kFsModule);
  revisions.push_back('r');
  std::uint64_t absent = 0;
  for (Bytes after;;) {
    DOS_ASSIGN(const auto key, store_->view().next(revisions, after));
    if (!key) break;
    DOS_ASSIGN(const auto record, store_->view().get(*key));
    if (const auto root = record ? blob_of(record->data) : std::nullopt) {
      if (auto kept = blobs().claim(*root); !kept && kept.error().code != Errc::no_blob) return kept;
      else if (!kept) ++absent;
    }
    after = *key;
  }
  edges_.log.write(LogLevel::warn, "blobs", "the notes of which content is in use were damaged and are made anew from the state; " +
                                                std::to_string(absent) + " files have content that is not here");
  return {};
}

Status Chain::checkpoint_if_due() {
  if (bytes_since_checkpoint_ < config_.checkpoint_bytes &&
      edges_.clock.monotonic_ns() - last_checkpoint_ns_ < config_.checkpoint_ns)
    return {};
  return checkpoint();
}

Status Chain::checkpoint() {
  last_checkpoint_ns_ = edges_.clock.monotonic_ns();
  if (bytes_since_checkpoint_ == 0) return {};
  {
    std::lock_guard hold(blobs_lock_);
    DOS_TRY(blobs().sync());  // claims of blocks that will not be executed again
  }
  {
    std::lock_guard hold(lock_);
    DOS_TRY(archive_->sync());
    DOS_TRY(store_->checkpoint());
  }
  {
    std::lock_guard hold(blobs_lock_);
    DOS_TRY(blobs().sweep(edges_.clock.wall_ms(), 4 * 3'600'000));
  }
  // The last block's group stays: it carries the high-water slot that stops this key from signing twice.
  const auto height = store_->height().value;
  if (height > 0) DOS_TRY(journal_->release(height - 1));
  bytes_since_checkpoint_ = 0;
  return {};
}

Result<MadeBlock> Chain::read_block(const store::BlockArchive& archive, Height height, Bytes* payload) {
  DOS_ASSIGN(auto kept, archive.block(height));
  if (!kept) return fail(Errc::not_found, "this node holds no block " + std::to_string(height.value));
  MadeBlock made;
  DOS_ASSIGN(made.anchor.header, codec::decode<ledger::Header>(kept->header, "an archived header"));
  DOS_ASSIGN(auto certified, codec::decode<CertifiedResult>(kept->certificate, "an archived certificate"));
  made.anchor.parts = certified.parts;
  made.anchor.path = std::move(certified.path);
  made.anchor.certificate = std::move(certified.certificate);
  DOS_ASSIGN(made.receipts, codec::decode<std::vector<ledger::Receipt>>(kept->receipts, "archived receipts"));
  if (payload != nullptr) *payload = std::move(kept->payload);
  return made;
}

}  // namespace dos::node
