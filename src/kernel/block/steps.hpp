// What a block does of itself, before its first transaction and behind its last one: tables of steps, run in their order, the same on every
// node. A step sees the state as block and steps have made it so far; what it writes is part of the block's delta and so of its state root.
#pragma once
#include <span>

#include "base/result.hpp"

namespace dos::kernel {

class BlockScope;

struct BlockStep {
  const char* name;
  // Objects that it may look at, pass over or write in one block. It stops by itself in time and goes on in a later block: one that goes
  // past its bound is a mistake of this program, and the node does not vote for what comes of it (Errc::internal).
  std::uint64_t most;
  Status (*run)(BlockScope& scope);  // an error is the node's
};

struct BlockSteps {
  std::span<const BlockStep> begin;  // all transactions have entered by then: they were judged against the state below the block
  std::span<const BlockStep> end;
};

BlockSteps block_steps();  // of the rules that this program knows

}  // namespace dos::kernel
