// The ids that no further block may hold, from the blocks in the archive.
#pragma once
#include "kernel/kernel.hpp"
#include "store/block_archive.hpp"

namespace dos::chain {

// Of the last kReplayWindowMs of block time, from the blocks at or below `upto`.
Result<kernel::ReplayWindow> window_upto(const store::BlockArchive& archive, Height upto);

}  // namespace dos::chain
