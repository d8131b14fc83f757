// What consensus is told about the chain it works on.
#pragma once
#include "ledger/block.hpp"

namespace dos::consensus {

struct EngineRow;
const EngineRow& simplex_engine();  // engines.hpp

struct ChainFacts {
  Hash chain;
  Epoch epoch;
  ledger::ValidatorSet validators;
  std::uint16_t voter = 0;  // this validator
  const EngineRow* engine = &simplex_engine();
};
struct Tip {  // the last final block; genesis: height 0, id = chain, view 0
  Height height;
  Hash id, result;
  TimeMs time;
  View view;
};

}  // namespace dos::consensus
