// What is kept of others' blocks, and how long. A header is kept once it was judged (simplex_receive.cpp), two a view; its payload,
// and what executing it gave, while its view is not long over or somebody honest is known to stand behind it. So a leader whose
// blocks nobody votes for fills nobody's memory.
#include "consensus/simplex.hpp"

namespace dos::consensus {

using ledger::VoteItem;
using ledger::VoteKind;

const Proposal* Simplex::proposal(const Hash& id) const {
  const auto* b = tree_.find(id);
  return b != nullptr && !b->proposal.vote.signature.bytes.empty() ? &b->proposal : nullptr;
}

bool Simplex::awaits(const Hash& id) const {
  const auto* b = tree_.find(id);
  if (b == nullptr || b->payload || b->bad) return false;
  const auto view = b->header().view.value;
  return view + kPayloadViewsKept >= views_.cur.value && view <= views_.cur.value + kFetchAhead;
}

bool Simplex::backed(const Hash& id) const {
  const auto* b = tree_.find(id);
  if (b == nullptr || b->bad) return false;
  if (final_.known.contains(id) || pool_.weak({VoteKind::notar, b->header().view, id, Hash{}})) return true;
  const auto children = tree_.children(id);  // their voters hold N of it, whether or not its votes came here
  return std::ranges::any_of(children, [this](const Hash& child) { return backed(child); });
}

// What was voted for here is in the journal. What another one's vote may still make final is asked for again when it comes.
bool Simplex::may_unload(const Block& block) const {
  if (block.bad) return true;
  if (final_.known.contains(block.id) || pool_.weak({VoteKind::notar, block.header().view, block.id, Hash{}})) return false;
  for (const auto& child : tree_.children(block.id))
    if (const auto* c = tree_.find(child); c->payload || c->result) return false;
  return true;
}

void Simplex::unload_old() {
  if (std::exchange(held_.unloaded_in, views_.cur) == views_.cur || views_.cur.value <= kPayloadViewsKept) return;
  Unload out;
  // From above: what stands on a block goes before it.
  auto at = held_.loaded.lower_bound({View{views_.cur.value - kPayloadViewsKept}, Hash{}});
  while (at != held_.loaded.begin()) {
    --at;
    auto* b = tree_.find(at->second);
    const bool gone = b == nullptr || b->durable || !b->payload;
    if (!gone && !may_unload(*b)) continue;
    if (!gone) {
      tree_.unload(*b);
      held_.to_execute.erase(*at);
      final_.to_vote.erase(*at);
      out.ids.push_back(b->id);
    }
    at = held_.loaded.erase(at);
  }
  if (!out.ids.empty()) emit(std::move(out));
}

}  // namespace dos::consensus
