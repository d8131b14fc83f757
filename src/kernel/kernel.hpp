// The kernel: apply(view, block) -> (delta, receipts), a pure function (docs/spec/execution.md).
// A block is judged before anything of it runs: of each transaction shape, chain and window, seen, witnesses, and that the block has
// room and the payer covers it, all against the state below the block. One that fails makes the block invalid. Then, one after the
// other, access and versions, and calls in WebAssembly: versions that do not hold are STALE; a failed call undoes the transaction's
// effects. Both pay for what they made the kernel do (ledger/native_gas.hpp).
#pragma once
#include <memory>

#include "base/hash_table.hpp"
#include "crypto/key_digest.hpp"
#include "kernel/block/steps.hpp"
#include "ledger/genesis.hpp"
#include "ledger/module_rules.hpp"
#include "store/view.hpp"
#include "vm/runtimes.hpp"

namespace dos::kernel {

class Accounts;

struct BlockContext {
  Hash chain;
  Height height;
  TimeMs time;
  Epoch epoch;
  ledger::NetworkKind network = ledger::NetworkKind::local;
  crypto::Suite suite = crypto::Suite::pq;           // of genesis
  const ledger::ValidatorSet* validators = nullptr;  // of the epoch (and, later, of the one before)
  TimeMs parent_time{};                              // of the block below
  std::span<const ledger::ModuleRules> modules{};    // what is done natively for them; of this build
};

// The ids recorded in the last kReplayWindowMs of block time. A function of the blocks; rebuilt from receipts at start.
// A block that is not final has a window of its own over its parent's, so that a fork costs only what it adds.
class ReplayWindow {
 public:
  ReplayWindow() = default;
  explicit ReplayWindow(const ReplayWindow* below) : below_(below) {}
  // `below` outlives this, or is replaced before it goes. Null: nothing below.
  void stand_on(const ReplayWindow* below) { below_ = below; }
  void absorb(ReplayWindow&& above);  // takes over what the window above recorded: its block is final

  bool seen(const Hash& txid) const;
  void record(const Hash& txid, TimeMs valid_until);
  void forget_before(TimeMs block_time);  // ids whose valid_until has passed
  std::size_t size() const;

 private:
  const ReplayWindow* below_ = nullptr;
  using Until = std::pair<std::uint64_t, Hash>;
  void note(Until until);
  HashSet ids_;
  std::vector<Until> by_time_;  // a heap, the earliest on top
};

// What was computed from nothing but its inputs, so that it is not computed again: that a signature is correct, by gossip or
// admission; the id and the digest of a public key. Bounded.
class SignatureCache {
 public:
  virtual ~SignatureCache() = default;
  virtual bool known(const Hash& check) const = 0;   // hash over what was signed, key and signature, or of what commits to them
  virtual void add(const Hash& check) = 0;
  virtual Hash key_id(const crypto::PublicKey& key) = 0;
  virtual crypto::KeyDigest key_digest(const crypto::PublicKey& key) = 0;
};
std::unique_ptr<SignatureCache> make_signature_cache(std::size_t entries);

struct TxIds {
  Hash txid, wtxid;
  std::uint32_t bytes = 0;  // of the encoded transaction with witnesses
};
TxIds ids_of(const ledger::SignedTransaction& tx);

struct BlockTransaction {
  std::shared_ptr<const ledger::SignedTransaction> tx;
  TxIds ids;  // ids_of(*tx)
};
std::vector<BlockTransaction> with_ids(std::vector<ledger::SignedTransaction> txs);

struct Misfit {  // a transaction that its block may not hold
  std::uint32_t index = 0;
  Error why;
};
struct BlockResult {
  store::Delta delta;
  std::vector<ledger::Receipt> receipts;
  std::optional<Misfit> misfit;  // the first one: the block is not valid, nothing of it ran, and `window` is of no use
};

struct DryRun {  // a claim of one node, never proved: what a transaction would do on top of `view`
  ledger::Receipt receipt;
};

struct Admitted {
  std::uint64_t reserves = 0;  // the most that it may cost
  std::uint64_t balance = 0;   // of the purse that pays
};

// Checks for admission to the pool against one state: what a block with nothing else in it would be judged by, at the time of `next`.
// What one of them read of the state, the next ones find read. One thread's.
class Admissions {
 public:
  explicit Admissions(const store::StateView& view);  // which does not change while this lives
  Admissions(Admissions&&) noexcept;
  ~Admissions();
  Result<Admitted> check(const BlockContext& next, const ledger::SignedTransaction& tx, const TxIds& ids, const ReplayWindow& window,
                         SignatureCache& cache);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Kernel {
 public:
  explicit Kernel(vm::Runtimes& runtimes, const BlockSteps& steps = block_steps());
  ~Kernel();

  // The state at height 0. Does not need module code.
  static Result<store::Delta> genesis(const ledger::Genesis& genesis, std::span<const ledger::ModuleRules> modules);

  // Compiles and keeps a module's code, by the runtime that recognizes it.
  // The module's own table must be the one in `record`.
  Status load(std::uint16_t number, const ledger::ModuleRecord& record, BytesView code);

  // `window` is read, and updated for the block. Never fails for what transactions do; not_ready without a module's code.
  Result<BlockResult> apply(const store::StateView& view, const BlockContext& block, std::span<const BlockTransaction> txs,
                            ReplayWindow& window, SignatureCache& cache) const;

  Result<DryRun> dry_run(const store::StateView& view, const BlockContext& next, const ledger::SignedTransaction& tx) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether `lock` is satisfied by keys whose signatures were checked. Natively, for every call.
struct Proven {
  std::vector<std::pair<std::string, Hash>> keys;  // (account, key id) with a correct signature; account empty: bare key sender
  std::vector<std::shared_ptr<const crypto::PublicKey>> public_keys;  // the same keys, where known: compared without hashing
  std::vector<Hash> preimages;                     // BLAKE3 of the shown bytes
  TimeMs time;
  int module = -1;                                 // that asks
  std::uint64_t gas = 0;                           // of the checks until now
};
// Every account that is looked at costs gas. out_of_gas.
Result<bool> satisfied(const ledger::Lock& lock, const store::StateView& view, Accounts& accounts, const Proven& proven, vm::GasMeter& gas);

}  // namespace dos::kernel
