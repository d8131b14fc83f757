// Blocks above the last final one, by id, as votes need them: header, and what the caller said of its body, which is the caller's.
// Whatever the rules ask at every input is kept here as it changes: a long stretch without a final block must not make inputs dear.
#pragma once
#include <map>
#include <optional>
#include <set>

#include "consensus/messages.hpp"

namespace dos::consensus {

struct Block {
  Hash id;
  Proposal proposal;
  bool payload = false;   // held by the caller
  bool durable = false;   // proposal and payload in the journal, or in a group handed out to be written
  bool bad = false;       // certify is false, for ever
  bool asked = false;     // Execute went out
  bool back_dated = false;  // its time lay too far behind when its header came
  std::optional<Hash> result;         // executed here, valid
  std::optional<Hash> signed_result;  // named by an own FINAL out of the journal: it was executed before the restart
  const ledger::Header& header() const { return proposal.header; }
  bool certified() const { return !bad && (result || signed_result); }
};

class VoteTree {
 public:
  using Ids = std::set<std::pair<View, Hash>>;
  explicit VoteTree(const Hash& no_transactions) : no_transactions_(no_transactions) {}

  Block* find(const Hash& id);
  const Block* find(const Hash& id) const;
  Block& add(Proposal proposal);  // not there yet
  void erase(const Hash& id);
  std::size_t count(View view) const;
  std::vector<Hash> at(View view) const;     // in order of arrival
  std::vector<Hash> from(View view) const;   // of this and all later views, ascending
  bool any_upto(View view) const { return !by_view_.empty() && by_view_.begin()->first <= view; }
  std::vector<View> views(View low, View upto) const;  // in which blocks are, from the highest down to `low`
  std::vector<Hash> children(const Hash& id) const;

  // The rules look again at what changed, at its children too where they may have waited for it.
  void changed(const Block& block) { changed_.emplace(block.header().view, block.id); }
  void changed_children(const Hash& id);
  bool any_changed() const { return !changed_.empty(); }
  Ids take_changed() { return std::exchange(changed_, {}); }

  void mark_bad(Block& block);
  void settle(const Block& block) { unsettled_.erase({block.header().view, block.id}); }  // it has N, or is final elsewhere
  bool work(View upto) const { return !work_.empty() && work_.begin()->first <= upto; }  // a block with transactions
  bool unsettled_work(View below) const { return !unsettled_.empty() && unsettled_.begin()->first < below; }
  const Ids& incomplete() const { return incomplete_; }    // payload or parent may be missing
  void complete(const Block& block) { incomplete_.erase({block.header().view, block.id}); }
  void hold(Block& block);                                 // its payload is here
  void unload(Block& block);                               // payload and what executing it gave are let go
  std::uint64_t held_bytes() const { return held_bytes_; }  // of payloads
  std::size_t size() const { return blocks_.size(); }

 private:
  Hash no_transactions_;
  std::map<Hash, Block> blocks_;
  std::map<View, std::vector<Hash>> by_view_;
  std::map<Hash, std::set<Hash>> by_parent_;
  Ids changed_, work_, unsettled_, incomplete_;
  std::uint64_t held_bytes_ = 0;
};

}  // namespace dos::consensus
