// Limits of a message's own fields, beyond the size of its frame. A peer that is over one breaks the protocol.
#pragma once
#include "net/messages.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxSoftwareText = 64;
inline constexpr std::uint32_t kMaxMissingPlaces = 15'000;  // of one GetTransactions

Status check_limits(const Hello& m);
Status check_limits(const Addresses& m);
Status check_limits(const GetTransactions& m);
Status check_limits(const BlockTransactions& m);
Status check_limits(const Gossip& m);
Status check_limits(const GetRange& m);
Status check_limits(const Range& m);
Status check_limits(const StoreAsk& m);
Status check_limits(const Chunk& m);
template <class T>
Status check_limits(const T&) {  // the frame's size says all
  return {};
}

}  // namespace dos::net
