// Tables keyed by digests, for what is looked up and never walked in order. They need no secret: whoever wants n ids to meet in
// one of N places computes n x N digests, which costs more than the longer searches cost here.
#pragma once
#include <unordered_map>
#include <unordered_set>

#include "base/bytes.hpp"

namespace dos {

struct HashPlace {
  std::size_t operator()(const Hash& h) const {
    std::uint64_t first;
    std::memcpy(&first, h.bytes.data(), sizeof first);
    return std::size_t(first);
  }
};
template <class V>
using HashMap = std::unordered_map<Hash, V, HashPlace>;
using HashSet = std::unordered_set<Hash, HashPlace>;

}  // namespace dos
