#pragma once
#include <cstdint>

#include "base/result.hpp"

namespace dos::vm {

// Consumes gas beside what instructions take. Errc::out_of_gas when it runs out.
struct GasMeter {
  std::uint64_t left = 0;
  Status use(std::uint64_t gas) {
    if (gas > left) {
      left = 0;
      return fail(Errc::out_of_gas);
    }
    left -= gas;
    return {};
  }
};

}  // namespace dos::vm
