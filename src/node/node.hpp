// A node: a replica on its loop, content and waiting requests, as the API's backend. Requests are admitted on the caller's
// thread; while the loop is at work the next ones gather and are handed over together. Idle, nothing runs and nothing is
// written.
#pragma once
#include <map>

#include "api/backend.hpp"
#include "api/budgets.hpp"
#include "node/disk_reserve.hpp"
#include "node/height_waits.hpp"
#include "node/metrics.hpp"
#include "node/questions.hpp"
#include "node/receipt_waits.hpp"
#include "node/recorded_blocks.hpp"
#include "node/replica_loop.hpp"
#include "node/waiters.hpp"

namespace dos::node {

inline constexpr std::uint64_t kMomentReads = 2'048;  // an answer that takes more is made on a thread for such
inline constexpr unsigned kMaxStarts = 3;  // of an answer about the present while blocks come: the last one lets none in between
inline constexpr std::uint64_t kMaxHeldReads = 8'192;  // of that last start: what takes more is asked for in parts, or at a height
inline constexpr Gas kMaxDryRunGas{8'000'000};  // anyone may ask, and blocks wait meanwhile
inline constexpr std::size_t kMaxLongQuestions = 64, kMaxLongQuestionsOfSource = 32;
inline constexpr std::size_t kMaxReceiptWaits = 65'536;  // requests that wait for receipts
inline constexpr std::size_t kMaxHeightWaits = 1'024, kMaxHeightWaitsOfSource = 512;  // reads that wait for a block
inline constexpr std::size_t kMaxDiskWork = 65'536;  // syncs of content that wait: promises and pulls have bounds of their own
inline constexpr std::uint64_t kJunkFactor = 10;  // what a transaction with wrong signatures costs, of its price
inline constexpr std::uint64_t kUnclaimedDiskShare = 2;  // one part in so many of the disk is for uploads that nothing names, unless set

struct NodeConfig {
  std::string data;  // folder: state, journal, archive, blobs, code
  chain::ChainConfig chain;
  replica::PoolLimits pool;
  links::PeerConfig links;  // to other validators; accepts nobody where this one is alone
  std::string p2p_name;  // host:port that others are told; empty: where it listens
  std::map<std::string, std::string> peers;  // validator's name -> host:port
  bool key_unused = false;  // consensus::EngineSetup
  DiskReserve::Ask disk_space = os::disk_space;
  std::function<void(const Error&)> on_halt;  // called once if the node has to stop (disk failure, nondeterminism)
};

class Node final : public api::Backend, private replica::ReplicaEvents {
 public:
  // Opened and at work; `wait_ready_ms`: returns once it can write, or then.
  static Result<std::unique_ptr<Node>> open(NodeConfig config, crypto::SigningKey vote_key, crypto::SigningKey node_key, chain::Edges edges,
                                            std::uint64_t wait_ready_ms);
  ~Node() override;
  // Stops accepting, answers who waits, makes a checkpoint. Later calls do nothing.
  Status stop();

  // Runs `work` on the thread of the replica, with its links (null where it has none). Nothing else happens there meanwhile.
  void on_thread(std::move_only_function<void(links::PeerTransport*)> work) { loop_->on_thread(std::move(work)); }
  std::uint16_t p2p_port() const { return loop_->port(); }
  void add_metrics(std::function<std::string()> more);  // of what serves its clients; before they come, empty at the end

  api::NodeStatus status() const override;
  std::vector<api::RecentBlock> recent_blocks() const override;
  const Bytes& genesis() const override { return chain_->identity().encoded; }
  std::string metrics() const override;
  void count_request(unsigned route, int status) override { metrics_.count_request(route, status); }
  Result<ledger::Anchor> anchor() const override;
  void tip(const Hash& nonce, api::Answer<ledger::TipAnswer> done, const api::Source& source = {}) override;
  std::optional<std::uint64_t> charge(const api::Source& source, std::uint64_t work) const override;
  void state(ledger::StateQuery query, api::Answer<ledger::StateAnswer> done, const api::Source& source = {}) override;
  Result<ledger::BlockAnswer> block(std::optional<Height> height, const api::Source& source = {}) const override;
  void submit(ledger::SubmitRequest request, bool wait, std::uint64_t timeout_ms, api::Answer<ledger::SubmitAnswer> done,
              const api::Source& source = {}) override;
  void transaction(const Hash& txid, api::Answer<ledger::SubmitAnswer> done, const api::Source& source = {}) const override;
  Result<ledger::Receipt> dry_run(BytesView signed_transaction, const api::Source& source = {}) const override;
  Result<ledger::BlobStatus> begin_blob(ledger::BlobManifest manifest, const api::Source& source = {}) override;
  Status put_chunk(const Hash& root, std::uint64_t index, BytesView chunk) override;
  Result<ledger::BlobManifest> blob(const Hash& root, const api::Source& source = {}) const override;
  Result<Bytes> chunk(const Hash& root, std::uint64_t index) const override;
  void stored(ledger::StoredRequest request, api::Answer<ledger::StoredAnswer> done, const api::Source& source = {}) override;

 private:
  Node(NodeConfig config, crypto::SigningKey vote_key, crypto::SigningKey node_key, chain::Edges edges);
  Status open_disks();

  Status pay(const api::Source& source, const api::Cost& cost) const;  // busy, limit
  void owe(const api::Source& source, const api::Cost& cost) const;  // for what was done
  // None: it takes more than `most_reads`.
  Result<std::optional<ledger::StateAnswer>> read_state(const ledger::StateQuery& query, const api::Source& source,
                                                        std::uint64_t most_reads) const;
  void answer_state(ledger::StateQuery query, api::Answer<ledger::StateAnswer> done, const api::Source& source);
  Status room_for(std::uint64_t bytes) const;  // on the disk; uploads that nothing names give way. Under the lock of content
  Status look_over(const Hash& root) const;    // not under the lock of content
  struct Handing;  // one submit request on its way
  struct Incoming {
    replica::PoolEntry entry;
    std::optional<Waiting> waiting;  // none: it was answered already
  };
  struct HandOver {  // for the loop: whatever came until it gets to it
    std::vector<Incoming> all;
    bool posted = false;
  };
  std::optional<Incoming> look_at(Handing& handing, Bytes encoded, std::uint32_t index);
  void refuse(Ticket& ticket, std::uint32_t index, const Hash& txid, const Error& why);
  // Puts the outcome of a recorded transaction; false if there is none. `source`: who pays for it, if anybody.
  Result<bool> put_recorded(const Hash& txid, std::uint32_t index, Ticket& ticket, const api::Source* source = nullptr) const;
  Result<std::optional<RecordedBlocks::Found>> recorded(const Hash& txid, const api::Source* source) const;
  std::string why_not_write() const;  // empty: it can; mutex_ held

  // on the loop
  void answer_asked(replica::Replica& replica) const;
  void hand_over(replica::Replica& replica);
  std::optional<std::uint64_t> chores(replica::Replica& replica);
  void expire_waits();
  void final_block(const chain::MadeBlock& made, const std::vector<replica::Included>& mine) override;
  void refused(const Hash& txid, const Error& why) override;
  void halted(const Error& why) override;
  void wake_heights(Height height);
  void aside(std::move_only_function<Status()> work, std::move_only_function<void(Status)> then);

  NodeConfig config_;
  crypto::SigningKey vote_key_, node_key_;
  chain::Edges edges_;
  DiskReserve reserve_;
  std::unique_ptr<Disk> state_disk_, journal_disk_, archive_disk_, blob_disk_, code_disk_;
  std::unique_ptr<ReplicaLoop> loop_;
  chain::Chain* chain_ = nullptr;
  mutable Metrics metrics_;
  mutable api::Budgets budgets_;
  std::unique_ptr<RecordedBlocks> recorded_;
  std::atomic<bool> asked_to_stop_{false};
  std::uint64_t started_ms_ = 0;

  mutable std::mutex mutex_;  // all below
  std::condition_variable changed_;
  HandOver incoming_;
  mutable Waiters waiters_;  // for what is in the replica's pool
  replica::ReplicaStatus now_;         // as the loop saw it last
  ReceiptWaits receipt_waits_{kMaxReceiptWaits};
  HeightWaits height_waits_{kMaxHeightWaits, kMaxHeightWaitsOfSource};
  std::vector<api::RecentBlock> recent_;
  bool stopping_ = false, stopped_ = false;
  std::string halted_;
  std::function<std::string()> more_metrics_;
  mutable std::mutex dry_run_mutex_;  // one at a time: blocks wait for it
  Questions prompt_{kMaxHeightWaits, kMaxHeightWaitsOfSource};  // whose height has come: not on the loop
  Questions lengthy_{kMaxLongQuestions, kMaxLongQuestionsOfSource};
  Questions disk_work_{kMaxDiskWork, kMaxDiskWork};  // syncs of content: neither under a lock nor on the loop
};

}  // namespace dos::node
