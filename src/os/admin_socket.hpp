// The admin socket: a unix socket (0600, in an owner-only folder). One line in, one JSON line out:
//   status    stop    log debug|info|warn|error    cut NAME...|heal|pause|resume|tamper (daemon/trials.hpp)
#pragma once
#include <functional>
#include <memory>

#include "base/result.hpp"

namespace dos::os {

class AdminSocket {
 public:
  using Handler = std::function<std::string(std::string_view line)>;  // gives a line without its end
  static Result<std::unique_ptr<AdminSocket>> start(const std::string& path, Handler handler);
  virtual ~AdminSocket() = default;
};

}  // namespace dos::os
