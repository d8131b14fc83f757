// Blocks that the engine asks for, from those who have voted for them: one at a time, the next when it does not answer.
#pragma once
#include <deque>
#include <map>

#include "base/edge.hpp"
#include "consensus/engine.hpp"
#include "net/outbox.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxFetches = 256;               // the lowest views make room
inline constexpr std::uint32_t kMaxPushedPerPeer = 8;           // the oldest makes room
inline constexpr std::uint32_t kMaxPushedAsks = 8;              // then it is forgotten
inline constexpr std::uint64_t kFetchWaitNs = 300'000'000;      // for one holder's answer; doubled each round
inline constexpr std::uint64_t kFetchWaitMaxNs = 5'000'000'000;

// Length and hash of the payload are what the header commits to. content_mismatch: whoever sent it is wrong, not the block.
Status check_payload(const ledger::Header& header, BytesView payload);

struct BlockArrivals {
  virtual ~BlockArrivals() = default;
  // The payload is what the header commits to; if the header was not known, `proposal.vote` is its proposer's. Whether the
  // transactions are valid is not known. Comes from within calls to the parts of net/.
  // The payload is what the header names. `pending`: the wtxids of its transactions, in order, where all of them were in the pool;
  // else empty.
  virtual void block_arrived(std::uint16_t from, consensus::Proposal proposal, Bytes payload, std::vector<Hash> pending) = 0;
};

class BlockFetch {
 public:
  BlockFetch(const consensus::ChainFacts& facts, Outbox& out, Clock& clock, BlockArrivals& arrivals);  // facts outlive it
  void want(const consensus::Fetch& fetch);                 // again: holders are added
  // `from` sent a header without its payload. Few of these a peer, for a while only: nobody else has vouched for them.
  void want_pushed(std::uint16_t from, const Hash& id, View view);
  // `from` is being asked for what lacks of it (compact blocks): its header's senders are not asked for all of it before.
  void hold(const Hash& id, std::uint16_t from, std::uint64_t until_ns);
  void release(const Hash& id);                             // it will not: ask now, if it is wanted
  void have(const Hash& id);                                // came another way, or is not wanted any more
  void final_view(View view);                               // forgets everything at or below
  void received(std::uint16_t from, BlockFrame frame);
  void peer_down(std::uint16_t peer);
  bool wanted(const Hash& id) const { return wants_.contains(id); }
  std::size_t wants() const { return wants_.size(); }
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;
  std::uint64_t unasked() const { return unasked_; }        // frames that nobody here had asked for, or with wrong contents

 private:
  struct Want {
    View view;
    bool header_known = false;
    std::deque<std::uint16_t> holders;    // next first
    std::optional<std::uint16_t> asked;
    std::uint64_t due_ns = 0;             // ask the next one then
    std::uint32_t asks = 0;
    std::vector<std::uint16_t> wrong;     // who sent something else: the first time only, the next one is asked at once
    std::uint64_t order = 0;
    std::optional<std::uint16_t> sender;  // of the header without the payload
    bool pushed_only = false;             // wanted for no other reason
  };
  Want& note(const Hash& id, View view);
  void ask(Want& want, const Hash& id);

  const consensus::ChainFacts& facts_;
  Outbox& out_;
  Clock& clock_;
  BlockArrivals& arrivals_;
  std::map<Hash, Want> wants_;
  struct Held {
    std::uint64_t until_ns = 0;
    std::uint16_t sender = 0;
  };
  std::map<Hash, Held> held_until_;  // as many as compact blocks puts together
  std::uint64_t order_ = 0, unasked_ = 0;
};

}  // namespace dos::net
