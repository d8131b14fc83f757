#include "sim/liars/haves.hpp"

namespace dos::sim {

SimTime just_within(World& world, Machine asked, Machine asker, SimTime patience) {
  constexpr SimTime kSpare = 5 * kMs;
  SimTime away = kSpare;
  for (const auto& path : {world.net.path(asked, asker), world.net.path(asker, asked)}) away += path.delay + path.jitter;
  return patience > away ? patience - away : 0;
}

void with_own_node(LiarEdges e, SimTime wait, std::function<void(replica::Replica&)> take) {
  e.world.schedule.after(wait, [e, take = std::move(take)] {
    auto& machine = *e.world.machines[e.machine];
    machine.call([&machine, take] { take(static_cast<ReplicaProcess*>(machine.process())->replica()); });
  });
}

}  // namespace dos::sim
