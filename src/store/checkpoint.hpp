// Checkpoint slots and forest snapshots (docs/spec/storage.md).
#pragma once
#include <set>

#include "store/live_bits.hpp"
#include "store/segment_log.hpp"

namespace dos::store {

struct Checkpoint {
  static constexpr std::uint32_t kFormat = 1;
  std::uint32_t format = kFormat;
  std::uint64_t number = 0;         // grows by one with every checkpoint
  bool empty = true;                // nothing was committed yet
  Height height;
  std::uint64_t live = 0;
  proof::StateParts parts;
  LogPlace end;                     // of the log
  std::uint64_t snapshot = 0;       // forest/N to start from; 0: none
  DOS_FIELDS(format, number, empty, height, live, parts, end, snapshot);
};

// Files checkpoint-A and checkpoint-B, written in turn: magic, BCS(Checkpoint), BLAKE3 of both.
class CheckpointSlots {
 public:
  explicit CheckpointSlots(Disk& disk) : disk_(disk) {}
  // The newest valid one; none if neither file has one. `damaged` names a slot that has content but no valid one.
  Result<std::optional<Checkpoint>> open(std::vector<std::string>& damaged);
  Status write(Checkpoint checkpoint);  // numbered here; durable when it returns
  std::set<std::uint64_t> snapshots_in_use() const;

 private:
  Disk& disk_;
  std::optional<Checkpoint> slots_[2];
  std::uint64_t number_ = 0;
  int turn_ = 0;
};

// One file of the index: its keys from `from` on, up to the next piece's, as they were when the log had `count` records and this
// end.
struct IndexPiece {
  std::uint64_t file = 0;
  std::uint64_t count = 0;
  LogPlace end;
  Bytes from;
  DOS_FIELDS(file, count, end, from);
};
using IndexPieces = std::vector<IndexPiece>;  // ascending by `from`; the first begins at the empty key

struct ForestSnapshot {
  std::uint64_t count = 0;
  Height height;
  std::uint64_t live = 0;
  LogPlace end;
  std::vector<Hash> twig_roots, young_leaves;
  std::vector<BitsWord> chunks;
  IndexPieces pieces;
  DOS_FIELDS(count, height, live, end, twig_roots, young_leaves, chunks, pieces);
};
IndexPieces::const_iterator oldest(const IndexPieces& pieces);  // the first of those with the least count; there must be one
std::string forest_path(std::uint64_t snapshot);
std::string index_path(std::uint64_t piece);
Status write_forest_snapshot(Disk& disk, std::uint64_t snapshot, const ForestSnapshot& content);  // synced
Result<ForestSnapshot> read_forest_snapshot(Disk& disk, std::uint64_t snapshot);

Result<Checkpoint> decode_checkpoint(BytesView slot);
Result<ForestSnapshot> decode_forest_snapshot(BytesView file);

}  // namespace dos::store
