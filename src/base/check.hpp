// DOS_CHECK: a broken invariant stops the process, in release builds too. Never for input that may be wrong.
#pragma once

namespace dos {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define DOS_CHECK(cond)                               \
  do {                                                \
    if (!(cond)) [[unlikely]]                         \
      ::dos::check_failed(#cond, __FILE__, __LINE__); \
  } while (false)
