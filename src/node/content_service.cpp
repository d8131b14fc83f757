#include "node/content_service.hpp"

#include <algorithm>

namespace dos::node {

ContentService::ContentService(Chain& chain, const crypto::SigningKey& vote_key, Edges edges, net::Outbox& out, RoomFor room)
    : chain_(chain),
      key_(vote_key),
      edges_(edges),
      out_(out),
      room_(std::move(room)),
      pull_(chain.voter(), out, edges.clock, *this),
      server_(out, edges.clock, *this),
      asks_(chain.facts(), out, edges.clock),
      duties_(out, edges.clock, pull_, *this) {}

void ContentService::offer(const ledger::BlobManifest& manifest) { out_.send_all(net::BlobOffer{manifest}); }

void ContentService::whole_here(const Hash& root) {
  pull_.here(root);
  unsynced_.erase(root);
  chain_.blob_came(root);
  duties_.blob_complete(root);
}

void ContentService::ask_stored(std::vector<ledger::BlobRef> blobs, std::uint64_t timeout_ms, Done done) {
  if (blobs.empty() || blobs.size() > kMaxStoredBlobs)
    return done(fail(Errc::limit, "1 to " + std::to_string(kMaxStoredBlobs) + " blobs go under one promise"));
  ledger::StoredPromise promised;
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    if (i > 0 && !(blobs[i - 1].root < blobs[i].root)) return done(fail(Errc::malformed, "blobs stand in order of their roots, each once"));
    if (!holds(blobs[i])) return done(fail(Errc::not_stored, "this node does not hold all of blob " + hex(blobs[i].root.view())));
    whole_here(blobs[i].root);
    leaves.push_back(ledger::stored_leaf(blobs[i]));
    promised.bytes += blobs[i].bytes;
  }
  promised.epoch = chain_.facts().epoch;
  promised.list_root = crypto::merkle_root(crypto::kStoredTree, leaves);
  promised.until = TimeMs{edges_.clock.wall_ms() + kPromiseMs};
  auto signature = promise(promised, blobs);
  if (!signature) return done(std::unexpected(signature.error()));
  auto shared = std::make_shared<Done>(std::move(done));
  auto asked = asks_.ask(promised, std::move(blobs), ledger::StoredSignature{chain_.voter(), std::move(*signature)}, timeout_ms,
                         [shared, promised](std::vector<ledger::StoredSignature> signatures) {
                           (*shared)(ledger::StoredAnswer{promised, std::move(signatures)});
                         });
  if (!asked) (*shared)(std::unexpected(asked.error()));
}

void ContentService::want_missing() { want(chain_.newly_missing()); }

void ContentService::want(const std::vector<Hash>& roots) {
  for (const auto& root : roots)
    if (!pull_.want(root, net::PullReason::named, std::nullopt)) {
      named_again_ns_ = edges_.clock.monotonic_ns() + kNamedAgainNs;  // too many at a time
      return;
    }
}

Status ContentService::received(std::uint16_t from, net::BlobOffer offer) {
  DOS_ASSIGN(const auto root, ledger::blob_root(offer.manifest));
  if (holds({root, offer.manifest.bytes})) return {};
  return pull_.offered(from, offer);
}

void ContentService::peer_down(std::uint16_t peer) {
  pull_.peer_down(peer);
  server_.peer_down(peer);
  asks_.peer_down(peer);
  duties_.peer_down(peer);
}

void ContentService::measure(QueueSizes& into) const {
  const auto peers = chain_.facts().validators.members.size();
  into[Queue::pulls] = {pull_.wanted_count(), 0, net::kMaxWantedBlobs, 0};
  into[Queue::chunks] = {pull_.in_flight(), pull_.in_flight() * kChunkBytes, net::kChunksInFlight,
                         net::kChunksInFlight * std::uint64_t(kChunkBytes)};
  into[Queue::parked] = {server_.parked(), 0, peers * net::kParkedPerPeer, 0};
  into[Queue::duties] = {duties_.under_way(), 0, peers * net::kMaxStoreDuties, 0};
  into[Queue::store_asks] = {asks_.under_way(), 0, net::kMaxStoreAsks, 0};
}

void ContentService::wake() {
  pull_.wake();
  server_.wake();
  asks_.wake();
  duties_.wake();
  if (named_again_ns_ && edges_.clock.monotonic_ns() >= *named_again_ns_) {
    named_again_ns_.reset();
    want(chain_.missing_blobs());
  }
}

std::optional<std::uint64_t> ContentService::deadline_ns() const {
  auto first = named_again_ns_;
  for (const auto at : {pull_.deadline_ns(), server_.deadline_ns(), asks_.deadline_ns(), duties_.deadline_ns()})
    if (at && (!first || *at < *first)) first = at;
  return first;
}

Result<std::vector<std::uint32_t>> ContentService::begin_blob(const Hash& root, const ledger::BlobManifest& manifest) {
  if (room_) DOS_TRY(room_(manifest.bytes + 4096 + 32 * manifest.chunks.size()));
  std::lock_guard hold(chain_.blobs_lock());
  DOS_ASSIGN(const auto info, chain_.blobs().begin(root, manifest.bytes, manifest.chunks, edges_.clock.wall_ms()));
  std::vector<std::uint32_t> missing;
  for (std::uint32_t i = 0; i < info.have.size(); ++i)
    if (!info.have[i]) missing.push_back(i);
  return missing;
}

Status ContentService::put_chunk(const Hash& root, std::uint32_t index, BytesView bytes) {
  std::lock_guard hold(chain_.blobs_lock());
  DOS_TRY(chain_.blobs().put_chunk(root, index, bytes));
  if ((unsynced_[root] += bytes.size()) < kSyncStepBytes) return {};
  unsynced_[root] = 0;
  return chain_.blobs().flush(root);
}

void ContentService::blob_complete(const Hash& root) {
  {
    std::lock_guard hold(chain_.blobs_lock());
    if (auto kept = chain_.blobs().make_durable(std::span<const Hash>(&root, 1)); !kept) {
      failure_ = kept.error();
      return;
    }
  }
  unsynced_.erase(root);
  chain_.blob_came(root);
  duties_.blob_complete(root);
}

void ContentService::blob_given_up(const Hash& root, const Error& why) {
  unsynced_.erase(root);
  duties_.blob_given_up(root, why);
  named_again_ns_ = edges_.clock.monotonic_ns() + kNamedAgainNs;  // perhaps a final block names it
}

Result<std::optional<ledger::BlobManifest>> ContentService::manifest_of(const Hash& root) {
  std::lock_guard hold(chain_.blobs_lock());
  DOS_ASSIGN(auto info, chain_.blobs().info(root));
  if (!info) return std::nullopt;
  return ledger::BlobManifest{info->bytes, std::move(info->chunks)};
}

Result<std::optional<Bytes>> ContentService::chunk_of(const Hash& root, std::uint32_t index) {
  std::lock_guard hold(chain_.blobs_lock());
  auto bytes = chain_.blobs().read_chunk(root, index);
  if (bytes) return std::optional(std::move(*bytes));
  if (bytes.error().code == Errc::no_blob) return std::nullopt;
  return std::unexpected(bytes.error());
}

bool ContentService::holds(const ledger::BlobRef& blob) {
  std::lock_guard hold(chain_.blobs_lock());
  const auto info = chain_.blobs().info(blob.root);
  return info && *info && (*info)->complete() && (*info)->bytes == blob.bytes;
}

Result<crypto::Signature> ContentService::promise(const ledger::StoredPromise& promise, std::span<const ledger::BlobRef> blobs) {
  if (promise.epoch != chain_.facts().epoch) return fail(Errc::malformed, "a promise of another epoch");
  if (promise.until.value > edges_.clock.wall_ms() + 2 * kPromiseMs)  // what is swept, and when, is this node's to say
    return fail(Errc::limit, "a promise is for an hour");
  std::vector<Hash> roots;
  for (const auto& b : blobs) roots.push_back(b.root);
  {
    std::lock_guard hold(chain_.blobs_lock());
    DOS_TRY(chain_.blobs().make_durable(roots));
    for (const auto& root : roots) DOS_TRY(chain_.blobs().touch(root, edges_.clock.wall_ms()));  // kept as long as promised
  }
  return crypto::sign(key_, crypto::domain::kStored, chain_.id(), promise, edges_.entropy);
}

}  // namespace dos::node
