// Engine 1: Simplex with a leader for each view (docs/spec/consensus.md). What its row of engines.hpp names.
#pragma once
#include "consensus/engine.hpp"
#include "consensus/messages.hpp"

namespace dos::consensus {

Result<std::unique_ptr<Engine>> make_simplex(EngineSetup setup, Entropy& entropy);  // no_key, corrupt
Status simplex_sealed(const ChainFacts& facts, const Proposal& proposal);
Status simplex_readable(const EngineRecord& record);

inline constexpr MessageLimit kSimplexMessages[] = {{Votes::kKind, 4 * 1024 * 1024}, {Have::kKind, 16 * 1024},
                                                    {Get::kKind, 16 * 1024},         {StatusReport::kKind, 64 * 1024},
                                                    {SignedAsk::kKind, 1024},        {SignedAnswer::kKind, 1024 * 1024}};

}  // namespace dos::consensus
