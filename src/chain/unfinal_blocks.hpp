// The blocks above the last final one: executed on their parents, each with a state and a window of its own, until one becomes final and
// its rivals leave. Writes nothing to a disk.
#pragma once
#include <functional>

#include "chain/block_tree.hpp"
#include "chain/chain_identity.hpp"
#include "chain/final_blocks.hpp"
#include "kernel/selection.hpp"

namespace dos::chain {

class UnfinalBlocks {
 public:
  struct Uses {  // all outlive this
    const ChainIdentity& chain;
    FinalBlocks& finals;
    kernel::Kernel& kernel;
    kernel::SignatureCache& signatures;
    Clock& clock;
  };
  explicit UnfinalBlocks(Uses uses) : uses_(uses) {}

  void stand_on(consensus::Tip tip, kernel::ReplayWindow window);  // at the start: on the last final block
  const consensus::Tip& tip() const { return tip_; }
  BlockTree& tree() { return tree_; }
  const BlockTree& tree() const { return tree_; }
  bool final_id(const Hash& txid) const { return window_.seen(txid); }  // recorded within the replay window

  // Parent executed or final, payload held. The block's parameters, parent's result and limits are judged here.
  Result<consensus::Executed> execute(const Hash& id);
  Status run(TreeBlock& block);                         // nothing is judged. Without `block.run` afterwards: it is not valid
  Result<ledger::Params> params_after(const Hash& id);  // of a block in the tree that is executed, or of the tip
  Result<Hash> result_of(const Hash& id) const;         // likewise
  TimeMs time_of(const Hash& id) const;
  // For a block of that time on this one, of which the same holds. While it is used: finals' lock, shared.
  kernel::Selection selection(const Hash& parent, TimeMs time, const ledger::Params& params) const;

  // This block on the tip is final and committed: it is the tip now. It and those that lost to it are gone afterwards.
  void advance(TreeBlock& block);
  void drop(std::span<const Hash> ids);  // and what stands on them
  // Called with each block that leaves the tree, final or lost, just before.
  void on_leave(std::function<void(TreeBlock& block, bool final)> f) { on_leave_ = std::move(f); }

  std::uint64_t spent_ns() const { return spent_ns_; }  // in execute()

 private:
  Result<bool> fits(const TreeBlock& block);  // what the header claims about its parent and the rules in force
  kernel::BlockContext context_on(const Hash& parent, TimeMs time) const;
  const store::StateView& state_after(const TreeBlock* block) const;  // null: the tip
  void leave(const Hash& id, bool final);

  Uses uses_;
  consensus::Tip tip_;
  kernel::ReplayWindow window_;  // of final blocks
  BlockTree tree_;
  std::function<void(TreeBlock&, bool)> on_leave_;
  std::uint64_t spent_ns_ = 0;
};

}  // namespace dos::chain
