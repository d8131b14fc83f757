// What `dos net cut|heal|pause|resume|tamper` do to a node, through its admin socket: trials of a network's strength by those
// who own all of it. Made on networks of kind local only (Services); elsewhere these commands do not exist, and requests go to the
// node without passing here.
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "api/handler.hpp"
#include "node/node.hpp"

namespace dos::daemon {

class Trials {
 public:
  Trials(node::Node& node, const ledger::Genesis& genesis) : node_(node), validators_(genesis.validators.members) {}
  ~Trials() { end(); }
  void end() { pause(false); }  // before the node stops: its thread may stand still
  // The answer to a line of the admin socket; none: it is none of these.
  //   cut NAME...   no links to these validators       pause    nothing is done and nothing answered
  //   resume        goes on                            tamper   answers with content or proof have a byte changed
  //   heal          ends all of them
  std::optional<std::string> command(std::string_view line);
  static bool knows(std::string_view line);  // whether it is one of these
  bool tampering() const { return tamper_; }
  bool paused() const { return gate_->shut; }
  std::vector<std::string> cut() const;  // validators that this one is cut off from
  void serve(const api::Request& request, api::Reply reply);  // a request, as the trials leave it

 private:
  struct Gate {  // the node's thread waits in front of it, and may outlive this object there
    std::mutex mutex;
    std::condition_variable opened;
    std::atomic<bool> shut{false};
  };
  void pause(bool on);
  Status cut_from(const std::vector<std::string>& names);
  node::Node& node_;
  std::vector<ledger::Validator> validators_;
  std::atomic<bool> tamper_{false};
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  mutable std::mutex mutex_;
  std::vector<std::string> cut_;
};

}  // namespace dos::daemon
