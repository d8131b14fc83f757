// From files back to the committed state (docs/spec/storage.md, "Opening").
#pragma once
#include "store/checkpoint.hpp"
#include "store/stage.hpp"

namespace dos::store {

// What the snapshot that was used covers; nothing if the log alone was read.
struct Recovered {
  std::uint64_t count = 0;  // records
  IndexPieces pieces;
};
// Brings `base` to the checkpoint: the newest snapshot and the log behind it, or the log alone if no snapshot is sound.
Result<Recovered> recover(Base& base, Disk& disk, Log& log, const Checkpoint& to);

// Every hash again, from the log: records, nodes, bits, index against the committed root.
Status scrub_base(const Base& base);

}  // namespace dos::store
