// What a running daemon is made of, opened in the order of its members and closed in the other: its folder, its log, the node, the
// trials of a local network, the HTTP server, the admin socket.
#pragma once
#include "daemon/config.hpp"
#include "daemon/json_log.hpp"
#include "daemon/keys.hpp"
#include "daemon/stop_signal.hpp"
#include "daemon/trials.hpp"
#include "os/admin_socket.hpp"
#include "os/system.hpp"
#include "serve/http_server.hpp"

namespace dos::daemon {

class Services {
 public:
  // All of it stands and answers. Errors of the settings, of the host, of what the data folder holds.
  static Result<std::unique_ptr<Services>> open(const DaemonConfig& config);
  std::string ready_line() const;    // JSON: what `dosd run` prints once it stands
  Status close(StopReason why);      // answers those who wait, makes a checkpoint; once. The error that halted the node, if it is why

 private:
  explicit Services(const DaemonConfig& config) : config_(config) {}
  Status open_folder();  // genesis, keys, the data folder's lock
  Status open_log();
  Status open_parts();
  Status listen_address();  // for clients
  Result<links::PeerConfig> links() const;  // to the other validators: TLS with the node key, only to keys of the genesis
  void share_descriptors(links::PeerConfig& links);
  Status open_node(links::PeerConfig links);
  Status open_server();
  Status open_admin();
  std::string admin_answer(std::string_view line);
  std::string status_line() const;

  const DaemonConfig config_;
  Bytes genesis_bytes_;
  ledger::Genesis genesis_;
  std::optional<NodeKeys> keys_;  // until the node has them
  Hash chain_;
  std::string name_ = "?";  // this validator's
  std::optional<os::FolderLock> lock_;
  std::unique_ptr<LevelLog> log_;
  os::SystemClock clock_;
  os::SystemEntropy entropy_;
  std::optional<Error> halted_;  // written by the node before it asks to stop
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<Trials> trials_;  // on local networks only
  serve::HttpConfig http_;
  std::unique_ptr<serve::HttpServer> server_;
  std::string url_, admin_path_;
  std::unique_ptr<os::AdminSocket> admin_;
};

}  // namespace dos::daemon
