// How many of something there may be in what somebody else sent.
#pragma once
#include "base/result.hpp"

namespace dos {

inline Status within(std::size_t n, std::size_t least, std::size_t most, const char* what) {  // limit: fewer or more
  if (n >= least && n <= most) return {};
  return fail(Errc::limit, std::to_string(n) + " " + what + ", allowed are " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace dos
