// What a step of a block may see and do, with what it does counted.
#pragma once
#include "kernel/block/steps.hpp"
#include "kernel/kernel.hpp"
#include "kernel/overlay.hpp"
#include "kernel/purses.hpp"

namespace dos::kernel {

class BlockScope {
 public:
  BlockScope(const BlockStep& step, const BlockContext& block, Overlay& state, Purses& purses)
      : step_(step), block_(block), state_(state), purses_(purses), left_(step.most) {}

  const BlockContext& block() const { return block_; }
  Purses& purses() { return purses_; }
  std::uint64_t left() const { return left_; }
  Status work(std::uint64_t objects);  // beside what the functions below count

  Result<std::optional<store::Record>> get(BytesView key);
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after);
  // Of no purse (internal): those are written by their settlement alone, which would undo it. A step gives and takes by `purses()`.
  Status put(BytesView key, store::Record record);  // its version: this block's own
  Status del(BytesView key);

 private:
  friend class Purses;
  Status write(BytesView key, std::optional<store::Record> record);
  const BlockStep& step_;
  const BlockContext& block_;
  Overlay& state_;
  Purses& purses_;
  std::uint64_t left_;
};

}  // namespace dos::kernel
