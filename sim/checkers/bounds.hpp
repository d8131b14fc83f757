// P10: what an honest validator keeps for others stays within the bounds that its queues name (src/replica/queues.hpp), whoever lies.
#pragma once
#include "sim/world.hpp"

namespace dos::sim {

void check_bounds(World& world);

}  // namespace dos::sim
