#include "sim/checkers/bounds.hpp"

#include "sim/replica_process.hpp"

namespace dos::sim {

void check_bounds(World& world) {
  for (const auto& m : world.machines) {
    if (!m->on() || !world.honest(m->place())) continue;
    const auto queues = static_cast<ReplicaProcess*>(m->process())->replica().status().queues;
    for (std::size_t q = 0; q < replica::kQueues; ++q) {
      const auto& size = queues.of[q];
      if ((size.most_entries == 0 || size.entries <= size.most_entries) && (size.most_bytes == 0 || size.bytes <= size.most_bytes))
        continue;
      world.failures.add("bounds", "v" + std::to_string(m->place() + 1) + " keeps " + std::to_string(size.entries) + " of at most " +
                                       std::to_string(size.most_entries) + " " + std::string(replica::kQueueRows[q].name) + ", " +
                                       std::to_string(size.bytes) + " bytes");
    }
  }
}

}  // namespace dos::sim
