// Who leads a view: known ahead to everybody, each validator as often as its stake (docs/spec/consensus.md, "Views and leaders").
#pragma once
#include "ledger/block.hpp"

namespace dos::consensus {

// `seed` of epoch 0 is the chain's id. The set must not be empty.
std::uint16_t leader_of(const ledger::ValidatorSet& set, const Hash& seed, View view);

}  // namespace dos::consensus
