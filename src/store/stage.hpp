// A stage: the state after one block that is not final yet, as overlays over its parent. The plan of a block (which
// records are appended, in which order, what each retires) follows docs/spec/state.md.
#pragma once
#include "store/live_bits.hpp"
#include "store/record_forest.hpp"
#include "store/segment_log.hpp"
#include "store/store.hpp"

namespace dos::store {

struct Base {  // the committed state
  SegmentLog log;
  RecordForest forest;
  LiveBits bits;
  std::unique_ptr<Index> index;
  std::optional<Height> height;  // none: empty
  Hash root;
  std::uint64_t live = 0;        // without the sentinel
  std::optional<Error> failed;   // a write or sync failed: nothing is served any more
};

struct IndexChange {
  Bytes key;
  std::optional<Position> position;  // none: erased
  // Known once the stage is built, so that nobody walks over what was erased, however much it is:
  std::uint32_t run = 0;             // of an erased one: its run
  std::uint32_t put_from = 0;        // the first with a position, here or behind; as many as there are changes: none
  std::uint32_t put_to = 0;          // one behind the last with a position, here or before; 0: none
};

// Keys that stand side by side in the parent and were all erased: what stands around them there.
struct ErasedRun {
  std::optional<Index::Entry> before, beyond;
};

class StageReader final : public StateView {
 public:
  StageReader(const Base& base, const Stage* top) : base_(base), top_(top) {}
  Result<std::optional<Record>> get(BytesView key) const override;
  Result<std::optional<Version>> version(BytesView key) const override;
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override;

  void prefetch(BytesView key) const { base_.index->prefetch(key); }
  Result<std::optional<Position>> find(BytesView key) const;
  Result<std::optional<Index::Entry>> above(BytesView key) const;
  Result<Index::Around> around(BytesView key) const;  // find() and above()
  Result<std::optional<Index::Entry>> lower(BytesView key) const;
  Result<LogRecord> record(Position position) const;
  Result<Record> whole(Position position) const;  // with its data

 private:
  const Base& base_;
  const Stage* top_;
};

class Stage {
 public:
  Stage(const Base& base, StageRef parent_stage) : parent(std::move(parent_stage)), reader(base, this) {}

  StageRef parent;             // null: on the committed state
  StageReader reader;
  Height height;
  std::uint64_t first = 0;     // position of its first record
  Hash parent_root, root;
  std::uint64_t live = 0;      // afterwards, without the sentinel
  std::vector<IndexChange> changes;  // ascending by key
  std::vector<ErasedRun> runs;       // of the erased ones
  Bytes bytes;                       // its records as the log holds them
  std::vector<std::uint32_t> offsets;
  std::vector<Hash> nodes;     // as MountainEdge made them
  MountainEdge edge;           // afterwards
  BitsChange bits;
  bool committed = false;      // its content is the base's now

  const Stage* below() const { return parent && !parent->committed ? parent.get() : nullptr; }
};

// Fills the stage from the delta. Errc::internal for a delta that no block can have (an absent key deleted, the empty key).
Status build_stage(const Base& base, Stage& stage, const Delta& delta);

}  // namespace dos::store
