// "This validator has voted FINAL up to `fin_voted`", under the asker's nonce (docs/spec/consensus.md, "Tip acknowledgements").
#pragma once
#include "base/edge.hpp"
#include "consensus/facts.hpp"

namespace dos::consensus {

// Never to be signed by a node that does not vote: it may not know how far its key has voted.
Result<ledger::TipAck> tip_ack(const ChainFacts& facts, const crypto::SigningKey& key, Height fin_voted, const Hash& nonce,
                               Entropy& entropy);

}  // namespace dos::consensus
