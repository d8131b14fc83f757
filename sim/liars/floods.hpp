// Liars that want the others to keep or to do too much.
#pragma once
#include "ledger/genesis.hpp"
#include "sim/liars/liar.hpp"

namespace dos::sim {

std::unique_ptr<Liar> make_payload_flooder(LiarEdges edges, Random random);
std::unique_ptr<Liar> make_asker(LiarEdges edges, Random random);

}  // namespace dos::sim
