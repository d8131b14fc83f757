#include "consensus/own.hpp"

namespace dos::consensus {

using ledger::VoteKind;

std::optional<ledger::VoteItem>& OwnVotes::of(VoteKind kind) {
  if (kind == VoteKind::notar) return notar;
  if (kind == VoteKind::null) return null;
  return fin;
}

bool OwnVotes::may(const ledger::VoteItem& item) const {
  if (item.kind == VoteKind::notar) return !notar;
  return !null && !fin;
}

View Own::highest(View at_least) const {
  for (auto own = votes.rbegin(); own != votes.rend(); ++own)
    if (own->second.notar || own->second.null || own->second.fin) return std::max(at_least, View{own->first});
  return at_least;
}

const ledger::VoteItem* Own::notar(View view) const {
  const auto own = votes.find(view.value);
  return own != votes.end() && own->second.notar ? &*own->second.notar : nullptr;
}

OwnVotes Own::at(View view) const {
  const auto own = votes.find(view.value);
  return own == votes.end() ? OwnVotes{} : own->second;
}

}  // namespace dos::consensus
