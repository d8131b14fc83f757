#include "fakes/network.hpp"

#include "base/limits.hpp"

namespace dos::fakes {

class SimNet::Port final : public Transport {
 public:
  Port(SimNet& net, Machine machine, std::uint64_t life) : net_(net), machine_(machine), life_(life) {}
  void start(LinkEvents& events) override {
    if (!alive()) return;
    net_.hosts_[machine_].events = &events;
    net_.dial_later(machine_, 0);
  }
  void keep_linked(std::vector<PeerAddress> to) override {
    if (alive()) net_.keep_linked(machine_, std::move(to));
  }
  void send(LinkId link, Bytes bytes) override {
    if (alive()) net_.send(machine_, link, std::move(bytes));
  }
  std::uint64_t queued_bytes(LinkId link) const override {
    const auto* c = alive() ? net_.find(machine_, link) : nullptr;
    return c == nullptr ? 0 : c->way[link % 2].queued;
  }
  void close(LinkId link) override {
    if (alive()) net_.close(machine_, link);
  }

 private:
  bool alive() const { return net_.hosts_[machine_].life == life_ && net_.hosts_[machine_].door != nullptr; }
  SimNet& net_;
  Machine machine_;
  std::uint64_t life_;
};

SimNet::SimNet(Schedule& schedule, Random random, FaultCounters& counters, Trace& trace)
    : schedule_(schedule), random_(random), counters_(counters), trace_(trace) {}
SimNet::~SimNet() = default;

Machine SimNet::add(const std::string& host, std::uint16_t port, const Hash& key) {
  hosts_.push_back({host, port, key});
  return Machine(hosts_.size() - 1);
}

std::unique_ptr<Transport> SimNet::boot(Machine machine, MachineDoor& door) {
  auto& h = hosts_[machine];
  h.door = &door;
  h.events = nullptr;
  h.wanted.clear();
  return std::make_unique<Port>(*this, machine, ++h.life);
}

PathRules& SimNet::path(Machine from, Machine to) { return paths_[{from, to}]; }

SimNet::Connection* SimNet::find(Machine machine, LinkId link) {
  const auto it = connections_.find(link / 2);
  if (it == connections_.end() || it->second.ends[link % 2] != machine) return nullptr;
  return it->second.state[link % 2] == End::up ? &it->second : nullptr;
}

void SimNet::send(Machine machine, LinkId link, Bytes bytes) {
  auto* c = find(machine, link);
  if (c == nullptr || bytes.empty()) return;
  const int side = int(link % 2);
  const auto to = c->ends[1 - side];
  if (tap == nullptr) return travel(link / 2, side, std::move(bytes));
  for (auto& b : tap->sent(machine, to, std::move(bytes))) {
    if (find(machine, link) == nullptr) return;
    travel(link / 2, side, std::move(b));
  }
}

void SimNet::inject(Machine from, Machine to, Bytes bytes) {
  for (auto& [number, c] : connections_)
    for (int side = 0; side < 2; ++side)
      if (c.ends[std::size_t(side)] == from && c.ends[std::size_t(1 - side)] == to && c.state[std::size_t(side)] == End::up)
        return travel(number, side, std::move(bytes));
}

void SimNet::travel(std::uint64_t number, int side, Bytes bytes) {
  auto& c = connections_.at(number);
  const auto from = c.ends[std::size_t(side)], to = c.ends[std::size_t(1 - side)];
  auto& way = c.way[std::size_t(side)];
  if (c.broken) return;
  if (c.state[std::size_t(1 - side)] == End::down) {
    // The other end is gone. A machine that runs says so (a reset); one that is off stays silent.
    if (hosts_[to].door != nullptr && !path(from, to).blocked && !path(to, from).blocked)
      end_down_after(number, side, one_way(from, to) + one_way(to, from));
    return;
  }
  way.queued += bytes.size();
  if (way.queued > kMaxLinkQueueBytes) return drop(number);
  if (path(from, to).blocked || !way.waiting.empty()) {
    if (!c.blocked_since) {
      c.blocked_since = schedule_.now();
      schedule_.after(break_after_blocked, [this, number] { check_blocked(number); });
    }
    way.waiting.push_back(std::move(bytes));
    return;
  }
  put_on_line(number, side, std::move(bytes));
}

void SimNet::put_on_line(std::uint64_t number, int side, Bytes bytes) {
  auto& c = connections_.at(number);
  auto& way = c.way[std::size_t(side)];
  const auto from = c.ends[std::size_t(side)], to = c.ends[std::size_t(1 - side)];
  const auto& rules = path(from, to);
  if (random_.chance(rules.break_link)) {
    counters_.count(FaultKind::link_broken);
    return drop(number);
  }
  const auto size = bytes.size();
  if (random_.chance(rules.loss)) {
    counters_.count(FaultKind::send_lost);
    way.queued -= size;
    return;
  }
  const auto* door = hosts_[from].door;
  SimTime sent = std::max(door == nullptr ? 0 : door->local_now(), schedule_.now());
  if (rules.bytes_per_second > 0) {
    way.line_free = std::max(way.line_free, sent) + size * kSecond / rules.bytes_per_second;
    sent = way.line_free;
  }
  SimTime arrival = sent + one_way(from, to);
  const bool held_up = random_.chance(rules.overtake);
  if (held_up) {
    counters_.count(FaultKind::send_overtook);
    arrival += random_.between(1, 20 * (rules.delay + rules.jitter) + kMs);
  } else {
    arrival = way.last_arrival = std::max(arrival, way.last_arrival);
  }
  auto shared = std::make_shared<const Bytes>(std::move(bytes));
  const auto arrive = [this, number, side, shared](bool counted) {
    const auto it = connections_.find(number);
    if (it == connections_.end()) return;
    auto& w = it->second.way[std::size_t(side)];
    if (counted) w.queued -= std::min<std::uint64_t>(w.queued, shared->size());
    if (it->second.broken || it->second.state[std::size_t(1 - side)] == End::down) return;
    append(w.unread, *shared);
    if (!w.handing) hand_over(number, side);
  };
  schedule_.at(arrival, [arrive] { arrive(true); });
  if (random_.chance(rules.repeat)) {
    counters_.count(FaultKind::send_repeated);
    schedule_.at(arrival + random_.between(1, 50 * (rules.delay + rules.jitter) + kMs), [arrive] { arrive(false); });
  }
}

// Gives what has arrived to the machine at the other end: whole, or in slices.
void SimNet::hand_over(std::uint64_t number, int side) {
  const auto it = connections_.find(number);
  if (it == connections_.end()) return;
  auto& c = it->second;
  auto& way = c.way[std::size_t(side)];
  way.handing = false;
  const auto from = c.ends[std::size_t(side)], to = c.ends[std::size_t(1 - side)];
  if (c.state[std::size_t(1 - side)] != End::up || way.unread.empty() || c.broken || hosts_[to].door == nullptr) return;
  const bool slice = way.unread.size() > 1 && random_.chance(path(from, to).cut);
  const auto n = slice ? std::size_t(random_.between(1, way.unread.size() - 1)) : way.unread.size();
  if (slice) counters_.count(FaultKind::send_cut);
  auto part = std::make_shared<Bytes>(way.unread.begin(), way.unread.begin() + std::ptrdiff_t(n));
  way.unread.erase(way.unread.begin(), way.unread.begin() + std::ptrdiff_t(n));
  way.handing = true;
  const auto life = hosts_[to].life;
  hosts_[to].door->call([this, number, side, to, part, life] {
    const auto at = connections_.find(number);
    if (at == connections_.end() || at->second.state[std::size_t(1 - side)] != End::up || hosts_[to].life != life) return;
    trace_.note(schedule_.now(), to, "bytes", *part);
    hosts_[to].events->link_bytes(link_id(number, 1 - side), *part);
    hand_over(number, side);
  });
}

void SimNet::opened() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, c] : connections_) numbers.push_back(number);
  for (const auto number : numbers)
    for (int side = 0; side < 2; ++side) {
      const auto it = connections_.find(number);
      if (it == connections_.end()) break;
      auto& c = it->second;
      if (path(c.ends[std::size_t(side)], c.ends[std::size_t(1 - side)]).blocked) continue;
      auto waited = std::move(c.way[std::size_t(side)].waiting);
      c.way[std::size_t(side)].waiting.clear();
      if (c.way[0].waiting.empty() && c.way[1].waiting.empty()) c.blocked_since.reset();
      for (auto& bytes : waited) {
        if (!connections_.contains(number)) break;
        put_on_line(number, side, std::move(bytes));
      }
    }
}

void SimNet::check_blocked(std::uint64_t number) {
  const auto it = connections_.find(number);
  if (it == connections_.end() || !it->second.blocked_since) return;
  const auto end = *it->second.blocked_since + break_after_blocked;
  if (schedule_.now() >= end) drop(number);
  else schedule_.at(end, [this, number] { check_blocked(number); });
}

}  // namespace dos::fakes
