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

PeerBudget::Verdict PeerBudget::judge(std::uint64_t now_ns, Rate rate, std::size_t bytes) {
  auto& frames = frames_[unsigned(rate)];
  auto& volume = bytes_[unsigned(rate)];
  if (frames.has(now_ns, 1) && volume.take(now_ns, bytes)) {
    frames.take(now_ns, 1);
    return Verdict::take;
  }
  return excess_.take(now_ns, 1) ? Verdict::drop : Verdict::close;
}

}  // namespace dos::net
