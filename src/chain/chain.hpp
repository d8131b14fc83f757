// The chain on this node's disk: store, journal, archive and blobs as one, and the blocks above the last final one. One
// driver (a loop, or the simulator) changes it; every other reader holds `lock()` while it uses store() or archive(), so that
// what it sees is one height. Any set of validators: who agrees on what is consensus' business.
#pragma once
#include <functional>

#include "chain/block_journal.hpp"
#include "chain/block_payload.hpp"
#include "chain/kept_content.hpp"
#include "chain/made_block.hpp"
#include "chain/system_code.hpp"
#include "consensus/engines.hpp"
#include "kernel/selection.hpp"

namespace dos::chain {

struct Sharing {  // of one chain by several threads; empty: one thread has it alone
  std::unique_ptr<ReadGate> state, blobs;
  std::unique_ptr<kernel::SignatureCache> signatures;  // of kKeptSignatures
};
inline constexpr std::size_t kKeptSignatures = 65'536;
struct ChainConfig {
  Bytes genesis;                // BCS(Genesis)
  ModuleSource modules;         // the system modules' code, until the blobs hold it
  ledger::SystemRules rules;    // what is done natively for them
  const consensus::EngineRow* engine = nullptr;  // none: that of the genesis
  Hash code_key;                // secret of this node for its cache of compiled code; zero: none is kept
  CheckpointRule checkpoint;
  std::uint64_t unclaimed_quota_bytes = 4ull << 30;
  store::StoreOptions store;
  store::JournalOptions journal;
  std::uint64_t archive_segment_bytes = 64ull << 20;
};

class Chain {
 public:
  // Opens what the disks hold or begins the chain, executes again what archive and journal hold above the last checkpoint
  // and compares (a difference is `corrupt`: the node halts). Blocks of the journal that are not known final stand in the tree.
  static Result<std::unique_ptr<Chain>> open(ChainConfig config, ChainDisks disks, const crypto::PublicKey& vote_key, Edges edges,
                                             Sharing sharing = {});
  ~Chain();

  const ledger::Genesis& genesis() const { return genesis_; }
  const Bytes& genesis_bytes() const { return config_.genesis; }
  const ledger::SystemRules& rules() const { return config_.rules; }
  const Hash& id() const { return facts_.chain; }
  std::uint16_t voter() const { return facts_.voter; }
  const consensus::ChainFacts& facts() const { return facts_; }

  ReadGate& lock() const { return *sharing_.state; }
  const store::Store& store() const { return *store_; }              // under lock(), shared
  const store::BlockArchive& archive() const { return *archive_; }   // under lock(), shared
  const std::optional<ledger::Anchor>& anchor() const { return anchor_; }  // under lock(), shared
  kernel::SignatureCache& signatures() const { return *sharing_.signatures; }
  SystemCode& code() { return *code_; }
  KeptContent& content() { return *content_; }
  kernel::BlockContext next_context(TimeMs time) const;              // under lock(): of the block after the last final one

  // ---- the driver's from here on
  const consensus::Tip& tip() const { return tip_; }                 // the last final block
  BlockTree& tree() { return tree_; }
  const BlockTree& tree() const { return tree_; }
  bool final_id(const Hash& txid) const { return window_.seen(txid); }  // recorded within the replay window
  BlockJournal& journal() { return *journal_; }
  const BlockJournal& journal() const { return *journal_; }

  // One sync group: records, and the payloads of these blocks of the tree. Durable when it returns.
  Status persist(std::vector<consensus::EngineRecord> records, std::span<const Hash> payloads);

  // Parent executed or final, payload held. The block's parameters, parent's result and limits are judged here.
  Result<consensus::Executed> execute(const Hash& id);
  Result<ledger::Params> params_after(const Hash& id);               // of a block in the tree that is executed, or of the tip
  Result<Hash> result_of(const Hash& id) const;                      // likewise
  TimeMs time_of(const Hash& id) const;
  // For a block of that time on this one, of which the same holds. While it is used: lock(), shared.
  kernel::Selection selection(const Hash& parent, TimeMs time, const ledger::Params& params) const;

  // These blocks, ascending from the one above the tip, are final by the proof of the last. Commits all, in order.
  // corrupt: this node computed another result than was certified. `done` after each.
  using Done = std::function<void(MadeBlock made)>;
  Status finalize(std::span<const Hash> ids, const consensus::FinalityProof& proof, const Done& done);
  // A block that is final elsewhere, the one above the tip: verified by its anchor, executed, compared, committed.
  // proof_invalid, signature_invalid, malformed: it is wrong; corrupt: this node is.
  Status adopt(const ledger::Anchor& anchor, Bytes payload, const Done& done);
  void drop(std::span<const Hash> ids);                              // and what stands on them
  // Called with each block that leaves the tree, final or lost, just before.
  void on_leave(std::function<void(TreeBlock& block, bool final)> f) { on_leave_ = std::move(f); }

  Status checkpoint(std::vector<consensus::EngineRecord> live);            // `live`: what the engine must find again

  struct Counters {  // since it was opened
    std::uint64_t block_ns = 0, checkpoints = 0;  // time spent executing, persisting and committing
  };
  Counters counters() const { return {counters_.block_ns + journal_->spent_ns(), counters_.checkpoints}; }

 private:
  Chain(ChainConfig config, ChainDisks disks, Edges edges) : config_(std::move(config)), disks_(disks), edges_(edges) {}
  Status open_parts();
  Status start();
  Status commit_genesis();
  Status rebuild_window(Height upto);
  Status execute_archive();
  Status read_journal();
  Status finalize_from_journal(const std::map<std::uint64_t, consensus::FinalityProof>& finals);
  kernel::BlockContext context_on(const Hash& parent, TimeMs time) const;
  Status run(TreeBlock& block);  // without `block.run` afterwards: it is not valid
  Result<bool> fits(const TreeBlock& block);  // what the header claims about its parent and the rules in force
  Status commit(TreeBlock& block, ledger::Anchor anchor, bool archive_too, const Done& done);
  void leave(const Hash& id, bool final);

  ChainConfig config_;
  ChainDisks disks_;
  Edges edges_;
  Sharing sharing_;
  ledger::Genesis genesis_;
  consensus::ChainFacts facts_;
  Hash valset_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<BlockJournal> journal_;
  std::unique_ptr<store::BlockArchive> archive_;
  std::unique_ptr<SystemCode> code_;
  std::unique_ptr<KeptContent> content_;
  kernel::ReplayWindow window_;  // of final blocks
  consensus::Tip tip_;
  BlockTree tree_;
  std::optional<ledger::Anchor> anchor_;
  std::function<void(TreeBlock&, bool)> on_leave_;
  Counters counters_;
};

}  // namespace dos::chain
