// One validator's logic, whole, on one thread: engine, chain, pool and the protocol between validators. It owns no thread,
// socket or clock: what drives it is a loop over real links and time (node/), or the simulator. Nothing here asks which.
//
// Contract with whoever drives it: calls never overlap; after each call, `wakeup_ns()` says when `wake()` is due at the latest.
// An output of the engine is done wholly before the next: Persist syncs the journal, only then what stands behind it is sent;
// what stands before it is on its way.
// The edges, keys and events outlive it.
#pragma once
#include "chain/chain.hpp"
#include "consensus/engine.hpp"
#include "net/messages.hpp"
#include "replica/queues.hpp"
#include "replica/transaction_desk.hpp"

namespace dos::replica {

struct ReplicaConfig {
  chain::ChainConfig chain;
  chain::Sharing sharing;
  PoolLimits pool;
  consensus::Timing timing;
  bool key_unused = false;            // this vote key was never used anywhere (consensus::EngineSetup)
  std::string listen;                 // host:port that peers may dial; empty: none
  std::map<std::string, std::string> peers;  // validator's name -> host:port, in place of its address in the genesis
  std::uint64_t gossip_wait_ns = 1'000'000;
  std::function<Status(std::uint64_t bytes)> room;  // disk_full: no content of others is taken in; none: never
  // Long work of the disk, and what follows on the driving thread (content_service.hpp); none: at once.
  std::function<void(std::move_only_function<Status()> work, std::move_only_function<void(Status)> then)> aside;
};
struct ReplicaEdges {
  chain::Edges chain;                        // clock, entropy, log
  Transport& transport;
};

struct Included {                     // a transaction of this node's pool that became final
  Hash txid;
  std::uint32_t index = 0;            // of its receipt
};
// Called on the driving thread, from within the replica's calls: it must not call back into it.
struct ReplicaEvents {
  virtual ~ReplicaEvents() = default;
  virtual void final_block(const chain::MadeBlock& made, const std::vector<Included>& mine) = 0;  // ascending
  virtual void refused(const Hash& txid, const Error& why) = 0;        // it waited here, and will be in no block
  virtual void halted(const Error& why) = 0;                           // once; nothing is done any more
};

struct ReplicaStatus {
  consensus::EngineStatus engine;
  consensus::Tip tip;
  std::vector<bool> linked;           // by validator; this one's own place: true
  bool catching_up = false;
  chain::Chain::Counters work;
  std::uint64_t pool_count = 0, pool_bytes = 0, missing_blobs = 0;
  std::uint64_t pool_payers = 0, pool_bare_keys = 0;
  std::uint64_t pool_refused = 0;     // of what other validators sent
  std::uint64_t demands = 0;          // times the engine was told that a block is wanted, or more for it
  QueueSizes queues;
};

class Replica final : public LinkEvents {
 public:
  static Result<std::unique_ptr<Replica>> open(ReplicaConfig config, chain::ChainDisks disks, const crypto::SigningKey& vote_key,
                                               const crypto::SigningKey& node_key, ReplicaEdges edges, ReplicaEvents& events);
  ~Replica() override;

  void start();                        // dials, takes part. The transport's events come from here on
  void wake();
  std::optional<std::uint64_t> wakeup_ns() const;
  void link_up(LinkId link, const Hash& peer) override;
  void link_bytes(LinkId link, BytesView bytes) override;
  void link_down(LinkId link) override;

  // Adds admitted transactions and gossips them; one answer each: duplicate (it is final), pool_full, busy, conflict. All are
  // in the pool before a block is thought of. `taken`: of each that is, by its place, before the next one is looked at: that one may
  // crowd it out, which is told to `refused`.
  std::vector<Status> submit(std::vector<PoolEntry> entries, const std::function<void(std::size_t place)>& taken = {});
  // Asks all validators (itself included) up to where they voted FINAL; `done` once a strong set said so and this node has
  // their height, or `timeout_ms` passed.
  void ask_tip(const Hash& nonce, std::uint64_t timeout_ms, std::function<void(Result<ledger::TipAnswer>)> done,
               std::function<void(std::size_t asked, std::size_t sharing)> begun = {});
  // Every validator stores these durably and signs; `done` once all linked have or `timeout_ms` passed with what there is.
  void ask_stored(std::vector<ledger::BlobRef> blobs, std::uint64_t timeout_ms, std::function<void(Result<ledger::StoredAnswer>)> done,
                  const std::function<Status()>& pay = {});  // of a round of signatures
  void upload_begun();                 // here: what comes of it is looked after
  void chunk_here(const Hash& root, std::uint32_t index);  // an upload's chunk came
  Standing standing(const Hash& txid) const;

  chain::Chain& chain();
  ReplicaStatus status() const;
  Status checkpoint();                 // before a clean stop
  std::vector<Hash> drain();           // empties the pool, whose transactions these are: the node stops

 private:
  struct Parts;
  explicit Replica(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace dos::replica
