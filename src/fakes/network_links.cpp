// Links of the simulated network: how they come up, break, and are missed.
#include "base/limits.hpp"
#include "fakes/network.hpp"

namespace dos::fakes {
namespace {
constexpr SimTime kRedial = 100 * kMs;
}

SimTime SimNet::one_way(Machine from, Machine to) {
  const auto& rules = path(from, to);
  SimTime t = rules.delay + random_.below(rules.jitter + 1);
  if (random_.chance(rules.tail)) t += random_.below(50 * rules.jitter + 1);
  return t;
}

void SimNet::keep_linked(Machine machine, std::vector<PeerAddress> to) {
  hosts_[machine].wanted = std::move(to);
  dial_later(machine, 0);
}

void SimNet::dial_later(Machine machine, SimTime wait) {
  auto& h = hosts_[machine];
  if (h.dialling) return;
  h.dialling = true;
  schedule_.after(wait, [this, machine] {
    hosts_[machine].dialling = false;
    dial(machine);
  });
}

bool SimNet::has_link(Machine machine, const Hash& peer) const {
  for (const auto& [number, c] : connections_)
    for (std::size_t side = 0; side < 2; ++side)
      if (c.ends[side] == machine && c.state[side] != End::down && hosts_[c.ends[1 - side]].key == peer) return true;
  return false;
}

void SimNet::dial(Machine machine) {
  auto& h = hosts_[machine];
  if (h.door == nullptr || h.events == nullptr) return;
  bool again = false;
  for (const auto& wanted : h.wanted) {
    if (has_link(machine, wanted.peer)) continue;
    again = true;  // until it is up
    Machine found = machines();
    for (Machine m = 0; m < machines(); ++m)
      if (m != machine && hosts_[m].host == wanted.host && hosts_[m].port == wanted.port && hosts_[m].key == wanted.peer) {
        found = m;
        break;
      }
    if (found == machines()) continue;
    if (route) found = route(machine, found);
    if (found == machine || hosts_[found].door == nullptr || hosts_[found].events == nullptr) continue;
    if (path(machine, found).blocked || path(found, machine).blocked) continue;
    connect(machine, found);
  }
  if (again) dial_later(machine, kRedial + random_.below(kRedial));
}

void SimNet::connect(Machine from, Machine to) {
  const auto number = next_connection_++;
  Connection c;
  c.ends = {from, to};
  connections_.emplace(number, std::move(c));
  // A TLS 1.3 handshake of one round trip over TCP's: the acceptor has the last word a leg later than the dialler.
  const auto trip = one_way(from, to) + one_way(to, from);
  const auto dialler_up = trip + one_way(from, to) + one_way(to, from), acceptor_up = dialler_up + one_way(from, to);
  schedule_.after(dialler_up, [this, number] { end_up(number, 0); });
  schedule_.after(acceptor_up, [this, number] { end_up(number, 1); });
}

void SimNet::end_up(std::uint64_t number, int side) {
  const auto it = connections_.find(number);
  if (it == connections_.end() || it->second.state[std::size_t(side)] != End::coming) return;
  auto& c = it->second;
  const auto me = c.ends[std::size_t(side)], peer = c.ends[std::size_t(1 - side)];
  if (c.broken || hosts_[me].door == nullptr || hosts_[me].events == nullptr) {
    end_down_after(number, 1 - side, one_way(me, peer));
    return end_down(number, side);
  }
  hosts_[me].door->call([this, number, side, me, peer, life = hosts_[me].life] {
    const auto at = connections_.find(number);
    if (at == connections_.end() || at->second.state[std::size_t(side)] != End::coming || hosts_[me].life != life) return;
    at->second.state[std::size_t(side)] = End::up;
    trace_.note(schedule_.now(), me, "link up", hosts_[peer].key.view());
    trace_.say(schedule_.now(), me,
               [&] { return "link " + std::to_string(link_id(number, side)) + " up to v" + std::to_string(peer + 1); });
    hosts_[me].events->link_up(link_id(number, side), hosts_[peer].key);
    hand_over(number, 1 - side);
  });
}

void SimNet::end_down_after(std::uint64_t number, int side, SimTime wait) {
  schedule_.after(wait, [this, number, side] { end_down(number, side); });
}

void SimNet::end_down(std::uint64_t number, int side) {
  const auto it = connections_.find(number);
  if (it == connections_.end() || it->second.state[std::size_t(side)] == End::down) return;
  const bool was_up = it->second.state[std::size_t(side)] == End::up;
  const auto me = it->second.ends[std::size_t(side)];
  it->second.state[std::size_t(side)] = End::down;
  if (was_up && hosts_[me].door != nullptr && hosts_[me].events != nullptr)
    hosts_[me].door->call([this, number, side, me, life = hosts_[me].life] {
      if (hosts_[me].life != life) return;
      trace_.note(schedule_.now(), me, "link down");
      trace_.say(schedule_.now(), me, [&] { return "link " + std::to_string(link_id(number, side)) + " down"; });
      hosts_[me].events->link_down(link_id(number, side));
    });
  dial_later(me, kRedial / 2 + random_.below(kRedial));
  if (it->second.state[std::size_t(1 - side)] == End::down) connections_.erase(it);
}

void SimNet::close(Machine machine, LinkId link) {
  auto* c = find(machine, link);
  if (c == nullptr) return;
  const int side = int(link % 2);
  const auto peer = c->ends[std::size_t(1 - side)];
  c->state[std::size_t(side)] = End::down;
  dial_later(machine, kRedial / 2 + random_.below(kRedial));
  if (c->state[std::size_t(1 - side)] == End::down) {
    connections_.erase(link / 2);
    return;
  }
  const bool blocked = path(machine, peer).blocked;
  end_down_after(link / 2, 1 - side, blocked ? break_after_blocked : one_way(machine, peer));
}

void SimNet::drop(std::uint64_t number) {
  const auto it = connections_.find(number);
  if (it == connections_.end()) return;
  // Later, never inside the call that caused it: what was under way is lost all the same.
  it->second.broken = true;
  for (int side = 0; side < 2; ++side) end_down_after(number, side, random_.below(2 * kMs));
}

void SimNet::break_link(Machine a, Machine b) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, c] : connections_)
    if ((c.ends[0] == a && c.ends[1] == b) || (c.ends[0] == b && c.ends[1] == a)) numbers.push_back(number);
  for (const auto number : numbers) {
    counters_.count(FaultKind::link_broken);
    drop(number);
  }
}

void SimNet::break_all() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, c] : connections_) numbers.push_back(number);
  for (const auto number : numbers) drop(number);
}

void SimNet::died(Machine machine, SimTime half_open) {
  auto& h = hosts_[machine];
  h.door = nullptr;
  h.events = nullptr;
  ++h.life;
  std::vector<std::uint64_t> gone;
  for (auto& [number, c] : connections_)
    for (int side = 0; side < 2; ++side) {
      if (c.ends[std::size_t(side)] != machine || c.state[std::size_t(side)] == End::down) continue;
      c.state[std::size_t(side)] = End::down;
      if (c.state[std::size_t(1 - side)] == End::down) {
        gone.push_back(number);
        continue;
      }
      if (half_open > 0) counters_.count(FaultKind::link_half_open);
      end_down_after(number, 1 - side, half_open);
    }
  for (const auto number : gone) connections_.erase(number);
}

bool SimNet::linked(Machine a, Machine b) const {
  for (const auto& [number, c] : connections_)
    if (c.state[0] == End::up && c.state[1] == End::up && ((c.ends[0] == a && c.ends[1] == b) || (c.ends[0] == b && c.ends[1] == a)))
      return true;
  return false;
}

}  // namespace dos::fakes
