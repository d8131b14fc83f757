// What this validator signed, as far as it knows: no vote of a kind twice in a view, never NULL and FINAL of one, none at or below
// the floor.
#pragma once
#include <map>
#include <optional>

#include "ledger/block.hpp"

namespace dos::consensus {

struct OwnVotes {  // of one view
  std::optional<ledger::VoteItem> notar, null, fin;
  std::optional<ledger::VoteItem>& of(ledger::VoteKind kind);
  bool may(const ledger::VoteItem& item) const;  // be signed beside these
};

struct Own {
  std::map<std::uint64_t, OwnVotes> votes;  // by view, above the last final block
  View floor;                               // no vote is signed at or below it
  View signed_high;                         // of own durable votes that the journal holds
  View unsure;                              // up to here headers that are lost may have gone out before the last start
  View fin_high;
  Height fin_height;

  void note(const ledger::VoteItem& item) { votes[item.view.value].of(item.kind) = item; }
  View highest(View at_least) const;  // view that anything was signed in
  const ledger::VoteItem* notar(View view) const;
  OwnVotes at(View view) const;
};

}  // namespace dos::consensus
