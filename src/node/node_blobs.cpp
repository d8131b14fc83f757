// Blobs: uploads, chunks and the promises that they are held.
#include "node/content_service.hpp"
#include "node/node.hpp"

namespace dos::node {

Result<ledger::BlobStatus> Node::begin_blob(ledger::BlobManifest manifest) {
  ledger::BlobStatus answer;
  DOS_ASSIGN(answer.root, ledger::blob_root(manifest));
  {
    std::lock_guard hold(chain_->blobs_lock());
    DOS_TRY(reserve_.room_for(4096 + 32 * manifest.chunks.size()));
    DOS_ASSIGN(const auto info, chain_->blobs().begin(answer.root, manifest.bytes, manifest.chunks, edges_.clock.wall_ms()));
    for (std::uint32_t i = 0; i < info.have.size(); ++i)
      if (!info.have[i]) answer.missing.push_back(i);
  }
  // The others pull along while it comes in, so that they hold it when its end does.
  if (!answer.missing.empty()) loop_->post([manifest = std::move(manifest)](Replica& replica) { replica.offer(manifest); });
  return answer;
}

Status Node::put_chunk(const Hash& root, std::uint64_t index, BytesView chunk) {
  {
    std::lock_guard hold(chain_->blobs_lock());
    DOS_TRY(reserve_.room_for(chunk.size()));  // under the lock: no other upload takes the same room
    DOS_TRY(chain_->blobs().put_chunk(root, index, chunk));
    // In small steps: the promise over a large upload makes it durable on the loop, which should find little left to do.
    if ((index + 1) % (kSyncStepBytes / kChunkBytes) == 0) DOS_TRY(chain_->blobs().flush(root));
  }
  loop_->post([root, index](Replica& replica) { replica.chunk_here(root, std::uint32_t(index)); });
  metrics_.blob_bytes_in.fetch_add(chunk.size());
  return {};
}

Result<ledger::BlobManifest> Node::blob(const Hash& root) const {
  std::lock_guard hold(chain_->blobs_lock());
  DOS_TRY(chain_->readable(root));
  DOS_ASSIGN(auto info, chain_->blobs().info(root));
  if (!info) return fail(Errc::no_blob, "this node does not hold blob " + hex(root.view()));
  return ledger::BlobManifest{info->bytes, std::move(info->chunks)};
}

Result<Bytes> Node::chunk(const Hash& root, std::uint64_t index) const {
  std::lock_guard hold(chain_->blobs_lock());
  DOS_TRY(chain_->readable(root));
  DOS_ASSIGN(auto bytes, chain_->blobs().read_chunk(root, index));
  metrics_.blob_bytes_out.fetch_add(bytes.size());
  return bytes;
}

void Node::stored(ledger::StoredRequest request, api::Answer<ledger::StoredAnswer> done) {
  // Those that answer at once end it; the time is for one that still pulls the content.
  constexpr std::uint64_t kStoredWaitMs = 10'000;
  loop_->post([request = std::move(request), done = std::move(done)](Replica& replica) mutable {
    replica.ask_stored(std::move(request.blobs), kStoredWaitMs, std::move(done));
  });
}

}  // namespace dos::node
