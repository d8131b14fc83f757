// P2, P3, P5 and P13 at the end of a run: everybody is there, has everything, and it is all the same.
#pragma once
#include "sim/checkers/agreement.hpp"
#include "sim/clients.hpp"

namespace dos::sim {

FinalFact fact_of(const chain::MadeBlock& made);
// Why the run has not settled yet, as the end of a sentence; empty: it has.
std::string what_is_missing(const World& world, Height before, const Clients& clients);
void check_ending(World& world, const Bank& bank);

}  // namespace dos::sim
