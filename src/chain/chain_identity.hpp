// What a chain is for as long as it is here: its genesis, its validators and which of them this node is, and what is done natively for
// its modules.
#pragma once
#include "consensus/engines.hpp"
#include "kernel/kernel.hpp"

namespace dos::chain {

struct ChainIdentity {
  Bytes encoded;  // BCS(Genesis)
  ledger::Genesis genesis;
  consensus::ChainFacts facts;
  Hash valset;
  ledger::SystemRules rules;

  // `engine` null: that of the genesis. no_key: this vote key is no validator's.
  static Result<ChainIdentity> of(Bytes genesis, ledger::SystemRules rules, const crypto::PublicKey& vote_key,
                                  const consensus::EngineRow* engine = nullptr);
  // Of a block at that height and time on one of `parent_time`. This outlives it.
  kernel::BlockContext context(Height height, TimeMs time, TimeMs parent_time) const;
};

}  // namespace dos::chain
