// The engine's hands: gives it what arrives and does what it says, each output wholly before the next. Blocks come and go
// here: building, proposing, fetching, executing, committing, catching up.
#pragma once
#include <deque>

#include "chain/chain.hpp"
#include "net/block_sync.hpp"
#include "net/compact_blocks.hpp"
#include "net/range_server.hpp"
#include "replica/queues.hpp"
#include "replica/router.hpp"
#include "replica/transaction_desk.hpp"

namespace dos::replica {

inline constexpr std::uint32_t kRecentBlocks = 8;         // final ones still given to who fetches them by id
inline constexpr std::uint64_t kAskAgainNs = 500'000'000;
inline constexpr std::uint32_t kUnprovedBlocks = 4;       // payloads that one validator sent unasked, not voted for or asked for
inline constexpr std::uint64_t kBlockBytes = 16 * 1024;   // counted for a block beside its payload: header, vote, places

// What ordering tells its owner. Called from within its calls.
struct OrderingEvents {
  virtual ~OrderingEvents() = default;
  virtual void committed(chain::MadeBlock made) = 0;             // ascending
  virtual void punish(std::uint16_t peer, const std::string& why) = 0;
  virtual void stopped(const Error& why) = 0;             // the node must halt; nothing is done any more
};

class Ordering final : private net::BlockArrivals, private net::SyncTarget {
 public:
  static Result<std::unique_ptr<Ordering>> make(chain::Chain& chain, TransactionDesk& desk, const crypto::SigningKey& vote_key,
                                                consensus::Timing timing, bool key_unused, chain::Edges edges, net::Outbox& out,
                                                OrderingEvents& events);
  void start();
  void demand();        // transactions came into the pool
  void ask_block();     // a block is wanted even if it is empty
  void take_messages(Router& router);  // the engine's, and all about blocks
  void received(std::uint16_t from, net::ProposeFrame frame);
  void received(std::uint16_t from, net::GetBlock ask);
  void received(std::uint16_t from, net::GetTransactions ask);
  void peer_up(std::uint16_t peer, Height height);
  void peer_down(std::uint16_t peer);
  std::uint64_t demands() const { return demands_; }
  void wake_ranges();  // a piece of an answer
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;

  consensus::EngineStatus status() const { return engine_->status(); }
  bool catching_up() const { return sync_.running(); }
  void measure(QueueSizes& into) const;
  Status checkpoint();

 private:
  Ordering(chain::Chain& chain, TransactionDesk& desk, chain::Edges edges, net::Outbox& out, OrderingEvents& events);
  struct Built {  // by this node, not yet under a header
    Bytes payload;
    ledger::PayloadCommit commit;
    ledger::Payload packed;
    chain::BlockTransactions content;
  };
  struct Recent {
    consensus::Proposal proposal;
    Bytes payload;
  };

  void feed(consensus::Input input);
  void work();                            // until nothing is to be done
  consensus::Demand wanted() const;
  void halt(const Error& why);
  void stop_on(const Status& status) {
    if (!status) halt(status.error());
  }
  // one for each output
  void apply(consensus::Persist& o);
  void apply(consensus::Send& o);
  void apply(consensus::Build& o);
  void apply(consensus::Proposed& o);
  void apply(consensus::Fetch& o);
  void apply(consensus::Execute& o);
  void apply(consensus::Finalize& o);
  void apply(consensus::CatchUp& o);
  void apply(consensus::Drop& o);
  void apply(consensus::Unload& o);
  void apply(consensus::Misbehaviour& o);
  void apply(consensus::Punish& o);
  void apply(consensus::StopVoting& o);
  void apply(consensus::Halt& o);

  Result<std::vector<PoolRef>> choose(const Hash& parent, TimeMs time, const ledger::Params& params, const std::set<Hash>& carried);
  Status judge_again();
  void left(chain::TreeBlock& block, bool final);
  void committed(chain::MadeBlock made);
  std::optional<consensus::Proposal> held(const Hash& id, Bytes& payload);
  Result<std::optional<net::FinalBlock>> read_final(Height height) const;
  void forget_unwanted();
  bool may_keep(std::uint16_t proposer, const Hash& id) const;

  void block_arrived(std::uint16_t from, consensus::Proposal proposal, Bytes payload, std::vector<Hash> pending) override;
  chain::BlockTransactions from_pool(const std::vector<Hash>& wtxids) const;
  Status adopt(std::uint16_t from, net::FinalBlock block) override;

  chain::Chain& chain_;
  TransactionDesk& desk_;
  chain::Edges edges_;
  net::Outbox& out_;
  OrderingEvents& events_;
  net::BlockFetch fetch_;
  net::CompactBlocks compact_;
  net::BlockSync sync_;
  net::RangeServer ranges_;
  std::unique_ptr<consensus::Engine> engine_;
  std::deque<consensus::Input> inputs_;
  consensus::Demand demand_;
  std::optional<Built> built_;
  std::optional<std::pair<Hash, ledger::Payload>> proposed_;  // own newest block, in parts: peers ask for transactions of it
  std::deque<std::pair<Hash, Recent>> recent_;
  using Lost = std::vector<std::pair<Hash, Error>>;
  std::map<Hash, Lost> lost_;         // by block of the tree: what can stand in none on top of it, given up when it is final
  std::set<Hash> wanted_;             // ids that the engine has asked for, or made durable
  std::set<Hash> execute_when_here_;  // an Execute that waits for a payload which had to be fetched again
  std::uint64_t asked_again_ns_ = 0;  // a block that was asked for and is under way has time until then to become final
  bool started_ = false, working_ = false, halted_ = false, block_asked_ = false;
  bool more_ = false;  // transactions came: the engine may have been told that there is nothing to build
  std::uint64_t demands_ = 0;
};

}  // namespace dos::replica
