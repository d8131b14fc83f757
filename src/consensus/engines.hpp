// Which engines there are: one row an engine. Which one a chain has its genesis says, and each header names it; whoever drives an
// engine knows its row alone. Numbers are never reused.
#pragma once
#include "consensus/engine.hpp"
#include "consensus/make_simplex.hpp"
#include "consensus/verify/simplex_verifier.hpp"

namespace dos::consensus {

// number, name, maker, verifier, judge of seals, judge of own records, messages
#define DOS_ENGINES(X) X(1, simplex, make_simplex, simplex_verifier, simplex_sealed, simplex_readable, kSimplexMessages)

struct EngineRow {
  std::uint8_t number = 0;  // Header.engine
  const char* name = "";
  Result<std::unique_ptr<Engine>> (*make)(EngineSetup setup, Entropy& entropy) = nullptr;  // no_key, corrupt
  const Verifier& (*verifier)() = nullptr;
  // The header is by whom its seal says, who might make it. malformed, proof_invalid, signature_invalid.
  Status (*sealed)(const ChainFacts& facts, const Proposal& proposal) = nullptr;
  Status (*readable)(const EngineRecord& record) = nullptr;  // of a kind of its own; corrupt
  std::span<const MessageLimit> messages;                    // all kinds that it sends
};

const EngineRow& engine_of(const ledger::Genesis& genesis);  // none names one yet: all are of engine 1

}  // namespace dos::consensus
