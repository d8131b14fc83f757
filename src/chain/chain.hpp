// The chain on this node's disk: final blocks, those above the last of them, journal, code and content as one. One driver (a loop, or the
// simulator) changes it; what every other reader may use, and under which lock, its parts say. Any set of validators: who agrees on what
// is consensus' business.
#pragma once
#include <functional>

#include "chain/block_journal.hpp"
#include "chain/block_payload.hpp"
#include "chain/kept_content.hpp"
#include "chain/system_code.hpp"
#include "chain/unfinal_blocks.hpp"

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
  const consensus::Tip& tip() const { return unfinal_->tip(); }      // the last final block
  UnfinalBlocks& unfinal() { return *unfinal_; }
  const UnfinalBlocks& unfinal() const { return *unfinal_; }
  BlockJournal& journal() { return *journal_; }
  const BlockJournal& journal() const { return *journal_; }

  // One sync group: records, and the payloads of these blocks of the tree. Durable when it returns.
  Status persist(std::vector<consensus::EngineRecord> records, std::span<const Hash> payloads);

  // These blocks, ascending from the one above the tip, are final by the proof of the last. Commits all, in order.
  // corrupt: this node computed another result than was certified. `done` after each.
  using Done = std::function<void(MadeBlock made)>;
  Status finalize(std::span<const Hash> ids, const consensus::FinalityProof& proof, const Done& done);
  // A block that is final elsewhere, the one above the tip: verified by its anchor, executed, compared, committed.
  // proof_invalid, signature_invalid, malformed: it is wrong; corrupt: this node is.
  Status adopt(const ledger::Anchor& anchor, Bytes payload, const Done& done);

  Status checkpoint(std::vector<consensus::EngineRecord> live);            // `live`: what the engine must find again

  struct Counters {  // since it was opened
    std::uint64_t block_ns = 0, checkpoints = 0;  // time spent executing, persisting and committing
  };
  Counters counters() const { return {counters_.block_ns + unfinal_->spent_ns() + journal_->spent_ns(), counters_.checkpoints}; }

 private:
  Chain(ChainIdentity identity, Edges edges) : identity_(std::move(identity)), edges_(edges) {}
  Status open_parts(const ChainConfig& config, ChainDisks disks, Sharing sharing);
  Status start(const ModuleSource& modules);
  Status execute_archive();
  Status read_journal();
  Status finalize_from_journal(const std::map<std::uint64_t, consensus::FinalityProof>& finals);
  Status commit(TreeBlock& block, ledger::Anchor anchor, bool archive_too, const Done& done);

  ChainIdentity identity_;
  Edges edges_;
  std::unique_ptr<FinalBlocks> finals_;
  std::unique_ptr<BlockJournal> journal_;
  std::unique_ptr<SystemCode> code_;
  std::unique_ptr<KeptContent> content_;
  std::unique_ptr<kernel::SignatureCache> signatures_;
  std::unique_ptr<UnfinalBlocks> unfinal_;
  Counters counters_;
};

}  // namespace dos::chain
