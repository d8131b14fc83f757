// The engines that a simulated network may run by. Those of its own are for tests: each is a folder beside this file, and its row here.
#pragma once
#include "consensus/engines.hpp"

namespace dos::sim {

// name: its folder defines NAME_engine(), with a number that no engine of consensus/engines.hpp has
#define DOS_SIM_ENGINES(X) X(sequencer)

const consensus::EngineRow* engine_numbered(std::uint8_t number);  // null: none is

}  // namespace dos::sim
