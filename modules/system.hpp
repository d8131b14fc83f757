// The system modules: number, and name. The name is the folder of a module (its calls.hpp, body, tests and page NAME.md), the namespace of its
// tables, and what its .wasm file and its record in a genesis are called. A row here is all that a module needs beside its folder.
// Numbers are never reused.
#pragma once
#include <cstdint>

// clang-format off
#define DOS_SYSTEM_MODULES(X) \
  X(1, id)                    \
  X(2, credit)                \
  X(3, fs)                    \
  X(4, msg)
// clang-format on

namespace dos::modules {

struct SystemModule {
  std::uint16_t number;
  const char* name;
};
inline constexpr SystemModule kSystemModules[] = {
#define DOS_ROW(number, name) {number, #name},
    DOS_SYSTEM_MODULES(DOS_ROW)
#undef DOS_ROW
};

}  // namespace dos::modules
