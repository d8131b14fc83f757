// A simulated network: connections between machines whose sends are delayed, lost whole, repeated, reordered, cut into slices,
// and broken, as the rules of each ordered pair say. It knows bytes and links, nothing of what they mean. Links come up because a
// machine's keep_linked() names the other, as they do by the real transport.
#pragma once
#include <map>
#include <optional>

#include "fakes/counters.hpp"
#include "fakes/random.hpp"
#include "fakes/schedule.hpp"
#include "fakes/trace.hpp"

namespace dos::fakes {

using Machine = std::uint32_t;  // place of a machine in the network

struct PathRules {  // from one machine to another
  SimTime delay = kMs / 2, jitter = kMs / 2;
  std::uint32_t tail = 0;     // per million: a send takes up to 50 times the jitter
  std::uint32_t loss = 0, repeat = 0, overtake = 0, cut = 0;  // per million sends
  std::uint32_t break_link = 0;                               // per million sends: the link breaks instead
  std::uint64_t bytes_per_second = 0;                         // 0: no limit
  bool blocked = false;       // nothing arrives; what is sent waits, as TCP would let it, until the path opens or the link breaks
};

// How the network calls a machine: when it can listen, on its own clock.
struct MachineDoor {
  virtual ~MachineDoor() = default;
  virtual SimTime local_now() const = 0;                // at least the schedule's: its thread may have been blocked
  virtual void call(std::function<void()> action) = 0;  // now, or when it can be called again, in order; never if it dies before
};

// Sees each send before the network does; may change, drop or add (a liar), or only look (a checker).
struct SendTap {
  virtual ~SendTap() = default;
  // What travels to `to` instead of `bytes`.
  virtual std::vector<Bytes> sent(Machine from, Machine to, Bytes bytes) = 0;
};

class SimNet {
 public:
  SimNet(Schedule& schedule, Random random, FaultCounters& counters, Trace& trace);
  ~SimNet();

  // A machine that listens at `host`:`port` and has proved `key`. Twins share key and address: see `route`.
  Machine add(const std::string& host, std::uint16_t port, const Hash& key);
  std::uint32_t machines() const { return std::uint32_t(hosts_.size()); }

  // A new life of a machine: its transport. Links of an earlier one are gone on its side; the others learn it as `half_open` says.
  std::unique_ptr<Transport> boot(Machine machine, MachineDoor& door);
  void died(Machine machine, SimTime half_open);  // the transport must not be used any more

  PathRules& path(Machine from, Machine to);
  void opened();                      // paths were changed: what waited goes on
  void break_link(Machine a, Machine b);
  void break_all();
  void inject(Machine from, Machine to, Bytes bytes);  // as if `from` had sent it, past the tap
  bool linked(Machine a, Machine b) const;

  SendTap* tap = nullptr;
  SimTime break_after_blocked = 15 * kSecond;  // keepalives fail
  std::function<Machine(Machine dialler, Machine found)> route;  // among machines of one address

 private:
  enum class End : std::uint8_t { coming, up, down };
  struct Direction {
    SimTime line_free = 0, last_arrival = 0;
    std::uint64_t queued = 0;
    std::vector<Bytes> waiting;  // while the path is blocked
    Bytes unread;                // arrived, not yet handed over
    bool handing = false;
  };
  struct Connection {
    std::array<Machine, 2> ends{};
    std::array<End, 2> state{End::coming, End::coming};
    std::array<Direction, 2> way;  // way[i]: from ends[i]
    std::optional<SimTime> blocked_since;
    bool broken = false;         // nothing arrives any more; the ends are about to learn it
  };
  class Port;
  struct Host {
    std::string host;
    std::uint16_t port = 0;
    Hash key;
    MachineDoor* door = nullptr;  // null: down
    LinkEvents* events = nullptr;
    std::vector<PeerAddress> wanted;
    std::uint64_t life = 0;
    bool dialling = false;
  };

  // network_links.cpp
  void keep_linked(Machine machine, std::vector<PeerAddress> to);
  void dial_later(Machine machine, SimTime wait);
  void dial(Machine machine);
  bool has_link(Machine machine, const Hash& peer) const;
  void connect(Machine from, Machine to);
  void end_up(std::uint64_t number, int side);
  void end_down(std::uint64_t number, int side);
  void end_down_after(std::uint64_t number, int side, SimTime wait);
  void close(Machine machine, LinkId link);
  void drop(std::uint64_t number);
  SimTime one_way(Machine from, Machine to);
  // network.cpp
  void send(Machine machine, LinkId link, Bytes bytes);
  void travel(std::uint64_t number, int side, Bytes bytes);
  void put_on_line(std::uint64_t number, int side, Bytes bytes);
  void hand_over(std::uint64_t number, int side);
  void check_blocked(std::uint64_t number);
  static LinkId link_id(std::uint64_t number, int side) { return number * 2 + LinkId(side); }
  Connection* find(Machine machine, LinkId link);

  Schedule& schedule_;
  Random random_;
  FaultCounters& counters_;
  Trace& trace_;
  std::vector<Host> hosts_;
  std::map<std::pair<Machine, Machine>, PathRules> paths_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t next_connection_ = 1;
};

}  // namespace dos::fakes
