#include "replica/content_service.hpp"

#include <algorithm>

namespace dos::replica {

store::Uploader uploader_of(std::optional<std::uint16_t> validator) {
  if (!validator) return {{0xff, 'n'}};  // a block names it
  return {{0xff, 'v', std::uint8_t(*validator >> 8), std::uint8_t(*validator)}};  // no address begins so
}

ContentService::ContentService(const consensus::ChainFacts& facts, chain::KeptContent& content, const crypto::SigningKey& vote_key,
                               chain::Edges edges, net::Outbox& out, DiskOfNode disk)
    : facts_(facts),
      content_(content),
      key_(vote_key),
      edges_(edges),
      out_(out),
      disk_(std::move(disk)),
      pull_(facts.voter, out, edges.clock, *this),
      server_(out, edges.clock, *this),
      asks_(facts, out, edges.clock),
      duties_(out, edges.clock, pull_, *this) {
  if (!disk_.aside) disk_.aside = [](auto work, auto then) { then(work()); };
  sweep_soon();
}

void ContentService::whole_here(const Hash& root) {
  pull_.here(root);
  unsynced_.erase(root);
  content_.came(root);
  duties_.blob_complete(root);
}

void ContentService::ask_stored(std::vector<ledger::BlobRef> blobs, std::uint64_t timeout_ms, Done done, const Pay& pay) {
  if (blobs.empty() || blobs.size() > kMaxStoredBlobs)
    return done(fail(Errc::limit, "1 to " + std::to_string(kMaxStoredBlobs) + " blobs go under one promise"));
  ledger::StoredPromise promised;
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    if (i > 0 && !(blobs[i - 1].root < blobs[i].root)) return done(fail(Errc::malformed, "blobs stand in order of their roots, each once"));
    leaves.push_back(ledger::stored_leaf(blobs[i]));
    promised.bytes += blobs[i].bytes;
  }
  promised.epoch = facts_.epoch;
  promised.list_root = crypto::merkle_root(crypto::kStoredTree, leaves);
  promised.until = TimeMs{(edges_.clock.wall_ms() / kPromiseStepMs + 1) * kPromiseStepMs + kPromiseMs};
  if (const auto* known = promises_.find(promised)) return done(*known);
  if (promises_.join(promised, done)) return;
  for (const auto& blob : blobs)
    if (!holds(blob)) return done(fail(Errc::not_stored, "this node does not hold all of blob " + hex(blob.root.view())));
  for (const auto& blob : blobs) whole_here(blob.root);
  if (pay)
    if (auto paid = pay(); !paid) return done(std::unexpected(paid.error()));
  promises_.begin(promised, std::move(done));  // who asks for the same meanwhile joins
  promise(promised, blobs, [this, promised, blobs, timeout_ms](Result<crypto::Signature> own) {
    if (!own) return promises_.end(promised, std::unexpected(own.error()), false);
    collect(promised, blobs, std::move(*own), timeout_ms);
  });
}

void ContentService::collect(const ledger::StoredPromise& promised, std::vector<ledger::BlobRef> blobs, crypto::Signature own,
                             std::uint64_t timeout_ms) {
  auto asked = asks_.ask(promised, std::move(blobs), ledger::StoredSignature{facts_.voter, std::move(own)}, timeout_ms,
                         [this, promised](std::vector<ledger::StoredSignature> signatures) {
                           std::uint64_t weight = 0;
                           for (const auto& s : signatures) weight += facts_.validators.members[s.validator].weight;
                           const bool strong = ledger::strong(weight, facts_.validators.total());
                           promises_.end(promised, ledger::StoredAnswer{promised, std::move(signatures)}, strong);
                         });
  if (!asked) promises_.end(promised, std::unexpected(asked.error()), false);
}

void ContentService::take_messages(Router& router) {
  router.to<net::StoreAsk>(*this);
  router.to<net::StoreSaid>(asks_);
  router.to<net::GetManifest, net::GetChunk>(server_);
  router.to<net::Manifest, net::Chunk>(pull_);
  router.ignore<net::BlobOffer>();  // an upload elsewhere costs nothing here before a promise or a block asks for it
}

Status ContentService::received(std::uint16_t from, net::StoreAsk ask) {
  auto& budget = budgets_.try_emplace(from, kPromisesPerSecond, kPromiseBurst).first->second;
  if (!budget.take(edges_.clock.monotonic_ns(), 1)) {
    out_.send(from, net::StoreSaid{ask.ask, std::uint16_t(Errc::busy), {}});
    return {};
  }
  return duties_.received(from, std::move(ask));
}

void ContentService::want_missing() { want(content_.newly_missing()); }

void ContentService::want(const std::vector<Hash>& roots) {
  for (const auto& root : roots)
    if (!pull_.want(root, net::PullReason::named, std::nullopt)) {
      named_again_ns_ = edges_.clock.monotonic_ns() + kNamedAgainNs;  // too many at a time
      return;
    }
}

void ContentService::peer_down(std::uint16_t peer) {
  pull_.peer_down(peer);
  server_.peer_down(peer);
  asks_.peer_down(peer);
  duties_.peer_down(peer);
}

// Content that nothing names goes by age. Where there is none, nothing wakes this node.
void ContentService::sweep_soon() {
  if (!sweep_ns_) sweep_ns_ = edges_.clock.monotonic_ns() + kSweepEveryNs;
}

void ContentService::sweep() {
  if (!sweep_ns_ || edges_.clock.monotonic_ns() < *sweep_ns_) return;
  sweep_ns_.reset();
  const chain::WriteHold hold(content_.lock());
  if (content_.blobs().unclaimed_bytes() == 0) return;
  const auto freed = content_.blobs().sweep(edges_.clock.wall_ms(), store::kUnclaimedLifeMs, store::kPromiseKeptMs);
  if (!freed) failure_ = freed.error();
  sweep_soon();
}

void ContentService::measure(QueueSizes& into) const {
  const auto peers = facts_.validators.members.size();
  into[Queue::pulls] = {pull_.wanted_count(), 0, net::kMaxWantedBlobs, 0};
  into[Queue::chunks] = {pull_.in_flight(), pull_.in_flight() * kChunkBytes, net::kChunksInFlight,
                         net::kChunksInFlight * std::uint64_t(kChunkBytes)};
  into[Queue::parked] = {server_.parked(), 0, peers * net::kParkedPerPeer, 0};
  into[Queue::duties] = {duties_.under_way(), 0, peers * net::kMaxStoreDuties, 0};
  into[Queue::promises] = {promises_.kept(), 0, kMaxKeptSignatures + kMaxKeptPromises, 0};
  into[Queue::promise_waits] = {promises_.waiting(), 0, 0, 0};
  into[Queue::store_asks] = {asks_.under_way(), 0, net::kMaxStoreAsks, 0};
}

void ContentService::wake() {
  pull_.wake();
  server_.wake();
  asks_.wake();
  duties_.wake();
  sweep();
  if (named_again_ns_ && edges_.clock.monotonic_ns() >= *named_again_ns_) {
    named_again_ns_.reset();
    want(content_.missing());
  }
}

std::optional<std::uint64_t> ContentService::deadline_ns() const {
  auto first = named_again_ns_;
  for (const auto at : {sweep_ns_, pull_.deadline_ns(), server_.deadline_ns(), asks_.deadline_ns(), duties_.deadline_ns()})
    if (at && (!first || *at < *first)) first = at;
  return first;
}

Result<std::vector<std::uint32_t>> ContentService::begin_blob(const Hash& root, const ledger::BlobManifest& manifest) {
  if (disk_.room) DOS_TRY(disk_.room(manifest.bytes + 4096 + 32 * manifest.chunks.size()));
  sweep_soon();
  // Of those whose promises wait for it, the first who has room: nobody's full share keeps out what another asks for.
  std::vector<store::Uploader> by;
  for (const auto asker : duties_.askers(root)) by.push_back(uploader_of(asker));
  if (by.empty()) by.push_back(uploader_of(std::nullopt));
  const chain::WriteHold hold(content_.lock());
  auto info = content_.blobs().begin(root, manifest.bytes, manifest.chunks, edges_.clock.wall_ms(), by.front());
  for (std::size_t i = 1; i < by.size() && !info && info.error().code == Errc::busy; ++i)
    info = content_.blobs().begin(root, manifest.bytes, manifest.chunks, edges_.clock.wall_ms(), by[i]);
  if (!info) return std::unexpected(info.error());
  std::vector<std::uint32_t> missing;
  for (std::uint32_t i = 0; i < info->have.size(); ++i)
    if (!info->have[i]) missing.push_back(i);
  return missing;
}

Status ContentService::put_chunk(const Hash& root, std::uint32_t index, BytesView bytes) {
  std::shared_ptr<DiskFile> file;
  {
    const chain::WriteHold hold(content_.lock());
    DOS_TRY(content_.blobs().put_chunk(root, index, bytes, edges_.clock.wall_ms()));
    if ((unsynced_[root] += bytes.size()) < kSyncStepBytes) return {};
    unsynced_[root] = 0;
    DOS_ASSIGN(file, content_.blobs().to_flush(root));
  }
  disk_.aside([file] { return file->sync(); },
              [this](Status done) {
                if (!done) failure_ = done.error();  // what came before it may be lost: nothing may count on it
              });
  return {};
}

void ContentService::blob_complete(const Hash& root) {
  Result<store::BlobSync> sync = [&] {
    const chain::WriteHold hold(content_.lock());
    return content_.blobs().begin_durable(std::span<const Hash>(&root, 1));
  }();
  if (!sync) {
    failure_ = sync.error();
    return;
  }
  disk_.aside([sync = *sync] { return sync.run(); },
              [this, root = root, sync = *sync](Status done) { came_whole(root, sync, std::move(done)); });
}

// It is on the disk. What was dropped or found damaged meanwhile is fetched again, if somebody still needs it.
void ContentService::came_whole(const Hash& root, const store::BlobSync& synced, Status done) {
  if (done) {
    const chain::WriteHold hold(content_.lock());
    done = content_.blobs().end_durable(synced);
  }
  if (!done && done.error().code == Errc::no_blob) return blob_given_up(root, done.error());
  if (!done) {
    failure_ = done.error();
    return;
  }
  unsynced_.erase(root);
  content_.came(root);
  duties_.blob_complete(root);
}

void ContentService::blob_given_up(const Hash& root, const Error& why) {
  unsynced_.erase(root);
  duties_.blob_given_up(root, why);
  named_again_ns_ = edges_.clock.monotonic_ns() + kNamedAgainNs;  // perhaps a final block names it
}

Result<std::optional<ledger::BlobManifest>> ContentService::manifest_of(const Hash& root) {
  const chain::ReadHold hold(content_.lock());
  DOS_ASSIGN(auto info, content_.blobs().info(root));
  if (!info) return std::nullopt;
  return ledger::BlobManifest{info->bytes, std::move(info->chunks)};
}

Result<std::optional<Bytes>> ContentService::chunk_of(const Hash& root, std::uint32_t index) {
  const chain::ReadHold hold(content_.lock());
  auto bytes = content_.blobs().read_chunk(root, index);
  if (bytes) return std::optional(std::move(*bytes));
  if (bytes.error().code == Errc::no_blob) return std::nullopt;
  return std::unexpected(bytes.error());
}

bool ContentService::holds(const ledger::BlobRef& blob) {
  const chain::ReadHold hold(content_.lock());
  const auto info = content_.blobs().info(blob.root);
  return info && *info && (*info)->complete() && (*info)->bytes == blob.bytes;
}

void ContentService::promise(const ledger::StoredPromise& promise, std::span<const ledger::BlobRef> blobs, Signed done) {
  if (promise.epoch != facts_.epoch) return done(fail(Errc::malformed, "a promise of another epoch"));
  if (promise.until.value > edges_.clock.wall_ms() + kPromiseMostMs)  // what is swept, and when, is this node's to say
    return done(fail(Errc::limit, "a promise is for an hour"));
  std::vector<Hash> roots;
  for (const auto& b : blobs) roots.push_back(b.root);
  Result<store::BlobSync> sync = [&] {
    const chain::WriteHold hold(content_.lock());
    return content_.blobs().begin_promise(roots, edges_.clock.wall_ms());
  }();
  if (!sync) return done(std::unexpected(sync.error()));
  if (sync->nothing()) return done(sign(promise, roots, *sync));
  disk_.aside([sync = *sync] { return sync.run(); },
              [this, promise, roots = std::move(roots), sync = *sync, done = std::move(done)](Status synced) {
                if (!synced) {
                  failure_ = synced.error();
                  return done(std::unexpected(synced.error()));
                }
                done(sign(promise, roots, sync));
              });
}

// All of it is on the disk.
Result<crypto::Signature> ContentService::sign(const ledger::StoredPromise& promise, const std::vector<Hash>& roots,
                                               const store::BlobSync& synced) {
  {
    const chain::WriteHold hold(content_.lock());
    DOS_TRY(content_.blobs().end_promise(roots, synced, edges_.clock.wall_ms()));
  }
  const auto key = PromiseBook::key_of(promise);
  if (const auto* known = promises_.own().find(key)) return *known;
  auto signature = crypto::sign(key_, crypto::domain::kStored, facts_.chain, promise, edges_.entropy);
  if (signature) promises_.own().keep(key, *signature);
  return signature;
}

}  // namespace dos::replica
