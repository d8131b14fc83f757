// How long the searches run: DOS_MODEL_EFFORT multiplies the number of runs (1 in CI, about a minute in all; 1000 over night).
#pragma once
#include <cstdlib>

namespace dos::model {
inline long runs(long in_ci) {
  const char* effort = std::getenv("DOS_MODEL_EFFORT");
  const long times = effort != nullptr ? std::atol(effort) : 1;
  return in_ci * (times > 0 ? times : 1);
}
}  // namespace dos::model
