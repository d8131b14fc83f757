// Which content is kept: that which a live revision of a file names.
#include "modules/fs/formats.hpp"
#include "node/chain.hpp"

namespace dos::node {
namespace {

// The blob that an fs revision's record names, if its content lies in one.
std::optional<Hash> blob_of(const Bytes& data) {
  const auto content = codec::decode<fs::Content>(data);
  if (!content) return std::nullopt;
  const auto* ref = std::get_if<ledger::BlobRef>(&content->where);
  return ref == nullptr ? std::nullopt : std::optional(ref->root);
}

Bytes revisions() {
  Bytes k = ledger::module_key(ledger::kFsModule);
  k.push_back('r');
  return k;
}

template <class F>
Status each_revision(const store::Delta& delta, F&& f) {
  const Bytes prefix = revisions();
  for (auto it = delta.lower_bound(prefix); it != delta.end() && starts_with(it->first, prefix); ++it) DOS_TRY(f(it->first, it->second));
  return {};
}

}  // namespace

// Revisions that this block deletes or points to other content, as they were.
Result<std::vector<Bytes>> Chain::dropped_content(const store::Delta& delta) {
  std::vector<Bytes> dropped;
  DOS_TRY(each_revision(delta, [&](const Bytes& key, const std::optional<store::Record>& after) -> Status {
    std::lock_guard hold(lock_);
    DOS_ASSIGN(auto before, store_->view().get(key));
    // A new seal (mv, chmod) leaves the content where it is.
    if (before && !(after && blob_of(after->data) == blob_of(before->data))) dropped.push_back(std::move(before->data));
    return {};
  }));
  return dropped;
}

Status Chain::claim_content(const store::Delta& delta) {
  return each_revision(delta, [&](const Bytes&, const std::optional<store::Record>& record) -> Status {
    const auto root = record ? blob_of(record->data) : std::nullopt;
    if (!root) return {};
    std::lock_guard hold(blobs_lock_);
    auto kept = blobs().claim(*root);
    if (!kept && kept.error().code != Errc::no_blob) return kept;
    DOS_ASSIGN(const auto info, blobs().info(*root));
    if (!info || !info->complete()) note_missing(*root);  // a block never waits for content: it is fetched afterwards
    return {};
  });
}

Status Chain::release_content(const std::vector<Bytes>& dropped) {
  const Bytes prefix = revisions();
  for (const auto& data : dropped) {
    const auto root = blob_of(data);
    if (!root) continue;
    bool still_named = false;  // revisions are removed rarely (when their rent ends), so this looks instead of counting
    for (Bytes after; !still_named;) {
      std::lock_guard hold(lock_);
      DOS_ASSIGN(const auto key, store_->view().next(prefix, after));
      if (!key) break;
      DOS_ASSIGN(const auto record, store_->view().get(*key));
      still_named = record && blob_of(record->data) == root;
      after = *key;
    }
    if (still_named) continue;
    missing_.erase(*root);
    std::lock_guard hold(blobs_lock_);
    DOS_TRY(blobs().release(*root, edges_.clock.wall_ms()));
  }
  return {};
}

void Chain::note_missing(const Hash& root) {
  if (missing_.insert(root).second) fresh_missing_.push_back(root);
}

Status Chain::claim_live_blobs() {
  const Bytes prefix = revisions();
  for (Bytes after;;) {
    DOS_ASSIGN(const auto key, store_->view().next(prefix, after));
    if (!key) break;
    DOS_ASSIGN(const auto record, store_->view().get(*key));
    if (const auto root = record ? blob_of(record->data) : std::nullopt)
      if (auto kept = blobs().claim(*root); !kept && kept.error().code != Errc::no_blob) return kept;
    after = *key;
  }
  edges_.log.write(LogLevel::warn, "blobs", "the notes of which content is in use were damaged and were made anew from the state");
  return {};
}

Status Chain::find_missing_blobs() {
  DOS_ASSIGN(const auto wanted, blobs().wanted());
  for (const auto& root : wanted) note_missing(root);
  if (!missing_.empty())
    edges_.log.write(LogLevel::warn, "blobs", std::to_string(missing_.size()) + " files have content that is not here yet");
  return {};
}

std::vector<Hash> Chain::missing_blobs() const { return {missing_.begin(), missing_.end()}; }

}  // namespace dos::node
