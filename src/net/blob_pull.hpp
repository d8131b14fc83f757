// Brings blobs here: manifests and chunks from whoever holds them, several at once, a few requests a peer so that chunks
// never fill a link. Roots that a promise waits for come first, then uploads that began elsewhere, then what final blocks
// name. A chunk is checked against the manifest by the local store; who sent a wrong one is not asked for that blob again.
#pragma once
#include <deque>
#include <map>
#include <set>

#include "base/edge.hpp"
#include "net/outbox.hpp"

namespace dos::net {

inline constexpr std::uint32_t kChunksPerPeer = 4;              // requests under way: 1 MiB
inline constexpr std::uint32_t kChunksInFlight = 16;            // over all peers: bounds memory
inline constexpr std::uint32_t kActivePulls = 16;               // with a manifest in memory
inline constexpr std::uint32_t kMaxWantedBlobs = 65'536;
inline constexpr std::uint64_t kChunkWaitNs = 5'000'000'000;
inline constexpr std::uint64_t kManifestWaitNs = 2'000'000'000;
inline constexpr std::uint64_t kNotHeldPauseNs = 20'000'000;    // before a peer without it is asked again; doubled up to the next
inline constexpr std::uint64_t kNotHeldPauseMaxNs = 10'000'000'000;
inline constexpr std::uint64_t kDiskPauseNs = 1'000'000'000;    // when the local store says busy or full
inline constexpr std::uint64_t kOfferLifeNs = 120'000'000'000;  // an offered upload without progress is forgotten

enum class PullReason : std::uint8_t { promise, offer, named };  // most urgent first

struct BlobTarget {
  virtual ~BlobTarget() = default;
  // The blob's place is made; answers which chunks are missing, ascending. busy, disk_full: later again. Others: given up.
  virtual Result<std::vector<std::uint32_t>> begin_blob(const Hash& root, const ledger::BlobManifest& manifest) = 0;
  virtual Status put_chunk(const Hash& root, std::uint32_t index, BytesView bytes) = 0;  // content_mismatch: not the chunk
  virtual void blob_complete(const Hash& root) = 0;
  virtual void blob_given_up(const Hash& root, const Error& why) = 0;
};

class BlobPull {
 public:
  BlobPull(std::uint16_t self, Outbox& out, Clock& clock, BlobTarget& target);
  // `holder`: known to have it or to be receiving it (asked first); none: anybody. Again: a more urgent reason counts.
  // busy: kMaxWantedBlobs are wanted.
  Status want(const Hash& root, PullReason reason, std::optional<std::uint16_t> holder);
  Status offered(std::uint16_t from, const BlobOffer& offer);   // malformed
  void here(const Hash& root);                                  // complete here by other means
  void cancel(const Hash& root);
  void received(std::uint16_t from, Manifest manifest);
  void received(std::uint16_t from, Chunk chunk);
  void peer_up(std::uint16_t peer);
  void peer_down(std::uint16_t peer);
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;
  bool wanted(const Hash& root) const { return pulls_.contains(root); }
  std::size_t wanted_count() const { return pulls_.size(); }
  std::size_t in_flight() const { return in_flight_.size(); }
  std::uint64_t unasked() const { return unasked_; }            // answers to what was not asked: dropped

 private:
  struct Source {                         // what one peer said about one blob
    std::uint64_t again_ns = 0;           // not before
    std::uint64_t pause_ns = 0;
    bool refused = false;                 // it sent something wrong
  };
  struct Pull {
    PullReason reason = PullReason::named;
    std::uint64_t order = 0, moved_ns = 0;
    std::map<std::uint16_t, Source> sources;
    std::deque<std::uint16_t> first;      // holders by name, before all others
    std::optional<ledger::BlobManifest> manifest;
    bool begun = false;                   // the store has made its place
    std::set<std::uint32_t> missing;      // not here and not asked for
    std::uint32_t asked = 0;              // in flight
    std::optional<std::uint16_t> manifest_of;  // asked for the manifest
    std::uint64_t manifest_due_ns = 0;
  };
  struct Flight {
    std::uint64_t due_ns = 0;
  };
  using ChunkKey = std::tuple<std::uint16_t, Hash, std::uint32_t>;  // peer, root, index

  void plan();
  void plan_pull(const Hash& root, Pull& pull);
  bool begin(const Hash& root, Pull& pull);            // false: given up
  void not_held(Pull& pull, std::uint16_t peer);
  void finish(const Hash& root);
  void give_up(const Hash& root, const Error& why);
  void forget_flights(const Hash& root);
  std::vector<std::uint16_t> askable(const Pull& pull) const;

  std::uint16_t self_;
  Outbox& out_;
  Clock& clock_;
  BlobTarget& target_;
  std::map<Hash, Pull> pulls_;
  std::map<std::pair<PullReason, std::uint64_t>, Hash> turn_;   // urgency, then age
  std::map<ChunkKey, Flight> in_flight_;
  std::map<std::uint16_t, std::uint32_t> per_peer_;
  std::uint32_t active_ = 0;
  std::uint64_t order_ = 0, unasked_ = 0;
  std::optional<std::uint64_t> paused_until_;
};

}  // namespace dos::net
