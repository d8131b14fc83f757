#include "net/rates.hpp"

#include <algorithm>

namespace dos::net {
namespace {
constexpr std::uint64_t kSecondNs = 1'000'000'000;
}

void TokenBucket::refill(std::uint64_t now_ns) {
  if (from_ns_ == 0) from_ns_ = now_ns;
  if (now_ns <= from_ns_) return;
  const std::uint64_t passed = now_ns - from_ns_;
  const auto earned = __uint128_t(passed) * per_second_ / kSecondNs;
  if (earned >= burst_ - tokens_) {
    tokens_ = burst_;
    from_ns_ = now_ns;
    return;
  }
  tokens_ += std::uint64_t(earned);
  from_ns_ += std::uint64_t(earned * kSecondNs / per_second_);  // what is less than a token is not lost
}

bool TokenBucket::has(std::uint64_t now_ns, std::uint64_t tokens) {
  refill(now_ns);
  return tokens_ >= tokens;
}

bool TokenBucket::take(std::uint64_t now_ns, std::uint64_t tokens) {
  if (!has(now_ns, tokens)) return false;
  tokens_ -= tokens;
  return true;
}

PeerBudget::PeerBudget() : excess_(kExcessPerSecond, kExcessBurst) {
  for (unsigned r = 0; r < kRates; ++r) {
    const auto limit = rate_limit(Rate(r));
    frames_.emplace_back(limit.frames_per_second, limit.frame_burst);
    bytes_.emplace_back(limit.bytes_per_second, limit.byte_burst);
  }
}

std::uint32_t PeerBudget::faults(std::uint64_t now_ns) {
  while (faults_ > 0 && now_ns >= fault_ns_ + kFaultForgivenNs) {
    --faults_;
    fault_ns_ += kFaultForgivenNs;
  }
  return faults_;
}

void PeerBudget::fault(std::uint64_t now_ns) {
  faults_ = std::min(faults(now_ns) + 1, kMaxFaults);
  fault_ns_ = now_ns;
}

PeerBudget::Verdict PeerBudget::judge(std::uint64_t now_ns, Rate rate, std::size_t bytes) {
  auto& frames = frames_[unsigned(rate)];
  auto& volume = bytes_[unsigned(rate)];
  // With faults a frame counts for several; the largest one can still pass a full bucket.
  const auto limit = rate_limit(rate);
  const auto step = faults(now_ns);
  const auto count = std::min<std::uint64_t>(1ull << step, limit.frame_burst);
  const auto size = step == 0 ? bytes : std::min<std::uint64_t>(std::uint64_t(bytes) << step, limit.byte_burst);
  if (frames.has(now_ns, count) && volume.take(now_ns, size)) {
    frames.take(now_ns, count);
    return Verdict::take;
  }
  return excess_.take(now_ns, 1) ? Verdict::drop : Verdict::close;
}

bool PeerBudget::waste(std::uint64_t now_ns, std::size_t bytes) { return excess_.take(now_ns, 1 + bytes / kWasteBytes); }

}  // namespace dos::net
