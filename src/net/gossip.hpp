// Transactions on their way to all validators. Those handed in here go to everybody linked: together in frames of what came
// within a millisecond, alone at once when nothing was sent for that long. All validators are linked with each other, so
// what came from one is not passed on; only while no block becomes final (its sender may not reach the leaders), it is,
// once, within a budget. Nothing is sent to a peer that is known to have it.
#pragma once
#include <bitset>
#include <functional>
#include <map>

#include "base/edge.hpp"
#include "base/hash_table.hpp"
#include "net/outbox.hpp"
#include "net/rates.hpp"

namespace dos::net {

inline constexpr std::uint64_t kGossipWaitNs = 1'000'000;
inline constexpr std::uint64_t kRelayAfterNs = 300'000'000;    // without a final block
inline constexpr std::uint64_t kRelayBytesPerSecond = 1 << 20;
// What goes to a peer that comes up, over all its links: more of it follows little by little.
inline constexpr std::uint64_t kAgainBytesPerSecond = 4 << 20, kAgainBurst = 16 << 20;
inline constexpr std::uint64_t kAgainRetryNs = 50'000'000;
inline constexpr std::uint32_t kMaxGossipKnown = 65'536;       // transactions whose holders are remembered
inline constexpr std::uint32_t kMaxGossipOfPeer = 8'192;       // of these, first heard of one peer: its oldest makes room

// The pool, as gossip and compact blocks see it. It includes what stands in blocks that are not final.
struct PendingTransactions {
  virtual ~PendingTransactions() = default;
  virtual const ledger::SignedTransaction* find(const Hash& wtxid) const = 0;
  // Oldest first, until `take` returns false.
  virtual void each(const std::function<bool(const Hash& wtxid)>& take) const = 0;
};

class TransactionGossip {
 public:
  TransactionGossip(Outbox& out, Clock& clock, const PendingTransactions& pool, std::uint64_t wait_ns = kGossipWaitNs);
  void submitted(const Hash& wtxid, Bytes encoded);            // handed in here and admitted
  void heard(std::uint16_t from, const Hash& wtxid);           // came in `from`'s gossip (admitted or known already)
  void gone(const Hash& wtxid);                                // final or refused
  void block_final();                                          // the chain moves: relaying waits again
  void peer_up(std::uint16_t peer);                            // it gets what was handed in here and is still pending
  void peer_down(std::uint16_t peer);
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;            // none while nothing waits to be sent or relayed
  std::size_t known() const { return known_.size(); }
  std::uint64_t waiting_bytes() const { return waiting_bytes_; }

 private:
  using Peers = std::bitset<kMaxValidators>;
  struct Known {
    Peers have;
    std::uint64_t order = 0;
    bool here = false;      // handed in at this node
    bool foreign = false;   // came from a peer and has not been passed on
    std::optional<std::uint16_t> of;  // the peer it was first heard of
  };
  struct Waiting {
    Hash wtxid;
    Bytes encoded;
    std::uint64_t order = 0;  // as in Known: of this handing in
  };
  struct Again {            // to one peer
    TokenBucket budget{kAgainBytesPerSecond, kAgainBurst};
    std::optional<std::uint64_t> from;  // the order of the next that it may lack; none: it was sent all
  };
  Known* waits(const Waiting& w);
  Known& note(const Hash& wtxid);
  void forget(const Hash& wtxid);
  void make_room();
  void send_waiting();
  void send_again(std::uint16_t peer, const std::vector<Hash>& wtxids);
  void go_on(std::uint16_t peer, Again& again);
  void relay();

  Outbox& out_;
  Clock& clock_;
  const PendingTransactions& pool_;
  std::uint64_t wait_ns_;
  HashMap<Known> known_;
  std::map<std::uint64_t, Hash> by_age_;   // of `known_`
  std::map<std::uint16_t, std::map<std::uint64_t, Hash>> of_peers_;  // of these, by whom they were first heard of
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0, foreign_ = 0;
  std::uint64_t waiting_since_ns_ = 0, moved_ns_ = 0, order_ = 0;
  std::optional<std::uint64_t> last_frame_ns_;
  TokenBucket relay_budget_;
  std::map<std::uint16_t, Again> again_;
  std::optional<std::uint64_t> again_ns_;
};

}  // namespace dos::net
