// Brings blobs here: manifests and chunks from whoever holds them, several at once, a few requests a peer so that chunks
// never fill a link. Roots that a promise waits for come first, then uploads that began elsewhere, then what final blocks
// name. A chunk is checked against the manifest by the local store; who sent a wrong one is not asked for that blob again.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "base/edge.hpp"
#include "net/outbox.hpp"

namespace dos::net {

inline constexpr std::uint32_t kChunksPerPeer = 4;              // requests under way: 1 MiB
inline constexpr std::uint32_t kChunksInFlight = 16;            // over all peers: bounds memory
inline constexpr std::uint32_t kActivePulls = 16;               // that chunks are asked for; twice as many manifests in memory
inline constexpr std::uint32_t kActivePerHolder = 8;            // of these, what one holder is asked for: others have room beside it
inline constexpr std::uint32_t kManifestsPerPeer = 4;           // asks under way
inline constexpr std::uint32_t kLookedAt = 128;                 // pulls looked at in one turn
inline constexpr std::uint32_t kLookedAtOfHolder = 32;          // of one holder
inline constexpr std::uint32_t kMaxOffersPerPeer = 64;          // uploads of one peer that are pulled along; more are ignored
inline constexpr std::uint32_t kMaxWantedBlobs = 65'536;
inline constexpr std::uint64_t kChunkWaitNs = 5'000'000'000;
inline constexpr std::uint64_t kManifestWaitNs = 2'000'000'000;
// While somebody else is said to have it, too: who only says so holds nobody up for long.
inline constexpr std::uint64_t kOtherChunkWaitNs = 1'000'000'000;
inline constexpr std::uint64_t kOtherManifestWaitNs = 250'000'000;
inline constexpr std::uint64_t kNotHeldPauseNs = 20'000'000;    // before a peer without it is asked again; doubled up to the next
inline constexpr std::uint64_t kNotHeldPauseMaxNs = 10'000'000'000;
inline constexpr std::uint64_t kToTheBackNs = 500'000'000;      // a pause this long: others of the same reason come first
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
  // `holder`: known to have it or to be receiving it; others are asked only while it cannot be. None: anybody. Again: a more
  // urgent reason counts; another holder is asked when the one before it does not answer.
  // busy: kMaxWantedBlobs are wanted.
  Status want(const Hash& root, PullReason reason, std::optional<std::uint16_t> holder);
  Status offered(std::uint16_t from, BlobOffer offer);          // malformed
  void here(const Hash& root);                                  // complete here by other means
  void drop_promise(const Hash& root);                          // no promise waits for it any more
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
    std::uint64_t again_ns = 0;           // not asked before
    std::uint64_t pause_ns = 0;
    bool refused = false;                 // it sent something wrong
  };
  struct Pull {
    PullReason reason = PullReason::named;
    bool named = false;                   // by a final block, whatever else
    std::uint64_t order = 0;
    std::uint64_t moved_ns = 0;           // wanted, or its last chunk came
    std::uint64_t again_ns = 0;           // the local store has no place for it before
    std::map<std::uint16_t, Source> sources;
    std::optional<std::uint16_t> holder;  // asked before all others
    std::vector<std::uint16_t> holders;   // who is said to have it, in the order that was heard
    std::optional<ledger::BlobManifest> manifest;
    bool begun = false;                   // the store has made its place
    std::set<std::uint32_t> missing;      // not here and not asked for
    std::uint32_t asked = 0;              // chunks in flight
    std::optional<std::uint16_t> manifest_from;  // asked for the manifest
    std::uint64_t manifest_due_ns = 0;
  };
  using Pulls = std::map<Hash, Pull>;
  static constexpr std::uint16_t kAnybody = 0xFFFF;
  struct Turn {  // urgency; of one urgency, holders take turns; of one holder, age
    PullReason reason = PullReason::named;
    std::uint16_t of = kAnybody;
    std::uint64_t order = 0;
    auto operator<=>(const Turn&) const = default;
  };
  static Turn turn_of(const Pull& pull) { return {pull.reason, pull.holder.value_or(kAnybody), pull.order}; }
  using ChunkKey = std::tuple<std::uint16_t, Hash, std::uint32_t>;  // peer, root, index

  void plan();
  // Each holder's first, then each one's second, and so on, most urgent first. `see` says whether it counts as active.
  void each_in_turn(const std::function<bool(const Hash& root)>& see) const;
  bool plan_pull(const Hash& root, Pull& pull);             // true: something of it is under way
  void ask_manifest(const Hash& root, Pull& pull);
  void ask_chunks(const Hash& root, Pull& pull);
  bool begin(const Hash& root, Pull& pull);                // false: the pull is over or must wait
  std::vector<std::uint16_t> askable(const Pull& pull) const;
  bool trusted(const Pull& pull, std::uint16_t holder) const;  // linked, and nothing speaks against it
  bool other_holder(const Pull& pull, std::uint16_t than) const;  // one that is trusted
  void wait_less(const Hash& root, Pull& pull);            // another holder is known of now
  void not_held(const Hash& root, Pull& pull, std::uint16_t peer);
  void no_answer(const Hash& root, Pull& pull, std::uint16_t peer);
  void no_manifest_ask(const Hash& root, Pull& pull);
  void load(const Hash& root, Pull& pull, ledger::BlobManifest manifest);
  void take_turn(const Hash& root, Pull& pull, const Turn& next);
  void to_the_back(const Hash& root, Pull& pull) { take_turn(root, pull, {pull.reason, turn_of(pull).of, ++order_}); }
  std::size_t offers_of(std::uint16_t peer) const;
  void land(std::map<ChunkKey, std::uint64_t>::iterator flight);  // answered, late or lost: no longer in flight
  void pause_for_disk();
  void forget(const Hash& root);
  void finish(const Hash& root);
  void give_up(const Hash& root, const Error& why);

  std::uint16_t self_;
  Outbox& out_;
  Clock& clock_;
  BlobTarget& target_;
  Pulls pulls_;
  std::map<Turn, Hash> turns_;
  std::map<Turn, Hash> loaded_;                            // those with a manifest
  std::map<ChunkKey, std::uint64_t> in_flight_;            // due
  std::set<Hash> manifest_asked_;
  std::map<std::uint16_t, std::uint32_t> per_peer_, manifests_of_;  // under way
  std::set<std::uint16_t> silent_;                         // let an ask pass without an answer since they last sent something right
  std::uint64_t order_ = 0, unasked_ = 0;
  std::optional<std::uint64_t> paused_until_;
  bool planning_ = false;
};

}  // namespace dos::net
