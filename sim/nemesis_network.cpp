// Partitions, slow links, and the rules of every path.
#include "sim/nemesis.hpp"

namespace dos::sim {

void Nemesis::set_paths(bool faulty) {
  PathRules rules = world_.plan.path;
  if (!faulty) {
    rules.loss = rules.repeat = rules.overtake = rules.break_link = rules.tail = 0;
    rules.bytes_per_second = 0;
  }
  for (Machine a = 0; a < world_.net.machines(); ++a)
    for (Machine b = 0; b < world_.net.machines(); ++b)
      if (a != b) world_.net.path(a, b) = rules;
  world_.net.opened();
}

void Nemesis::block(Machine from, Machine to, bool blocked) {
  if (from != to) world_.net.path(from, to).blocked = blocked;
}

void Nemesis::isolate(Machine m) {
  for (Machine other = 0; other < world_.net.machines(); ++other) {
    block(m, other, true);
    block(other, m, true);
  }
}

void Nemesis::end_partition() {
  if (!parted_) return;
  parted_ = false;
  ++partition_;
  for (Machine a = 0; a < world_.net.machines(); ++a)
    for (Machine b = 0; b < world_.net.machines(); ++b) block(a, b, false);
  world_.net.opened();
  world_.say([] { return std::string("the partition ends"); });
}

void Nemesis::partition(FaultKind kind) {
  const auto n = world_.net.machines();
  if (parted_ || n < 2) return;
  parted_ = true;
  const auto number = ++partition_;
  const auto length = some_time(kSecond / 10, 4 * kSecond);
  std::vector<bool> left(n);
  for (Machine m = 0; m < n; ++m) left[m] = random_.below(2) == 0;
  world_.counters.count(kind);
  switch (kind) {
    case FaultKind::partition_one_way: {
      const auto m = Machine(random_.below(n));
      const bool deaf = random_.below(2) == 0;
      for (Machine other = 0; other < n; ++other) deaf ? block(other, m, true) : block(m, other, true);
      break;
    }
    case FaultKind::partition_leader: follow_leader(world_.now() + length, number); break;
    default: {
      const auto bridge = kind == FaultKind::partition_bridge ? Machine(random_.below(n)) : n;
      for (Machine a = 0; a < n; ++a)
        for (Machine b = 0; b < n; ++b)
          if (left[a] != left[b] && a != bridge && b != bridge) block(a, b, true);
      break;
    }
  }
  world_.schedule.after(length, [this, number] {
    if (number == partition_) end_partition();
  });
}

// Cuts off whoever leads, and the next one when it is another.
void Nemesis::follow_leader(SimTime until, std::uint64_t number) {
  if (number != partition_ || !parted_ || world_.now() >= until) return;
  for (Machine a = 0; a < world_.net.machines(); ++a)
    for (Machine b = 0; b < world_.net.machines(); ++b) block(a, b, false);
  if (const auto leader = world_.leader ? world_.leader() : std::nullopt) isolate(*leader);
  world_.net.opened();
  world_.schedule.after(50 * kMs, [this, until, number] { follow_leader(until, number); });
}

void Nemesis::slow_link() {
  const auto n = world_.net.machines();
  if (n < 2) return;
  const auto a = Machine(random_.below(n)), b = Machine((a + random_.between(1, n - 1)) % n);
  world_.counters.count(FaultKind::link_slow);
  world_.net.path(a, b).bytes_per_second = random_.between(2'000, 60'000);
  world_.schedule.after(some_time(kSecond / 2, 3 * kSecond), [this, a, b] { world_.net.path(a, b).bytes_per_second = 0; });
}

}  // namespace dos::sim
