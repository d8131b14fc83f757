// The blocks above the last final one: a tree, for until one is final several may follow the same parent. What is known of
// each grows: header, payload, result. Pure memory; the chain (chain.hpp) fills it.
#pragma once
#include <map>
#include <memory>

#include "consensus/engine_message.hpp"
#include "kernel/kernel.hpp"
#include "store/store.hpp"

namespace dos::chain {

using BlockTransactions = std::vector<kernel::BlockTransaction>;
std::vector<Hash> wtxids_of(const BlockTransactions& txs);

struct TreeBlock {
  struct Run {  // what executing it gave
    ledger::ResultParts parts;
    Hash result;
    store::StageRef stage;
    store::Delta delta;
    std::vector<ledger::Receipt> receipts;
    kernel::ReplayWindow window;
  };
  Hash id;
  ledger::Header header;
  ledger::Vote vote;                      // its leader's
  std::optional<Bytes> payload;           // held, and what the header commits to
  BlockTransactions content;              // of the payload
  bool refused = false;                   // can never be certified: payload or header are wrong
  std::string why_refused;                // once it was judged on its parent
  bool durable = false;                   // the journal holds its payload
  std::unique_ptr<Run> run;
};

class BlockTree {
 public:
  TreeBlock* find(const Hash& id);
  const TreeBlock* find(const Hash& id) const { return const_cast<BlockTree*>(this)->find(id); }
  // Known already: the block as it is.
  TreeBlock& add(const ledger::Header& header, const ledger::Vote& vote);
  void remove(const Hash& id) { blocks_.erase(id); }
  // From the block above `root` up to and including `id`; empty if `id` does not descend from `root` here.
  std::vector<TreeBlock*> path(const Hash& root, const Hash& id);
  // `id` of height `height` is final: ids of the others that can not be final any more, because they stand at its height
  // or below, or on such a block.
  std::vector<Hash> losers(const Hash& id, Height height) const;
  std::vector<TreeBlock*> children(const Hash& parent);
  std::size_t size() const { return blocks_.size(); }
  auto begin() const { return blocks_.begin(); }
  auto end() const { return blocks_.end(); }

 private:
  std::map<Hash, std::unique_ptr<TreeBlock>> blocks_;
};

}  // namespace dos::chain
