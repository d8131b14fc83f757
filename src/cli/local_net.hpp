// Networks on this machine: made, started, stopped by `dos net`; one dosd a validator, real processes on loopback. A node is
// alive when the lock of its data folder is held, never because a pid exists.
#pragma once
#include <functional>

#include "client/network.hpp"
#include "client/places.hpp"

namespace dos::cli {

inline constexpr std::uint16_t kFirstPort = 7400, kLastPort = 7490;
inline constexpr const char* kLocalAccounts[] = {"alice", "bob", "carol", "me"};
inline constexpr std::uint64_t kFirstCredits = 10'000;

struct Binaries {
  std::filesystem::path dosd, modules;
  std::string stamp;  // of dosd: another stamp, another build
};
Result<Binaries> find_binaries();  // beside this executable; host_io if they are not there

class LocalNet {
 public:
  using Talk = std::function<void(const std::string&)>;
  LocalNet(const client::Places& places, std::string name, Talk talk) : places_(places), name_(std::move(name)), talk_(std::move(talk)) {}

  std::filesystem::path folder() const { return places_.net(name_); }
  std::filesystem::path node_folder(const std::string& node) const { return folder() / node; }
  bool there() const;
  Result<client::NetworkRecord> record() const;
  bool alive(const client::NodeRecord& node) const;

  Status make(std::uint16_t port, crypto::Suite suite);                     // keys, genesis, record; pins the genesis
  Status keep_aside_if_other_format();                 // to <name>.old-N, with one line
  // Starts what is not alive, restarts what runs from another build; returns once block 1 is final and verified on all.
  Status start(std::uint16_t port, crypto::Suite suite = crypto::Suite::pq);  // the suite is that of a new network
  Status stop();
  std::uint64_t height() const { return height_; }     // the final block that start() saw last
  Status remove();                                     // stops, then deletes the folder; pins stay
  Result<std::string> last_lines(const std::string& node, std::size_t lines) const;  // of its log and output

 private:
  Result<std::int64_t> spawn(const Binaries& binaries, const client::NodeRecord& node);
  // Until the node shows a final block that verifies. False: it ended meanwhile (a node killed a moment ago still holds
  // its folder), and nothing started here is to blame; start it. no_port: the port was taken before the node had it.
  Result<bool> wait_final(const client::NodeRecord& node, std::int64_t pid);
  Status bring_up(const Binaries& binaries, client::NetworkRecord& record, client::NodeRecord& node, std::uint16_t port);
  Status stop_node(const client::NodeRecord& node);
  const client::Places& places_;
  std::string name_;
  Talk talk_;
  std::uint64_t height_ = 0;
};

inline constexpr int kStartTries = 20;  // of one node; each try that another program spoils moves to other ports
bool port_is_free(std::uint16_t port);
bool says_port_taken(std::string_view out);  // a dosd that ended, by what it printed
Result<std::uint16_t> free_ports(std::uint16_t wanted);  // the first of a free run; no_port

}  // namespace dos::cli
