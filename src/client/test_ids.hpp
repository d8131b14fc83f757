// Ids for tests: told apart by their first byte.
#pragma once
#include "modules/fs/formats.hpp"

namespace dos::client {

inline fs::Id id(std::uint8_t n) {
  fs::Id i{};
  i[0] = n;
  return i;
}

}  // namespace dos::client
