// The chain on this node's disk: final blocks, those above the last of them, journal, code and content as one. One driver (a loop, or the
// simulator) changes it; what every other reader may use, and under which lock, its parts say. Any set of validators: who agrees on what
// is consensus' business.
#pragma once
#include <functional>

#include "chain/block_journal.hpp"
#include "chain/block_payload.hpp"
#include "chain/chain_identity.hpp"
#include "chain/final_blocks.hpp"
#include "chain/kept_content.hpp"
#include "chain/system_code.hpp"
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

  const ChainIdentity& identity() const { return identity_; }
  const ledger::Genesis& genesis() const { return identity_.genesis; }
  const consensus::ChainFacts& facts() const { return identity_.facts; }

  FinalBlocks& finals() { return *finals_; }
  const FinalBlocks& finals() const { return *finals_; }
  kernel::SignatureCache& signatures() const { return *signatures_; }
  SystemCode& code() { return *code_; }
  KeptContent& content() { return *content_; }
  kernel::BlockContext next_context(TimeMs time) const;              // under finals().lock(): of the block after the last final one

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
  // For a block of that time on this one, of which the same holds. While it is used: finals().lock(), shared.
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
  Chain(ChainIdentity identity, Edges edges) : identity_(std::move(identity)), edges_(edges) {}
  Status open_parts(const ChainConfig& config, ChainDisks disks, Sharing sharing);
  Status start(const ModuleSource& modules);
  Status execute_archive();
  Status read_journal();
  Status finalize_from_journal(const std::map<std::uint64_t, consensus::FinalityProof>& finals);
  kernel::BlockContext context_on(const Hash& parent, TimeMs time) const;
  Status run(TreeBlock& block);  // without `block.run` afterwards: it is not valid
  Result<bool> fits(const TreeBlock& block);  // what the header claims about its parent and the rules in force
  Status commit(TreeBlock& block, ledger::Anchor anchor, bool archive_too, const Done& done);
  void leave(const Hash& id, bool final);

  ChainIdentity identity_;
  Edges edges_;
  std::unique_ptr<FinalBlocks> finals_;
  std::unique_ptr<BlockJournal> journal_;
  std::unique_ptr<SystemCode> code_;
  std::unique_ptr<KeptContent> content_;
  std::unique_ptr<kernel::SignatureCache> signatures_;
  kernel::ReplayWindow window_;  // of final blocks
  consensus::Tip tip_;
  BlockTree tree_;
  std::function<void(TreeBlock&, bool)> on_leave_;
  Counters counters_;
};

}  // namespace dos::chain
