// What `dos net cut|heal|pause|resume|tamper` do to a node, through its admin socket: trials of a network's strength by those
// who own all of it. On networks of kind local only; elsewhere these commands do not exist.
#pragma once
#include <atomic>
#include <mutex>
#include <optional>

#include "api/handler.hpp"
#include "node/node.hpp"

namespace dos::daemon {

class Trials {
 public:
  explicit Trials(node::Node& node) : node_(node) {}
  // The answer to a line of the admin socket; none: it is none of these.
  //   cut NAME...   no links to these validators       pause    nothing is done and nothing answered
  //   resume        goes on                            tamper   answers with content or proof have a byte changed
  //   heal          ends all of them
  std::optional<std::string> command(std::string_view line);
  bool tampering() const { return tamper_; }
  std::vector<std::string> cut() const;  // validators that this one is cut off from
  void serve(const api::Request& request, api::Reply reply);  // a request, as the trials leave it

 private:
  Status cut_from(const std::vector<std::string>& names);
  node::Node& node_;
  std::atomic<bool> tamper_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> cut_;
};

}  // namespace dos::daemon
