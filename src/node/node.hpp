// A node: chain, pool, blobs and the thread that makes blocks, as the API's backend. Requests are admitted on the caller's
// thread; while a block executes, the next ones gather for the following block. Idle, nothing runs and nothing is written.
#pragma once
#include <condition_variable>
#include <map>
#include <thread>

#include "api/backend.hpp"
#include "node/chain.hpp"
#include "node/disk_reserve.hpp"
#include "node/metrics.hpp"
#include "node/pool.hpp"
#include "node/ticket.hpp"

namespace dos::node {

struct NodeConfig {
  ChainConfig chain;
  PoolLimits pool;
  DiskReserve::Ask disk_space = node::disk_space;
  std::function<void(const Error&)> on_halt;  // called once if the node has to stop (disk failure, nondeterminism)
};

class Node final : public api::Backend {
 public:
  static Result<std::unique_ptr<Node>> open(NodeConfig config, crypto::SigningKey vote_key, Edges edges);
  ~Node() override;
  // Stops accepting, answers who waits, makes a checkpoint. Later calls do nothing.
  Status stop();

  api::NodeStatus status() const override;
  std::vector<api::RecentBlock> recent_blocks() const override;
  const Bytes& genesis() const override { return chain_->genesis_bytes(); }
  std::string metrics() const override;
  void count_request(unsigned route, int status) override { metrics_.count_request(route, status); }
  Result<ledger::Anchor> anchor() const override;
  Result<ledger::TipAnswer> tip(const Hash& nonce) const override;
  void state(ledger::StateQuery query, api::Answer<ledger::StateAnswer> done) override;
  Result<ledger::BlockAnswer> block(std::optional<Height> height) const override;
  void submit(ledger::SubmitRequest request, bool wait, std::uint64_t timeout_ms,
              api::Answer<ledger::SubmitAnswer> done) override;
  Result<ledger::SubmitAnswer> transaction(const Hash& txid) const override;
  Result<ledger::Receipt> dry_run(BytesView signed_transaction) const override;
  Result<ledger::BlobStatus> begin_blob(ledger::BlobManifest manifest) override;
  Status put_chunk(const Hash& root, std::uint64_t index, BytesView chunk) override;
  Result<ledger::BlobManifest> blob(const Hash& root) const override;
  Result<Bytes> chunk(const Hash& root, std::uint64_t index) const override;
  Result<ledger::StoredAnswer> stored(const ledger::StoredRequest& request) override;

 private:
  struct HeightWait {
    Height height;
    std::uint64_t deadline_ns;
    std::function<void(bool reached)> done;
  };
  Node(NodeConfig config, crypto::SigningKey key, Edges edges)
      : config_(std::move(config)), key_(std::move(key)), edges_(edges), reserve_(config_.chain.data, config_.disk_space), pool_(config_.pool) {}

  Result<ledger::StateAnswer> read_state(const ledger::StateQuery& query) const;
  void hand_in(const Bytes& encoded, std::uint32_t index, const std::shared_ptr<Ticket>& ticket);
  Result<PoolEntry> admit(const Bytes& encoded, ledger::SignedTransaction tx, const Hash& txid) const;
  // Puts the outcome of a recorded transaction; false if there is none.
  Result<bool> put_recorded(const Hash& txid, std::uint32_t index, Ticket& ticket) const;

  // the block thread
  void run();
  void make_one(std::vector<std::shared_ptr<PoolEntry>> taken);
  void deliver(const std::vector<std::shared_ptr<PoolEntry>>& entries, const MadeBlock& made);
  void refuse(const std::vector<std::shared_ptr<PoolEntry>>& entries, const Error& why);
  void expire_waits();
  void wake_heights(Height height);
  void halt(const Error& why);

  NodeConfig config_;
  crypto::SigningKey key_;
  Edges edges_;
  DiskReserve reserve_;
  std::unique_ptr<Chain> chain_;
  mutable Metrics metrics_;
  std::uint64_t started_ms_ = 0;

  mutable std::mutex mutex_;  // all below
  std::condition_variable wake_;
  Pool pool_;
  std::multimap<std::uint64_t, std::weak_ptr<Ticket>> deadlines_;
  std::vector<HeightWait> height_waits_;
  std::vector<api::RecentBlock> recent_;
  bool stopping_ = false, stopped_ = false;
  std::string halted_;
  mutable std::mutex dry_run_mutex_;  // one at a time: blocks wait for it
  std::thread thread_;
};

}  // namespace dos::node
