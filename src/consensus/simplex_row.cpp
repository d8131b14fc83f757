// What others than the engine must judge of its seals and records (engines.hpp).
#include <algorithm>

#include "consensus/make_simplex.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus {

// Whether the header's proposer signed for it: otherwise a holder could send a header with a vote that nobody made.
Status simplex_sealed(const ChainFacts& facts, const Proposal& proposal) {
  const ledger::VoteItem notar{ledger::VoteKind::notar, proposal.header.view, ledger::block_id(proposal.header), {}};
  const auto& ballot = proposal.vote.ballot;
  if (ballot.voter != proposal.header.proposer || !std::ranges::count(ballot.items, notar))
    return fail(Errc::malformed, "a proposal without its proposer's vote for it");
  return check_vote(facts.chain, facts.epoch, facts.validators, proposal.vote);
}

Status simplex_readable(const EngineRecord& record) {
  switch (record.kind) {
    case RecordKind::vote:
      if (!codec::decode<ledger::Vote>(record.bytes)) return fail(Errc::corrupt, "the journal holds a vote that does not decode");
      return {};
    case RecordKind::gate:
      if (!codec::decode<GateRecord>(record.bytes)) return fail(Errc::corrupt, "the journal holds a gate record that does not decode");
      return {};
    default: return fail(Errc::corrupt, "the journal holds a record of a kind that is not written any more");
  }
}

}  // namespace dos::consensus
