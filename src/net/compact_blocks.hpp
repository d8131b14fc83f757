// Proposals and their payloads. Up to kCompactAbove transactions travel whole; more by short ids, since all validators have
// nearly all of them in their pools (after BIP 152). What is missing is asked of the sender; whatever does not come out as
// the header's payload hash is fetched whole. Nothing here trusts the sender: the hash decides.
#pragma once
#include <map>

#include "net/block_fetch.hpp"
#include "net/gossip.hpp"
#include "net/message_table.hpp"
#include "net/short_ids.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMinTransactionBytes = 64;       // no encoded transaction is shorter
inline constexpr std::uint32_t kMaxPartialBlocks = 32;          // being put together; the oldest is fetched whole instead
inline constexpr std::uint32_t kMaxPartialPerPeer = 2;
inline constexpr std::uint64_t kRebuildsPerSecond = 256;        // of one peer's proposals; more are fetched whole
inline constexpr std::uint32_t kRebuiltRemembered = 16;         // of one peer: one of these again is fetched whole
inline constexpr std::uint64_t kTransactionsWaitNs = 250'000'000;

// The body for everybody: whole, or by short ids. `wtxids` in block order.
ProposeFrame make_proposal(consensus::Proposal proposal, const ledger::Payload& payload, std::span<const Hash> wtxids, Entropy& entropy);
// malformed: places not ascending or not in the payload.
Result<BlockTransactions> answer_transactions(const GetTransactions& ask, const ledger::Payload& payload);

class CompactBlocks {
 public:
  CompactBlocks(const PendingTransactions& pool, Outbox& out, Clock& clock, BlockFetch& fetch, BlockArrivals& arrivals);
  // The payload of a proposal (any body): it arrives at once or later, or is fetched. Its header was judged before and `from` is its
  // proposer: what is kept here counts against it. Errors say that the sender broke the protocol.
  Status received(std::uint16_t from, ProposeFrame frame);
  void received(std::uint16_t from, BlockTransactions answer);
  void have(const Hash& id);                                // came another way, or is not wanted any more
  void peer_down(std::uint16_t peer);
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;
  std::size_t partial() const { return partial_.size(); }
  std::uint64_t held_bytes() const;
  std::uint64_t asked() const { return asked_; }  // transactions asked for
  std::uint64_t fell_back() const { return fell_back_; }

 private:
  struct Partial {
    std::uint16_t from = 0;
    consensus::Proposal proposal;
    ledger::Payload payload;              // missing transactions are empty
    std::vector<std::uint32_t> missing;
    std::vector<Hash> pending;            // wtxids, if nothing is missing
    std::uint64_t due_ns = 0, order = 0;
  };
  Status begin(std::uint16_t from, const Hash& id, consensus::Proposal proposal, ShortIds ids);
  void finish(const Hash& id, Partial partial);
  void give_up(const Hash& id);
  void make_room(std::uint16_t from);
  void fall_back(std::uint16_t from, const Hash& id, View view);

  const PendingTransactions& pool_;
  Outbox& out_;
  Clock& clock_;
  BlockFetch& fetch_;
  BlockArrivals& arrivals_;
  std::map<Hash, Partial> partial_;
  struct Rebuilds {                                 // of one peer
    TokenBucket budget{kRebuildsPerSecond, kRebuildsPerSecond};
    std::deque<Hash> begun;
  };
  bool may_rebuild(std::uint16_t from, const Hash& id);
  std::map<std::uint16_t, Rebuilds> rebuilds_;
  std::uint64_t order_ = 0, asked_ = 0, fell_back_ = 0;
};

}  // namespace dos::net
