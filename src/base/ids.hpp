// Distinct integer types: no bare integer crosses an interface. Shared by host and guests.
#pragma once
#include <compare>
#include <cstdint>

namespace dos {

template <class Tag>
struct Strong {
  std::uint64_t value = 0;
  constexpr Strong() = default;
  constexpr explicit Strong(std::uint64_t v) : value(v) {}
  friend constexpr auto operator<=>(Strong, Strong) = default;
  friend constexpr bool operator==(Strong, Strong) = default;
};

using Height = Strong<struct HeightTag>;      // block height; genesis is 0
using View = Strong<struct ViewTag>;          // consensus view inside an epoch; the first is 1
using Epoch = Strong<struct EpochTag>;
using Position = Strong<struct PositionTag>;  // index of a record in the object log
using TimeMs = Strong<struct TimeMsTag>;      // block time or a promise in block time, ms since 1970-01-01 UTC
using Gas = Strong<struct GasTag>;
using Credits = Strong<struct CreditsTag>;    // millionths of a credit

inline constexpr std::uint64_t kMicroPerCredit = 1'000'000;
inline constexpr TimeMs kPermanent{UINT64_MAX};  // paid_until of an object that never expires

// height << 24 | transaction index of the transaction that last wrote the object's content; an object's UTXO reference.
// What the block itself writes (fee settlement, sweeps) has index kBlockIndex.
struct Version {
  static constexpr std::uint32_t kBlockIndex = 0xFFFFFF;
  std::uint64_t value = 0;
  constexpr Version() = default;
  constexpr explicit Version(std::uint64_t v) : value(v) {}
  constexpr Version(Height h, std::uint32_t index) : value(h.value << 24 | (index & 0xFFFFFF)) {}
  constexpr Height height() const { return Height{value >> 24}; }
  constexpr std::uint32_t index() const { return std::uint32_t(value & 0xFFFFFF); }
  friend constexpr auto operator<=>(Version, Version) = default;
  friend constexpr bool operator==(Version, Version) = default;
};

}  // namespace dos
