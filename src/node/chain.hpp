// The chain on this node's disk: store, journal, archive and blobs as one. One thread (the writer) makes blocks; every
// reader holds `lock()` while it uses store() or archive(), so that what it sees is one height.
//   DATA/state    object log, forest, index      DATA/journal    own votes and blocks since the last checkpoint
//   DATA/archive  final blocks                   DATA/blobs      content
#pragma once
#include <mutex>


#include "consensus/solo_order.hpp"
#include "kernel/kernel.hpp"
#include "ledger/wire.hpp"
#include "node/turn_lock.hpp"
#include "node/system_code.hpp"
#include "store/block_archive.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

namespace dos::node {

struct Edges {
  Clock& clock;
  Entropy& entropy;
  Log& log;
};
struct ChainDisks {  // one folder tree each; they outlive the chain
  Disk &state, &journal, &archive, &blobs, &code;
};
struct ChainConfig {
  std::string data;             // folder
  Bytes genesis;                // BCS(Genesis)
  std::string modules;          // folder with NAME.wasm
  Hash code_key;                // secret of this node for its cache of compiled code; zero: none is kept
  std::uint64_t checkpoint_bytes = 16ull << 20;    // of payload since the last checkpoint
  std::uint64_t checkpoint_ns = 30'000'000'000;    // of activity; an idle chain writes nothing
  std::uint64_t unclaimed_quota_bytes = 4ull << 30;
};

// What the archive keeps in `certificate`: the block's result, and how it is final (ledger::Anchor without the header).
struct CertifiedResult {
  ledger::ResultParts parts;
  std::vector<ledger::Header> path;
  ledger::Certificate certificate;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.parts, s.path, s.certificate); }
};

struct MadeBlock {
  ledger::Anchor anchor;
  std::vector<ledger::Receipt> receipts;
};

class Chain {
 public:
  // Opens or makes the data folder, executes again what the journal and archive hold above the last checkpoint and
  // compares (a difference is `corrupt`: the node halts), and makes block 1. `key` must outlive the chain.
  static Result<std::unique_ptr<Chain>> open(ChainConfig config, const crypto::SigningKey& key, Edges edges);
  ~Chain();

  const ledger::Genesis& genesis() const { return genesis_; }
  const Bytes& genesis_bytes() const { return config_.genesis; }
  const Hash& id() const { return id_; }
  std::uint16_t voter() const { return facts_.voter; }
  const consensus::ChainFacts& facts() const { return facts_; }
  std::uint64_t boots() const { return boots_; }
  const std::string& why_no_votes() const { return why_no_votes_; }  // empty: votes

  TurnLock& lock() const { return lock_; }
  const store::Store& store() const { return *store_; }              // under lock()
  const store::BlockArchive& archive() const { return *archive_; }   // under lock()
  const std::optional<ledger::Anchor>& anchor() const { return anchor_; }  // under lock()
  SystemCode& code() { return *code_; }
  store::BlobStore& blobs() { return code_->blobs(); }               // under blobs_lock()
  TurnLock& blobs_lock() const { return blobs_lock_; }
  kernel::BlockContext next_context(TimeMs time) const;              // under lock()
  ledger::Params params() const { return params_; }                  // writer

  // ---- the writer
  TimeMs next_time() const;
  // One block: executed, signed, durable, committed, in that order. An error is final: the chain must not be used again.
  Result<MadeBlock> make_block(const std::vector<ledger::SignedTransaction>& txs, std::span<const Hash> wtxids);
  Status checkpoint_if_due();
  Status checkpoint();

  static Result<MadeBlock> read_block(const store::BlockArchive& archive, Height height, Bytes* payload = nullptr);  // not_found

 private:
  Chain(ChainConfig config, Edges edges) : config_(std::move(config)), edges_(edges) {}
  Status open_parts();
  Status start(const crypto::SigningKey& key);
  Status commit_genesis();
  Status rebuild_window(Height upto);
  Status execute_again(const consensus::JournalImage& journal, Height tip);
  Result<Hash> params_hash() const;
  Status keep(const store::StageRef& stage, const store::Delta& delta, const ledger::Anchor& anchor, const Bytes& payload,
              const std::vector<ledger::Receipt>& receipts, bool archive_too);
  Status keep_blobs(const store::Delta& delta, const std::vector<Bytes>& dropped);
  Status claim_live_blobs();  // of every revision in the state

  ChainConfig config_;
  Edges edges_;
  ledger::Genesis genesis_;
  Hash id_;
  consensus::ChainFacts facts_;
  std::unique_ptr<Disk> state_disk_, journal_disk_, archive_disk_, blob_disk_, code_disk_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<store::BlockArchive> archive_;
  std::unique_ptr<SystemCode> code_;
  std::unique_ptr<kernel::SignatureCache> cache_;
  kernel::ReplayWindow window_;
  std::optional<consensus::SoloOrder> order_;
  std::string why_no_votes_;
  std::optional<ledger::Anchor> anchor_;
  ledger::Params params_;
  std::uint64_t boots_ = 0, bytes_since_checkpoint_ = 0, last_checkpoint_ns_ = 0;
  mutable TurnLock lock_, blobs_lock_;
};

}  // namespace dos::node
