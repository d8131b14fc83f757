// One validator's logic, whole, on one thread: engine, chain, pool and the protocol between validators. It owns no thread,
// socket or clock: what drives it is a loop over real links and time (node/os), or the simulator. Nothing here asks which.
//
// Contract with whoever drives it: calls never overlap; after each call, `wakeup_ns()` says when `wake()` is due at the latest.
// An output of the engine is done wholly before the next: Persist syncs the journal, only then what stands behind it is sent.
#pragma once
#include "consensus/engine.hpp"
#include "net/messages.hpp"
#include "node/chain.hpp"
#include "node/pool.hpp"

namespace dos::node {

struct ReplicaConfig {
  ChainConfig chain;
  PoolLimits pool;
  consensus::Timing timing;
  std::string listen;                 // host:port that peers may dial; empty: none
  std::uint64_t gossip_wait_ns = 1'000'000;
};
struct ReplicaEdges {
  Edges chain;                        // clock, entropy, log
  Transport& transport;
};

// Called on the driving thread.
struct ReplicaEvents {
  virtual ~ReplicaEvents() = default;
  virtual void final_block(const MadeBlock& made, const std::vector<PoolEntry>& mine) = 0;  // ascending; `mine`: from this pool
  virtual void refused(const PoolEntry& entry, const Error& why) = 0;  // it will be in no block
  virtual void halted(const Error& why) = 0;
};

class Replica final : public LinkEvents {
 public:
  static Result<std::unique_ptr<Replica>> open(ReplicaConfig config, ChainDisks disks, const crypto::SigningKey& vote_key,
                                               const crypto::SigningKey& node_key, ReplicaEdges edges, ReplicaEvents& events);
  ~Replica() override;

  void start();                        // dials, takes part
  void wake();
  std::optional<std::uint64_t> wakeup_ns() const;
  void link_up(LinkId link, const Hash& peer) override;
  void link_bytes(LinkId link, BytesView bytes) override;
  void link_down(LinkId link) override;

  // Adds an admitted transaction and gossips it. pool_full, busy, conflict.
  Status submit(PoolEntry entry);
  // Asks all validators (itself included) up to where they voted FINAL; `done` once a strong set said so or `timeout_ms` passed.
  void ask_tip(const Hash& nonce, std::uint64_t timeout_ms, std::function<void(ledger::TipAnswer)> done);
  // Every validator stores these durably and signs; `done` once all have or `timeout_ms` passed with what there is.
  void ask_stored(std::vector<ledger::BlobRef> blobs, std::uint64_t timeout_ms, std::function<void(Result<ledger::StoredAnswer>)> done);
  void offer(const ledger::BlobManifest& manifest);  // an upload began here: peers may pull along

  Chain& chain();
  consensus::EngineStatus engine() const;
  std::vector<bool> linked() const;    // by validator
  Status checkpoint();
};

}  // namespace dos::node
