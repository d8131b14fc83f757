// Who takes how much room for content that no live record names, and what of it has to go: the bookkeeping of the blob store. Bytes
// count as they arrive, not as they are announced. Whatever nobody pays for is bounded in all and for each uploader, and goes by age
// and by need: what has made no progress for longest goes first, what was promised stays as long as the promise says.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::store {

using Uploader = ByteArray<16>;  // whoever it came from, as the node tells them apart; zeros: not known any more

inline constexpr std::uint64_t kUnclaimedLifeMs = 3'600'000;    // without a chunk, a question for it or a promise
inline constexpr std::uint64_t kPromiseKeptMs = 4'500'000;      // after a promise: its hour, and what clocks may differ
inline constexpr std::uint64_t kUnclaimedMostMs = 86'400'000;   // since it was begun or let go: then nothing prolongs its life any more
inline constexpr std::uint64_t kNeedGraceMs = 60'000;           // an upload that went on a minute ago is not dropped for another's sake
inline constexpr std::uint64_t kUploaderShare = 2;              // one uploader has at most one part in so many
inline constexpr std::uint64_t kPromisedQuarters = 3;           // of the room, in quarters, may be promised at a time
inline constexpr std::size_t kMaxUnclaimed = 16'384;            // blobs, however small: each costs a file and memory
inline constexpr std::size_t kMaxUnclaimedOfUploader = kMaxUnclaimed / kUploaderShare;

class UnclaimedSpace {
 public:
  struct Entry {
    std::uint64_t bytes = 0;                   // on the disk, with the list of chunk hashes
    std::uint64_t first_ms = 0, since_ms = 0;  // begun or let go; last sign of life
    Uploader by{};
    bool promised = false;
  };
  explicit UnclaimedSpace(std::uint64_t most) : most_(most) {}

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t limit() const { return most_; }
  std::uint64_t limit_of_uploader() const { return most_ / kUploaderShare; }
  const Entry* find(const Hash& root) const;
  void add(const Hash& root, const Entry& entry);
  void remove(const Hash& root);
  void resize(const Hash& root, std::uint64_t bytes);
  void give(const Hash& root, const Uploader& by);
  // A sign of life: true if it counts, which it does until kUnclaimedMostMs.
  bool alive(const Hash& root, std::uint64_t now_ms);

  // What has to go so that `bytes` more of `by` fit, one more blob among them if `fresh`; never `root` itself. busy: too little may go.
  Result<std::vector<Hash>> room_for(const Hash& root, const Uploader& by, std::uint64_t bytes, bool fresh, std::uint64_t now_ms) const;
  // Those that go first so that `bytes` become free, as far as any may go.
  std::vector<Hash> least_needed(std::uint64_t bytes, std::uint64_t now_ms) const;
  // Those whose life is over.
  std::vector<Hash> over_age(std::uint64_t now_ms, std::uint64_t life_ms, std::uint64_t promised_life_ms) const;
  // Marks them as promised from now on. busy: too much is promised already; not_stored: one stood for too long without a transaction.
  Status promise(std::span<const Hash> roots, std::uint64_t now_ms);

 private:
  struct Of {
    std::uint64_t bytes = 0, count = 0;
  };
  static bool kept(const Entry& e, std::uint64_t now_ms) { return e.promised && now_ms < e.since_ms + kPromiseKeptMs; }
  static bool may_go(const Entry& e, std::uint64_t now_ms) { return !kept(e, now_ms) && now_ms >= e.since_ms + kNeedGraceMs; }
  void count(const Entry& e, bool in);

  std::uint64_t most_, bytes_ = 0;
  std::map<Hash, Entry> entries_;
  std::set<std::pair<std::uint64_t, Hash>> by_age_;  // since_ms
  std::map<Uploader, Of> uploaders_;
};

}  // namespace dos::store
