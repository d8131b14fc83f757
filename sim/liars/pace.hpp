// Leaders that spend the others' time: by what they keep back of their own blocks, and by the times that they write into them.
#pragma once
#include "sim/liars/liar.hpp"

namespace dos::sim {

std::unique_ptr<Liar> make_slow_leader(LiarEdges edges, Random random);
std::unique_ptr<Liar> make_late_leader(LiarEdges edges, Random random);
std::unique_ptr<Liar> make_back_dater(LiarEdges edges);
std::unique_ptr<Liar> make_ahead_dater(LiarEdges edges, Random random);
std::unique_ptr<Liar> make_sparer(LiarEdges edges, Random random);

}  // namespace dos::sim
