// Blocks above the last final one, by id: what is known and done of each.
#pragma once
#include <map>
#include <optional>

#include "consensus/messages.hpp"

namespace dos::consensus {

struct Block {
  Hash id;
  Proposal proposal;
  bool payload = false;   // held by the caller
  bool durable = false;   // proposal and payload in the journal, or in a group handed out to be written
  bool bad = false;       // certify is false, for ever
  bool asked = false;     // Execute went out
  std::optional<Hash> result;         // executed here, valid
  std::optional<Hash> signed_result;  // named by an own FINAL out of the journal: it was executed before the restart
  const ledger::Header& header() const { return proposal.header; }
  bool certified() const { return !bad && (result || signed_result); }
};

class BlockTree {
 public:
  Block* find(const Hash& id);
  const Block* find(const Hash& id) const;
  Block& add(Proposal proposal);  // not there yet
  void erase(const Hash& id);
  std::size_t count(View view) const;
  std::vector<Hash> at(View view) const;     // in order of arrival
  std::vector<Hash> from(View view) const;   // of this and all later views, ascending
  bool empty() const { return blocks_.empty(); }

 private:
  std::map<Hash, Block> blocks_;
  std::map<std::uint64_t, std::vector<Hash>> by_view_;
};

}  // namespace dos::consensus
