// Blobs: uploads, chunks and the promises that they are held.
#include "node/node.hpp"

namespace dos::node {
namespace {

constexpr std::uint64_t kPromiseMs = 3'600'000;  // an upload that no file names yet is kept at least this long

}  // namespace

Result<ledger::BlobStatus> Node::begin_blob(ledger::BlobManifest manifest) {
  ledger::BlobStatus answer;
  DOS_ASSIGN(answer.root, ledger::blob_root(manifest));
  std::lock_guard hold(chain_->blobs_lock());
  DOS_TRY(reserve_.room_for(4096 + 32 * manifest.chunks.size()));
  DOS_ASSIGN(const auto info, chain_->blobs().begin(answer.root, manifest.bytes, std::move(manifest.chunks), edges_.clock.wall_ms()));
  for (std::uint32_t i = 0; i < info.have.size(); ++i)
    if (!info.have[i]) answer.missing.push_back(i);
  return answer;
}

Status Node::put_chunk(const Hash& root, std::uint64_t index, BytesView chunk) {
  std::lock_guard hold(chain_->blobs_lock());
  DOS_TRY(reserve_.room_for(chunk.size()));  // under the lock: no other upload takes the same room
  DOS_TRY(chain_->blobs().put_chunk(root, index, chunk));
  metrics_.blob_bytes_in.fetch_add(chunk.size());
  return {};
}

Result<ledger::BlobManifest> Node::blob(const Hash& root) const {
  std::lock_guard hold(chain_->blobs_lock());
  DOS_ASSIGN(auto info, chain_->blobs().info(root));
  if (!info) return fail(Errc::no_blob, "this node does not hold blob " + hex(root.view()));
  return ledger::BlobManifest{info->bytes, std::move(info->chunks)};
}

Result<Bytes> Node::chunk(const Hash& root, std::uint64_t index) const {
  std::lock_guard hold(chain_->blobs_lock());
  DOS_ASSIGN(auto bytes, chain_->blobs().read_chunk(root, index));
  metrics_.blob_bytes_out.fetch_add(bytes.size());
  return bytes;
}

Result<ledger::StoredAnswer> Node::stored(const ledger::StoredRequest& request) {
  if (request.blobs.empty() || request.blobs.size() > kMaxStoredBlobs)
    return fail(Errc::limit, "1 to " + std::to_string(kMaxStoredBlobs) + " blobs go under one promise");
  if (!chain_->why_no_votes().empty()) return fail(Errc::not_ready, chain_->why_no_votes());
  ledger::StoredAnswer answer;
  std::vector<Hash> roots, leaves;
  for (const auto& b : request.blobs) {
    if (!roots.empty() && !(roots.back() < b.root)) return fail(Errc::malformed, "blobs stand in order of their roots, each once");
    roots.push_back(b.root);
    leaves.push_back(ledger::stored_leaf(b));
    answer.promise.bytes += b.bytes;
  }
  {
    std::lock_guard hold(chain_->blobs_lock());
    for (const auto& b : request.blobs) {
      DOS_ASSIGN(const auto info, chain_->blobs().info(b.root));
      if (!info || !info->complete()) return fail(Errc::not_stored, "this node does not hold all of blob " + hex(b.root.view()));
      if (info->bytes != b.bytes) return fail(Errc::content_mismatch, "blob " + hex(b.root.view()) + " has " + std::to_string(info->bytes) + " bytes");
    }
    DOS_TRY(chain_->blobs().make_durable(roots));
    for (const auto& root : roots) DOS_TRY(chain_->blobs().touch(root, edges_.clock.wall_ms()));  // kept as long as promised
  }
  answer.promise.epoch = chain_->facts().epoch;
  answer.promise.list_root = crypto::merkle_root(crypto::kStoredTree, leaves);
  answer.promise.until = TimeMs{edges_.clock.wall_ms() + kPromiseMs};
  DOS_ASSIGN(auto signature, crypto::sign(key_, crypto::domain::kStored, chain_->id(), answer.promise, edges_.entropy));
  answer.signatures.push_back({chain_->voter(), std::move(signature)});
  return answer;
}

}  // namespace dos::node
