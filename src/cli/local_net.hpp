// Networks on this machine: made, started, stopped by `dos net`; one dosd a validator, real processes on loopback. A node is
// alive when the lock of its data folder is held, never because a pid exists. Nothing here starts a node by itself.
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "cli/net_turn.hpp"
#include "cli/node_holder.hpp"
#include "cli/ports.hpp"
#include "client/home/places.hpp"
#include "client/trust/network.hpp"

namespace dos::cli {

inline constexpr const char* kLocalAccounts[] = {"alice", "bob", "carol", "me"};
inline constexpr std::uint64_t kFirstCredits = 10'000;
inline constexpr std::chrono::milliseconds kTurnTime{120'000};  // for other commands on the network: twice what a start may take
inline constexpr int kStartTries = 20;  // each try that another program spoils moves to other ports
inline constexpr unsigned kDefaultValidators = 4, kMaxLocalValidators = 64;

struct Binaries {
  std::filesystem::path dosd, modules;
  std::string stamp;  // of dosd: another stamp, another build
};
Result<Binaries> find_binaries();  // beside this executable; host_io if they are not there

struct NetPlan {  // of a network that is not there yet
  std::uint16_t port = 0;  // the first of its ports; 0: the first free run
  crypto::Suite suite = crypto::Suite::pq;
  unsigned validators = kDefaultValidators;
};

class LocalNet {
 public:
  using Talk = std::function<void(const std::string&)>;
  LocalNet(const client::Places& places, std::string name, Talk talk) : places_(places), name_(std::move(name)), talk_(std::move(talk)) {}

  std::filesystem::path folder() const { return places_.net(name_); }
  std::filesystem::path node_folder(const std::string& node) const { return folder() / node; }
  bool there() const;
  Result<client::NetworkRecord> record() const;
  bool alive(const client::NodeRecord& node) const { return is_held(node_folder(node.name)); }

  // What starts, stops or removes nodes takes it first and keeps it as long as this object lives. A second call does nothing.
  Status take_turn();
  // Makes the network if it is not there; starts what is not alive, all at once; replaces what runs from another build, one after
  // the other. Returns once a final block verified on every node and is shown to be current.
  Status start(const NetPlan& plan);
  Status stop();
  // From now on a step may take what is left until then, instead of its own time.
  void give_up_at(std::chrono::steady_clock::time_point end) { end_ = end; }
  std::uint64_t height() const { return height_; }  // the lowest final block that the nodes showed when start() returned
  Status remove();                                  // stops, then deletes the folder; pins stay. net_absent
  Result<std::string> last_lines(const std::string& node, std::size_t lines) const;  // of its log and output

  // One node. False: it was so already. start_node returns once the node has caught up with the others and holds the content
  // of all live records.
  Result<bool> start_node(const std::string& node);
  Result<bool> kill_node(const std::string& node);  // SIGKILL

 private:
  struct Watched {  // a node that is waited for
    std::size_t index = 0;
    std::int64_t pid = 0;  // of the process just started; 0: it ran already
    std::uint64_t height = 0;
    bool ready = false, ended = false;
  };
  std::filesystem::path turn_file() const;
  // By their folders: who holds the lock of one is known without a record.
  std::vector<client::NodeRecord> nodes_that_lie_there() const;
  Status make(const NetPlan& plan);     // keys, genesis, record; pins the genesis
  Status keep_aside_if_other_format();  // to <name>.old-N, with one line
  // The pid; 0: the folder is held, so it runs already. The folder is held from before the process is there: whatever ends this
  // command meanwhile leaves a node that the next one finds.
  Result<std::int64_t> spawn(const Binaries& binaries, const client::NetworkRecord& record, const client::NodeRecord& node) const;
  Status spawn_ended(const Binaries& binaries, client::NetworkRecord& record, std::vector<Watched>& watched) const;
  // Ports of nodes that are down and whose ports others use now are chosen anew.
  Status settle_ports(client::NetworkRecord& record, const std::vector<std::size_t>& which, std::uint16_t port);
  Status bring_up(const Binaries& binaries, client::NetworkRecord& record, const std::vector<std::size_t>& which, std::uint16_t port,
                  std::chrono::milliseconds timeout);
  struct Others {  // that ran before, and are not waited for
    std::size_t running = 0;
    std::uint64_t height = 0;  // what they have
  };
  Result<Others> ask_others(const client::NetworkRecord& record, const std::vector<Watched>& watched,
                            std::chrono::steady_clock::time_point give_up) const;
  Status look_for_end(const client::NodeRecord& node, Watched& watched) const;  // node_died, in its words
  // Links to a quorum stand, and what each of them shows is what the others know.
  Status show_current(const client::NetworkRecord& record, std::vector<Watched>& watched,
                      std::chrono::steady_clock::time_point give_up) const;
  // Until all are ready. False: one has ended through no fault of its own (a node killed a moment ago still holds its folder, a port
  // was taken between choosing and listening), and is to be started again.
  Result<bool> wait_ready(const client::NetworkRecord& record, std::vector<Watched>& watched, std::chrono::milliseconds timeout);
  Status wait_content(const client::NodeRecord& node, std::chrono::steady_clock::time_point give_up) const;
  Status stop_nodes(const std::vector<client::NodeRecord>& nodes) const;
  bool gone(const client::NodeRecord& node, const NodeProcess& process, std::chrono::milliseconds time) const;
  const client::Places& places_;
  std::string name_;
  Talk talk_;
  std::optional<client::FileLock> turn_;
  std::optional<std::chrono::steady_clock::time_point> end_;
  std::chrono::milliseconds time_for(std::chrono::milliseconds step) const;  // above 0
  std::chrono::milliseconds at_most(std::chrono::milliseconds step) const { return std::min(step, time_for(step)); }
  std::uint64_t height_ = 0;
  std::vector<PortRun> held_;  // chosen for nodes that do not listen yet
};

Result<std::size_t> node_index(const client::NetworkRecord& record, const std::string& node);  // not_found

}  // namespace dos::cli
