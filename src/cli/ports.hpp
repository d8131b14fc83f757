// Ports of local networks: the first free run from 7400 on, in tens. A run is held for this process until its nodes listen, so that
// networks of one user that start at the same time do not choose the same one; against other programs only looking again helps.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "client/home/places.hpp"

namespace dos::cli {

inline constexpr std::uint16_t kFirstPort = 7400, kLastPort = 7990;

bool port_is_free(std::uint16_t port);
bool says_port_taken(std::string_view out);  // a dosd that ended, by what it printed

class PortRun {
 public:
  // `count` ports from `wanted` on, or the first free run; no_port.
  static Result<PortRun> take(const client::Places& places, std::uint16_t wanted, unsigned count);
  PortRun() = default;
  PortRun(PortRun&&) noexcept;
  PortRun& operator=(PortRun&&) noexcept;
  ~PortRun();
  std::uint16_t first() const { return first_; }

 private:
  void release();
  std::uint16_t first_ = 0;
  std::vector<int> held_;  // locked files, one a ten
};

}  // namespace dos::cli
