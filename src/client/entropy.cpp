#include "client/entropy.hpp"

#include <sys/random.h>

#include <cerrno>

#include "base/check.hpp"

namespace dos::client {

void SystemEntropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const auto n = ::getrandom(out.data(), out.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    DOS_CHECK(n > 0);  // a kernel without getrandom: no key may be made on it
    out = out.subspan(std::size_t(n));
  }
}

}  // namespace dos::client
