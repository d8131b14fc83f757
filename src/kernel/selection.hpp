// A block as its leader fills it: each transaction that waits is judged as those who execute the block will judge it, and told
// whether it stands, must wait for another block, or can stand in none.
#pragma once
#include "kernel/kernel.hpp"

namespace dos::kernel {

class Selection {
 public:
  enum class Fit {
    taken,  // it stands in the block
    later,  // its time has not come, or what came before it took the room
    never,  // on this state it can stand in no block
  };
  struct Verdict {
    Fit fit;
    Error why;  // unless taken
  };

  // What is referred to does not change while this lives.
  Selection(const store::StateView& view, const BlockContext& block, const ledger::Params& params, const ReplayWindow& window,
            SignatureCache& cache);
  Selection(Selection&&) noexcept;
  ~Selection();

  // An error is the node's: the state could not be read.
  Result<Verdict> take(const ledger::SignedTransaction& tx, const TxIds& ids);
  bool full() const;  // not even a transaction of one ordinary call fits any more

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dos::kernel
