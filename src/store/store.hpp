// The object log with its forest and index: state, history and proofs in one append-only structure (docs/spec/state.md
// for the formats that proofs see; docs/spec/storage.md for files). Files under the Disk's root:
//   log/NNNNNN   records, sequential, checksummed       positions   u64 offset of each record
//   nodes/…      node hashes of full twigs, written once    checkpoint-A|B   {height, count, roots, cursor}, two slots
//   index/…      MemIndex snapshot, in pieces
// commit() appends without sync; checkpoint() makes all durable; open() goes back to the last checkpoint and cuts off
// what the log holds behind it; height() tells where that is, and the node executes journalled blocks again. Any write or sync
// failure is final for this object: every later call returns the same error.
#pragma once
#include <memory>
#include <span>

#include "proof/state_proof.hpp"
#include "store/index.hpp"
#include "store/reads.hpp"
#include "store/view.hpp"

namespace dos::store {

struct StoreOptions {
  std::uint64_t segment_bytes = 64ull << 20;
  std::uint32_t index_snapshot_every = 4;    // a snapshot writes this many keys of the index for each record since the last one
  std::uint32_t index_snapshot_min = 16384;  // … of which there must be this many
};

// Stages: states after unfinalised blocks, a tree above the committed state, all in memory.
class Stage;
using StageRef = std::shared_ptr<Stage>;

struct ProofRequest {
  struct Key {
    Bytes key;
    bool with_data = true;
  };
  struct Range {
    Bytes prefix, after;   // keys > after
    std::uint32_t limit = kMaxRangeItems;
    bool with_data = false;
  };
  Height height;           // at which it is asked; at most the committed height
  std::vector<std::variant<Key, Range>> items;
};

// Const methods, and those of views, may be called by many threads at a time, while none of the others runs.
class Store {
 public:
  // Creates an empty store (only the sentinel, at height 0, is appended by the first commit) or opens what is there.
  static Result<std::unique_ptr<Store>> open(Disk& disk, Log& log, const StoreOptions& options = {});
  virtual ~Store() = default;

  virtual Height height() const = 0;                 // of the last committed block; the empty store has none: see empty()
  virtual bool empty() const = 0;                    // nothing committed yet, not even genesis (height 0)
  virtual Hash root() const = 0;                     // state root of the committed state
  virtual Height durable_height() const = 0;         // of the last checkpoint
  virtual std::uint64_t record_count() const = 0;
  virtual std::uint64_t live_count() const = 0;
  virtual const StateView& view() const = 0;         // of the committed state

  // parent null: on the committed state. Height must be the parent's + 1 (0 for the first). The root is known at once.
  virtual Result<StageRef> stage(const StageRef& parent, Height height, const Delta& delta) = 0;
  virtual Hash root(const StageRef& stage) const = 0;
  virtual const StateView& view(const StageRef& stage) const = 0;
  virtual Status commit(const StageRef& stage) = 0;  // its parent must be the committed state; siblings are dropped
  virtual Status checkpoint() = 0;                   // everything committed is durable afterwards

  // Reads of the past: the record with this key that stood at `height`.
  virtual Result<std::optional<Record>> get_at(BytesView key, Height height, Reads* reads = nullptr) const = 0;
  virtual Result<Bytes> floor_at(BytesView key, Height height, Reads* reads = nullptr) const = 0;  // the greatest key <= `key`; empty: none
  virtual Result<std::optional<Bytes>> next_at(BytesView prefix, BytesView after, Height height) const = 0;

  // A proof against root() (the committed state) that answers every item at request.height: presence with data, absence,
  // or a complete range up to its limit. limit if it would pass kMaxProofRecords, kMaxProofBytes or the reads of a question.
  // While `reads` pause the store may change: the answer is against root() as it is when prove returns.
  virtual Result<proof::StateProof> prove(const ProofRequest& request, Reads* reads = nullptr) const = 0;

  // Walks the whole log, recomputes every hash and compares (bit rot is named: file, offset, position).
  virtual Status scrub() const = 0;
};

}  // namespace dos::store
