// Transactions that were admitted and are in no final block, each payer's in order of arrival. Those that an unfinal block carries
// stay here: if that block loses, they go into another. Not thread safe: the replica's driver alone uses it.
//
// Whoever pays has a line of its own, and blocks take from each line in turn: what one account hands in delays its own. All that the
// sponsor pays for is one line, in which more work goes first. When there is no room, the newest of whoever has most waiting goes,
// not whoever comes: what peers sent of it first, and for a peer only that.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "base/hash_table.hpp"
#include "ledger/transaction.hpp"

namespace dos::replica {

struct PoolEntry {
  static constexpr std::uint16_t kHere = 0xFFFF;  // handed in by a client of this node
  ledger::SignedTransaction tx;
  Bytes encoded;                 // BCS of `tx`
  Hash txid, wtxid;
  std::string account;           // whose quota it counts against: who pays
  std::uint64_t reserves = 0;    // the most that it may cost
  std::uint64_t balance = 0;     // of the purse that pays, when it was admitted
  std::uint64_t rank = 0;        // in its line: the least goes first; of bare keys the work shown
  std::uint16_t from = kHere;    // the validator that sent it
  // the pool's
  std::uint64_t number = 0;      // of arrival
};
using PoolRef = std::shared_ptr<PoolEntry>;

inline constexpr const char* kBareKeys = "bare keys";  // the line of what the sponsor pays for: no account's name

struct PoolLimits {
  std::uint64_t bytes = 64ull << 20;
  std::uint64_t account_bytes = 24ull << 20;
  std::uint64_t peers_bytes = 40ull << 20;  // of what peers sent together, and 3/4 of the count: the rest is for own clients
  std::uint64_t peer_bytes = 16ull << 20;   // of what one peer sent, and 1/4 of the count
  std::uint64_t bare_bytes = 4ull << 20;    // of all bare keys together
  std::uint32_t count = 65'536;
  std::uint32_t account_count = 32'768;
  std::uint32_t bare_count = 1'024;
};
inline constexpr std::uint32_t kPassedOverInLine = 8;  // transactions of one payer that do not fit, until its line is left for this block
inline constexpr std::uint32_t kNeverInLine = 64;  // likewise of those that no block can take: they go once the block is final
inline constexpr std::uint32_t kJudgedAgain = 16;  // with each final block, of those that an earlier one left behind
inline constexpr std::uint32_t kPassedOver = 1'024;  // of all lines, until a block is taken as it is

class Pool {
 public:
  enum class Fit { taken, later, never, full };  // full: look at no more
  using Judge = std::function<Fit(const PoolRef&)>;

  explicit Pool(PoolLimits limits = {}) : limits_(limits) {}

  // pool_full, busy (the account's, the bare keys' or the peer's share, or what its purse covers), stale (a pending transaction of the
  // same sender consumes the same version), duplicate. What had to go for it, because it showed less work or its payer or the peer
  // that sent it has most here, is in `out`.
  Status add(PoolEntry entry, std::vector<PoolRef>& out);
  // For a block on top of one whose unfinal ancestors hold `carried`: one of each line in turn, each line's first first, as long as
  // `judge` finds them fit. The next block begins behind the line that was taken from last, or with the first that this one had no
  // room for. They stay here, those too that never fit.
  std::vector<PoolRef> choose(const std::set<Hash>& carried, TimeMs time, const Judge& judge);
  // With each final block: of those that were here before the last one too, the next `most` behind those given out before, oldest
  // first, then from the beginning again.
  std::vector<PoolRef> left_behind(std::size_t most);
  PoolRef finish(const Hash& txid);  // it is final, or given up; null if it is not here
  std::vector<PoolRef> expire(TimeMs time);  // those whose time has passed, taken out
  std::vector<PoolRef> drain();  // everything: the node stops

  PoolRef find(const Hash& txid) const;
  PoolRef find_wtxid(const Hash& wtxid) const;
  void each(const std::function<bool(const PoolRef&)>& f) const;  // oldest first, until it returns false
  bool knows(const Hash& txid) const { return known_.contains(txid); }
  std::size_t count() const { return known_.size(); }
  std::uint64_t bytes() const { return bytes_; }
  std::size_t payers() const { return lines_.size(); }
  std::size_t bare_keys() const;

 private:
  using Place = std::pair<std::uint64_t, std::uint64_t>;  // rank, number
  struct Line {
    std::map<Place, PoolRef> entries;
    std::set<Place> foreign;  // of them, what peers sent
    std::uint64_t bytes = 0, reserved = 0;
  };
  struct Peer {
    std::map<std::uint64_t, PoolRef> entries;  // by number
    std::uint64_t bytes = 0;
  };
  using Lines = std::map<std::string, Line>;
  using Consumed = std::tuple<std::string, Bytes, std::uint64_t>;  // sender, exact(key, version)
  class Choice;
  struct Leaving;

  // Bytes and number in one: a full pool of either is as much.
  std::uint64_t size_of(std::uint64_t bytes, std::uint64_t count) const { return bytes + count * (limits_.bytes / limits_.count); }
  std::uint64_t size_of(const Line& line) const { return size_of(line.bytes, line.entries.size()); }
  Status fits_pool(const PoolEntry& entry) const;
  Status fits_peers(const PoolEntry& entry, Leaving& leaving) const;
  Status fits_all(const PoolEntry& entry, const Line& line, Leaving& leaving) const;
  Status fits_line(const PoolEntry& entry, const Line& line) const;
  // Who goes for it: those that show least work. busy if it shows less than they.
  Status make_room(const PoolEntry& entry, const Line& bare, Leaving& leaving) const;

  PoolLimits limits_;
  std::map<std::uint64_t, PoolRef> queue_;  // by number
  HashMap<PoolRef> known_, by_wtxid_;
  std::set<std::pair<std::uint64_t, Hash>> by_time_;  // valid_until
  std::set<Consumed> consumed_;
  Lines lines_;  // by who pays
  std::set<std::pair<std::uint64_t, std::string>> by_size_;  // the lines
  std::string turn_;  // the next block begins behind this line,
  bool turn_is_ = false;  // or with it
  std::map<std::uint16_t, Peer> peers_;
  std::uint64_t bytes_ = 0, peers_bytes_ = 0, peers_count_ = 0, next_ = 0;
  std::uint64_t final_at_ = 0, given_from_ = 0;  // numbers: those below came before the last final block; the next to be given out
};

// Whose line a transaction stands in: who pays.
std::string quota_of(const ledger::SignedTransaction& tx);

}  // namespace dos::replica
