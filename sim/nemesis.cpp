#include "sim/nemesis.hpp"

namespace dos::sim {
namespace {

// Kinds that are events of their own; the others are properties of paths, of a machine or of a liar, set at the start.
bool is_event(FaultKind kind) {
  switch (kind) {
    case FaultKind::partition_halves:
    case FaultKind::partition_one_way:
    case FaultKind::partition_bridge:
    case FaultKind::partition_leader:
    case FaultKind::link_slow:
    case FaultKind::clock_stepped:
    case FaultKind::node_paused:
    case FaultKind::power_cut:
    case FaultKind::power_cut_at_write:
    case FaultKind::power_cut_all:
    case FaultKind::disk_full:
    case FaultKind::disk_error:
    case FaultKind::disk_slow:
    case FaultKind::disk_rotted:
    case FaultKind::disk_lied:
    case FaultKind::disk_lost: return true;
    default: return false;
  }
}

}  // namespace

Nemesis::Nemesis(World& world, Random random) : world_(world), random_(random) {
  for (std::size_t k = 0; k < kFaultKinds; ++k)
    if (world_.plan.has(FaultKind(k)) && is_event(FaultKind(k))) kinds_.push_back(FaultKind(k));
}

void Nemesis::start() {
  set_paths(true);
  for (auto& m : world_.machines) m->on_off = [this, machine = m.get()] { went_off(*machine); };
  if (!kinds_.empty()) next();
}

void Nemesis::next() {
  const SimTime mean = world_.plan.fault_every_ms * kMs;
  world_.schedule.after(some_time(mean / 4, 2 * mean), [this] {
    if (healed_) return;
    happen(kinds_[random_.below(kinds_.size())]);
    next();
  });
}

SimMachine* Nemesis::someone_on() {
  const auto first = random_.below(world_.machines.size());
  for (std::size_t i = 0; i < world_.machines.size(); ++i) {
    auto& m = *world_.machines[(first + i) % world_.machines.size()];
    if (m.on() && !m.paused() && !states_[m.place()].armed) return &m;
  }
  return nullptr;
}

SimMachine* Nemesis::someone_unsafe() {
  auto* m = someone_on();
  return m != nullptr && m->place() < world_.plan.validators() && world_.plan.disk_unsafe[m->place()] ? m : nullptr;
}

void Nemesis::arm(SimMachine& m, SimDisk::Fault fault, std::uint64_t writes_ahead) {
  m.disk.fault = fault;
  m.disk.fault_site = m.disk.site() + random_.below(writes_ahead);
  states_[m.place()].armed = true;
}

void Nemesis::cut_power(SimMachine& m) { m.power_off(world_.plan.has(FaultKind::link_half_open) ? some_time(1, 6 * kSecond) : 0); }

void Nemesis::happen(FaultKind kind) {
  world_.say([&] { return std::string(kFaultRows[std::size_t(kind)].name); });
  switch (kind) {
    case FaultKind::partition_halves:
    case FaultKind::partition_one_way:
    case FaultKind::partition_bridge:
    case FaultKind::partition_leader: return partition(kind);
    case FaultKind::link_slow: return slow_link();
    case FaultKind::power_cut_all:
      world_.counters.count(kind);
      for (auto& m : world_.machines)
        if (m->on()) m->power_off(0);
      return;
    default: break;
  }
  const bool unsafe = kind == FaultKind::disk_rotted || kind == FaultKind::disk_lied || kind == FaultKind::disk_lost;
  auto* m = unsafe ? someone_unsafe() : someone_on();
  if (m == nullptr) return;
  switch (kind) {
    case FaultKind::clock_stepped:
      world_.counters.count(kind);
      m->clock.step_wall(std::int64_t(random_.between(0, 600)) - 300);
      break;
    case FaultKind::node_paused:
      world_.counters.count(kind);
      m->pause();
      world_.schedule.after(some_time(kMs, 4 * kSecond), [m] { m->resume(); });
      break;
    case FaultKind::power_cut:
      world_.counters.count(kind);
      cut_power(*m);
      break;
    case FaultKind::power_cut_at_write: arm(*m, SimDisk::Fault::power, 60); break;
    case FaultKind::disk_full: arm(*m, SimDisk::Fault::full, 60); break;
    case FaultKind::disk_error: arm(*m, SimDisk::Fault::error, 60); break;
    case FaultKind::disk_slow:
      world_.counters.count(kind);
      m->sync_ns = some_time(20 * kMs, 300 * kMs);
      world_.schedule.after(some_time(kSecond / 2, 3 * kSecond), [m] { m->sync_ns = 200'000; });
      break;
    case FaultKind::disk_rotted:
      cut_power(*m);
      rot(*m);
      break;
    case FaultKind::disk_lied: lie(*m); break;
    case FaultKind::disk_lost:
      world_.counters.count(kind);
      cut_power(*m);
      world_.votes.disk_lost(m->place());
      world_.wipe(*m);
      break;
    default: break;
  }
}

// For a while no sync keeps anything; then the power goes, and the node finds itself in the past without a sign of it.
void Nemesis::lie(SimMachine& m) {
  world_.counters.count(FaultKind::disk_lied);
  states_[m.place()].rotted = true;
  world_.votes.forget(m.place());
  m.disk.lose_syncs = true;
  world_.schedule.after(some_time(kSecond / 5, 2 * kSecond), [this, &m] {
    if (!healed_ && m.on()) cut_power(m);
    m.disk.lose_syncs = false;
  });
}

void Nemesis::rot(SimMachine& m) {
  std::vector<std::string> files;
  for (const auto& name : m.disk.files())
    if (m.disk.size(name) > 0 && name.find("spare") == std::string::npos) files.push_back(name);
  if (files.empty()) return;
  world_.counters.count(FaultKind::disk_rotted);
  // What such a drive forgets may be the newest votes; nobody can promise for its key any more.
  states_[m.place()].rotted = true;
  world_.votes.forget(m.place());
  for (std::uint64_t i = 0, n = random_.between(1, 3); i < n; ++i) {
    const auto& name = files[random_.below(files.size())];
    const auto at = random_.below(std::min<std::uint64_t>(m.disk.size(name), 64 * 1024));
    m.disk.flip(name, at, std::uint8_t(1u << random_.below(8)));
    world_.say([&] { return "byte " + std::to_string(at) + " of " + name + " of v" + std::to_string(m.place() + 1) + " rots"; });
  }
}

// A machine stopped: by us, by its disk, or by itself, which only a liar's or a rotten one may.
void Nemesis::went_off(SimMachine& m) {
  auto& state = states_[m.place()];
  const auto fault = m.disk.fault;
  const bool armed = state.armed && m.disk.fault_fired();
  if (armed) {
    world_.counters.count(fault == SimDisk::Fault::full    ? FaultKind::disk_full
                          : fault == SimDisk::Fault::error ? FaultKind::disk_error
                          : m.starting()                   ? FaultKind::power_cut_starting
                                                           : FaultKind::power_cut_at_write);
  } else if (!m.disk.off() && world_.honest(m.place())) {
    if (!state.rotted) {
      world_.failures.add("stopped", "v" + std::to_string(m.place() + 1) + " ended without cause: " + m.why_off());
      return;
    }
    world_.wipe(m);  // it found the damage: the operator gives it an empty disk
    state.rotted = false;
  }
  state.armed = false;
  start_again(m, healed_ ? kSecond / 5 : some_time(20 * kMs, 3 * kSecond));
}

void Nemesis::start_again(SimMachine& m, SimTime wait) {
  auto& state = states_[m.place()];
  if (state.starting_again) return;
  state.starting_again = true;
  world_.schedule.after(wait, [this, &m] {
    auto& s = states_[m.place()];
    s.starting_again = false;
    if (m.on()) return;
    const auto torn = m.disk.torn();
    m.disk.restart(std::ref(random_));
    world_.counters.count(FaultKind::sectors_torn, m.disk.torn() - torn);
    if (!healed_ && world_.plan.has(FaultKind::power_cut_starting) && random_.below(2) == 0) arm(m, SimDisk::Fault::power, 40);
    m.power_on();
  });
}

void Nemesis::heal() {
  healed_ = true;
  world_.say([] { return std::string("everything is healed"); });
  end_partition();
  set_paths(false);
  world_.net.break_all();
  for (auto& m : world_.machines) {
    m->sync_ns = 200'000;
    m->disk.fault = SimDisk::Fault::none;
    m->disk.lose_syncs = false;
    states_[m->place()].armed = false;
    m->resume();
    if (!m->on()) start_again(*m, kSecond / 5);
  }
}

}  // namespace dos::sim
