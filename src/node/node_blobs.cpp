// Blobs: uploads, chunks and the promises that they are held.
#include <shared_mutex>

#include "node/node.hpp"
#include "replica/content_service.hpp"

namespace dos::node {

// Uploads that nothing names give way before anything is refused because the disk is full.
Status Node::room_for(std::uint64_t bytes) const {
  auto room = reserve_.room_for(bytes);
  if (room || room.error().code != Errc::disk_full) return room;
  DOS_TRY(chain_->content().blobs().shed(bytes, edges_.clock.wall_ms()));
  return reserve_.room_for(bytes);
}

// All that came of an upload is read once after a restart: in steps, so that blocks and other uploads go on meanwhile.
Status Node::look_over(const Hash& root) const {
  constexpr std::uint64_t kLookChunks = 16;
  for (bool known = false; !known;) {
    if (asked_to_stop_) return fail(Errc::not_ready, "the node stops");
    std::shared_lock hold(chain_->content().lock());
    DOS_ASSIGN(known, chain_->content().blobs().look_over(root, kLookChunks));
  }
  return {};
}

Result<ledger::BlobStatus> Node::begin_blob(ledger::BlobManifest manifest, const api::Source& source) {
  constexpr std::uint64_t kHashedBytes = 256;  // of work for each chunk that a manifest names: its tree
  DOS_TRY(pay(source, {0, kHashedBytes * manifest.chunks.size(), 0}));
  ledger::BlobStatus answer;
  DOS_ASSIGN(answer.root, ledger::blob_root(manifest));
  DOS_TRY(look_over(answer.root));
  {
    std::lock_guard hold(chain_->content().lock());
    DOS_TRY(room_for(4096 + 32 * manifest.chunks.size()));
    DOS_ASSIGN(const auto info, chain_->content().blobs().begin(answer.root, manifest.bytes, std::move(manifest.chunks),
                                                                edges_.clock.wall_ms(), source.key));
    for (std::uint32_t i = 0; i < info.have.size(); ++i)
      if (!info.have[i]) answer.missing.push_back(i);
  }
  loop_->post([](replica::Replica& replica) { replica.upload_begun(); });
  return answer;
}

Status Node::put_chunk(const Hash& root, std::uint64_t index, BytesView chunk) {
  DOS_TRY(look_over(root));
  std::shared_ptr<DiskFile> file;
  {
    std::lock_guard hold(chain_->content().lock());
    DOS_TRY(room_for(chunk.size()));  // under the lock: no other upload takes the same room
    DOS_TRY(chain_->content().blobs().put_chunk(root, index, chunk, edges_.clock.wall_ms()));
    // In small steps: the promise over a large upload makes it durable on the loop, which should find little left to do.
    if ((index + 1) % (replica::kSyncStepBytes / kChunkBytes) == 0) { DOS_ASSIGN(file, chain_->content().blobs().to_flush(root)); }
  }
  if (file) DOS_TRY(file->sync());
  loop_->post([root, index](replica::Replica& replica) { replica.chunk_here(root, std::uint32_t(index)); });
  metrics_.blob_bytes_in.fetch_add(chunk.size());
  return {};
}

Result<ledger::BlobManifest> Node::blob(const Hash& root, const api::Source& source) const {
  DOS_TRY(look_over(root));
  std::optional<store::BlobInfo> info;
  {
    std::shared_lock hold(chain_->content().lock());
    DOS_TRY(chain_->content().readable(root));
    DOS_ASSIGN(info, chain_->content().blobs().info(root));
  }
  if (!info) return fail(Errc::no_blob, "this node does not hold blob " + hex(root.view()));
  constexpr std::uint64_t kShownBytes = 256;  // of work for each chunk's hash: read, encoded, sent
  DOS_TRY(pay(source, {0, kShownBytes * info->chunks.size(), 0}));
  return ledger::BlobManifest{info->bytes, std::move(info->chunks)};
}

Result<Bytes> Node::chunk(const Hash& root, std::uint64_t index) const {
  std::shared_lock hold(chain_->content().lock());
  DOS_TRY(chain_->content().readable(root));
  DOS_ASSIGN(auto bytes, chain_->content().blobs().read_chunk(root, index));
  metrics_.blob_bytes_out.fetch_add(bytes.size());
  return bytes;
}

void Node::stored(ledger::StoredRequest request, api::Answer<ledger::StoredAnswer> done, const api::Source& source) {
  for (const auto& blob : request.blobs)
    if (auto looked = look_over(blob.root); !looked) return done(std::unexpected(looked.error()));
  // Those that answer at once end it; the time is for one that still pulls the content.
  constexpr std::uint64_t kStoredWaitMs = 10'000;
  loop_->post([this, request = std::move(request), done = std::move(done), source](replica::Replica& replica) mutable {
    replica.ask_stored(std::move(request.blobs), kStoredWaitMs, std::move(done),
                       [this, source] { return pay(source, {0, 0, api::kSignaturesPerRound}); });
  });
}

}  // namespace dos::node
