#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace dos {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "DOS stopped: invariant broken: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace dos
