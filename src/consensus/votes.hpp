// Votes and the certificates made of them (formats: ledger/block.hpp; rules: docs/spec/consensus.md).
#pragma once
#include "ledger/block.hpp"

namespace dos::consensus {

// Signs the items (1 to 4, sorted by kind and view) as one ballot.
Result<ledger::Vote> make_vote(const Hash& chain, Epoch epoch, std::uint16_t voter, const crypto::SigningKey& key,
                               std::vector<ledger::VoteItem> items, Entropy& entropy);

// Shape (1 to 4 items, sorted, unique; ids and results zero where the kind has none), voter and signature.
Status check_vote(const Hash& chain, Epoch epoch, const ledger::ValidatorSet& set, const ledger::Vote& vote);

// The first half of check_vote: what needs no signature.
Status check_ballot(Epoch epoch, const ledger::ValidatorSet& set, const ledger::Ballot& ballot);
Status check_signature(const Hash& chain, const ledger::ValidatorSet& set, const ledger::Vote& vote);

// The certificate that `votes` (checked, ascending by voter, one each) give for `item`. proof_invalid if they are no
// strong set.
Result<ledger::Certificate> certify(const ledger::ValidatorSet& set, const ledger::VoteItem& item, std::span<const ledger::Vote> votes);

// The votes that a certificate was made of, as they were signed.
std::vector<ledger::Vote> votes_of(const ledger::Certificate& certificate);

}  // namespace dos::consensus
