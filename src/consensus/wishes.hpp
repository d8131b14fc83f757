// How often a wish for a block is heard. It costs everybody a block, so whoever wishes has one a second, and those saved up.
#pragma once
#include <cstdint>

namespace dos::consensus {

inline constexpr std::uint64_t kAnswerEveryNs = 50'000'000;  // answers to one peer: a burst of kAnswerBurst, then this pace
inline constexpr std::uint64_t kAnswerBurst = 20;
inline constexpr std::uint64_t kWantEveryNs = 1'000'000'000;  // one peer's wish for a block is heard so often,
inline constexpr std::uint64_t kWantBurst = 6;         // and once for each final block with transactions; so many of those are saved up
inline constexpr std::uint64_t kTellBurst = 4;         // on fewer counts who wishes: its peer may know of some blocks later

struct Wishes {  // of a peer that are still heard here, or of this node's that a peer still hears
  std::uint64_t left = 1, taken_ns = 0;
  bool take(std::uint64_t now_ns, std::uint64_t every_ns) {
    if (left == 0 && now_ns >= taken_ns + every_ns) left = 1;
    if (left == 0) return false;
    --left;
    taken_ns = now_ns;
    return true;
  }
};

}  // namespace dos::consensus
