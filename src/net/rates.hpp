// How much one peer may send, by class of message. What is over is dropped and counted, as if the network had lost it;
// a peer that keeps on sending too much loses its link.
#pragma once
#include "net/messages.hpp"

namespace dos::net {

struct RateLimit {
  std::uint64_t frames_per_second, frame_burst;
  std::uint64_t bytes_per_second, byte_burst;
};
inline constexpr std::uint64_t kMiB = 1ull << 20;
// Above what an honest node ever sends at the figures of the benchmarks, on a local network.
constexpr RateLimit rate_limit(Rate rate) {
  switch (rate) {
    case Rate::consensus: return {20'000, 40'000, 128 * kMiB, 256 * kMiB};
    case Rate::gossip: return {4'000, 8'000, 64 * kMiB, 128 * kMiB};
    case Rate::ask: return {4'000, 8'000, 16 * kMiB, 32 * kMiB};
    case Rate::block: return {2'000, 4'000, 128 * kMiB, 256 * kMiB};
    case Rate::bulk: return {8'000, 16'000, 1024 * kMiB, 1024 * kMiB};
    case Rate::rare: return {4, 64, kMiB, 4 * kMiB};
  }
  return {};
}
inline constexpr unsigned kRates = 6;
inline constexpr std::uint64_t kExcessBurst = 4'096;    // dropped frames before the link is closed
inline constexpr std::uint64_t kExcessPerSecond = 64;
inline constexpr std::uint64_t kWasteBytes = 4'096;     // of an answer that nobody asked for: as bad as a dropped frame
// Who breaks the protocol may send less: each time half as much, down to a sixteenth, and a step more for each half minute without.
inline constexpr std::uint32_t kMaxFaults = 4;
inline constexpr std::uint64_t kFaultForgivenNs = 30'000'000'000;

// Starts full; whole tokens, refilled by time that passed. Time that goes back refills nothing.
class TokenBucket {
 public:
  TokenBucket(std::uint64_t per_second, std::uint64_t burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}
  bool take(std::uint64_t now_ns, std::uint64_t tokens);  // all or none
  bool has(std::uint64_t now_ns, std::uint64_t tokens);

 private:
  void refill(std::uint64_t now_ns);
  std::uint64_t per_second_, burst_, tokens_, from_ns_ = 0;
};

class PeerBudget {
 public:
  enum class Verdict { take, drop, close };
  Verdict judge(std::uint64_t now_ns, Rate rate, std::size_t bytes);
  bool waste(std::uint64_t now_ns, std::size_t bytes);  // of no use to anybody; false: close its link
  void fault(std::uint64_t now_ns);             // it broke the protocol
  std::uint32_t faults(std::uint64_t now_ns);   // that are not forgiven
  PeerBudget();

 private:
  std::vector<TokenBucket> frames_, bytes_;  // by Rate
  TokenBucket excess_;
  std::uint32_t faults_ = 0;
  std::uint64_t fault_ns_ = 0;  // the last one was counted or forgiven then
};

}  // namespace dos::net
