// Content between validators: promises are made and collected, and what they are asked for and what final blocks name is fetched.
// What was merely uploaded elsewhere is not. Consensus never waits for any of it.
#pragma once
#include "chain/kept_content.hpp"
#include "consensus/facts.hpp"
#include "net/chunk_server.hpp"
#include "net/rates.hpp"
#include "net/store_asks.hpp"
#include "replica/promise_book.hpp"
#include "replica/queues.hpp"
#include "replica/router.hpp"

namespace dos::replica {

inline constexpr std::uint64_t kPromiseMs = 3'600'000;            // an upload that no file names yet is kept at least this long
inline constexpr std::uint64_t kPromiseMostMs = kPromiseMs + kPromiseStepMs + 300'000;  // ahead of this clock, of one that others ask for
static_assert(kPromiseMostMs + 60'000 <= store::kPromiseKeptMs);
inline constexpr std::uint64_t kPromisesPerSecond = 100, kPromiseBurst = 400;  // that one other validator is signed
inline constexpr std::uint64_t kSweepEveryNs = 60'000'000'000;  // while there is content that nothing names
inline constexpr std::uint64_t kNamedAgainNs = 10'000'000'000;  // before a named blob that nobody gave is asked for again
inline constexpr std::uint64_t kSyncStepBytes = 4ull << 20;  // pulled content goes to the disk in steps: no long stall

// As whose upload pulled content counts: that of the validator who asks for its promise, bounded like any uploader's.
store::Uploader uploader_of(std::optional<std::uint16_t> validator);

struct DiskOfNode {
  std::function<Status(std::uint64_t bytes)> room;  // disk_full: nothing more is taken in. None: there is always room
  // Work that takes long: done somewhere else than on the node's loop, and what follows, on the loop. None: at once.
  std::function<void(std::move_only_function<Status()> work, std::move_only_function<void(Status)> then)> aside;
};

class ContentService final : private net::BlobTarget, private net::BlobSource, private net::PromiseSigner {
 public:
  ContentService(const consensus::ChainFacts& facts, chain::KeptContent& content, const crypto::SigningKey& vote_key, chain::Edges edges,
                 net::Outbox& out, DiskOfNode disk);

  // Own uploads, told by whoever took them in.
  void upload_begun() { sweep_soon(); }
  void chunk_here(const Hash& root, std::uint32_t index) { server_.chunk_here(root, index); }
  void whole_here(const Hash& root);

  using Done = std::function<void(Result<ledger::StoredAnswer>)>;
  // Asks all validators, this one included, to hold these durably. malformed, limit, not_stored (not all are here), busy. `pay`: whether
  // who asks may have a round of signatures, called where one is about to begin.
  using Pay = std::function<Status()>;
  void ask_stored(std::vector<ledger::BlobRef> blobs, std::uint64_t timeout_ms, Done done, const Pay& pay = {});
  void want_missing();  // what final blocks name and is not here: after a block, and at the start

  void take_messages(Router& router);  // all about blobs and storage promises
  // malformed, limit: the peer broke the protocol. Who asks for more promises than it may is told `busy`.
  Status received(std::uint16_t from, net::StoreAsk ask);
  void peer_up(std::uint16_t peer) { pull_.peer_up(peer); }
  void peer_down(std::uint16_t peer);
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;
  void measure(QueueSizes& into) const;
  const std::optional<Error>& failure() const { return failure_; }  // of this node's disk

 private:
  void want(const std::vector<Hash>& roots);
  void sweep_soon();
  void sweep();
  Result<std::vector<std::uint32_t>> begin_blob(const Hash& root, const ledger::BlobManifest& manifest) override;
  Status put_chunk(const Hash& root, std::uint32_t index, BytesView bytes) override;
  void blob_complete(const Hash& root) override;
  void blob_given_up(const Hash& root, const Error& why) override;
  Result<std::optional<ledger::BlobManifest>> manifest_of(const Hash& root) override;
  Result<std::optional<Bytes>> chunk_of(const Hash& root, std::uint32_t index) override;
  bool holds(const ledger::BlobRef& blob) override;
  void promise(const ledger::StoredPromise& promise, std::span<const ledger::BlobRef> blobs, Signed done) override;
  void came_whole(const Hash& root, const store::BlobSync& synced, Status done);
  Result<crypto::Signature> sign(const ledger::StoredPromise& promise, const std::vector<Hash>& roots, const store::BlobSync& synced);
  void collect(const ledger::StoredPromise& promised, std::vector<ledger::BlobRef> blobs, crypto::Signature own, std::uint64_t timeout_ms);

  const consensus::ChainFacts& facts_;
  chain::KeptContent& content_;
  const crypto::SigningKey& key_;
  chain::Edges edges_;
  net::Outbox& out_;
  DiskOfNode disk_;
  net::BlobPull pull_;
  net::ChunkServer server_;
  net::StoreAsks asks_;
  net::StoreDuties duties_;
  std::map<Hash, std::uint64_t> unsynced_;  // bytes pulled and not known to be on the disk
  PromiseBook promises_;
  std::map<std::uint16_t, net::TokenBucket> budgets_;  // of signatures, by peer
  std::optional<std::uint64_t> named_again_ns_, sweep_ns_;
  std::optional<Error> failure_;
};

}  // namespace dos::replica
