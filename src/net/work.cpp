#include "net/work.hpp"

#include <algorithm>

#include "net/message_table.hpp"

namespace dos::net {
namespace {
constexpr std::uint64_t kSecondNs = 1'000'000'000;
}

bool is_question(std::uint16_t number) {
  switch (number) {
#define DOS_ROW(Type) case MessageOf<Type>::kNumber:
    DOS_NET_QUESTIONS(DOS_ROW)
#undef DOS_ROW
    return true;
    default: return false;
  }
}

Work cost_of(const Addresses& m) { return {0, 0, m.addresses.size()}; }
Work cost_of(const GetBlock&) { return {1, 0, 0}; }
Work cost_of(const GetTransactions&) { return {1, 0, 0}; }
Work cost_of(const TipAsk&) { return {0, 0, 1}; }
Work cost_of(const StoreAsk& m) { return {1 + m.blobs.size() / kBlobsARead, 0, 1}; }
Work cost_of(const BlobOffer& m) { return {1 + m.manifest.chunks.size() / kChunksARead, 0, 0}; }
Work cost_of(const GetManifest&) { return {1, 0, 0}; }
Work cost_of(const GetChunk&) { return {1, 0, 0}; }

void Allowance::refill(std::uint64_t now_ns) {
  if (from_ns_ == 0) from_ns_ = now_ns;
  if (now_ns <= from_ns_) return;
  const auto earned = __uint128_t(now_ns - from_ns_) * limit_.per_second / kSecondNs;
  const auto room = __uint128_t(std::int64_t(limit_.burst) - left_);
  if (earned >= room) {
    left_ = std::int64_t(limit_.burst);
    from_ns_ = now_ns;
    return;
  }
  left_ += std::int64_t(earned);
  from_ns_ += std::uint64_t(earned * kSecondNs / limit_.per_second);  // what is less than one is not lost
}

bool Allowance::any(std::uint64_t now_ns) const {
  Allowance then = *this;
  then.refill(now_ns);
  return then.left_ > 0;
}

void Allowance::take(std::uint64_t now_ns, std::uint64_t amount) {
  constexpr std::uint64_t kMost = 1ull << 40;  // no question costs that much; sums do not overflow
  refill(now_ns);
  left_ = std::max(left_ - std::int64_t(std::min(amount, kMost)), -std::int64_t(kMost));
}

std::uint64_t Allowance::ready_ns(std::uint64_t now_ns) const {
  Allowance then = *this;
  then.refill(now_ns);
  if (then.left_ > 0) return now_ns;
  const auto lacking = __uint128_t(1 - then.left_);
  return then.from_ns_ + std::uint64_t((lacking * kSecondNs + limit_.per_second - 1) / limit_.per_second);
}

void WorkBudget::take(std::uint64_t now_ns, const Work& work) {
  reads_.take(now_ns, work.reads);
  bytes_.take(now_ns, work.bytes);
  signatures_.take(now_ns, work.signatures);
}

std::uint64_t WorkBudget::ready_ns(std::uint64_t now_ns) const {
  return std::max({reads_.ready_ns(now_ns), bytes_.ready_ns(now_ns), signatures_.ready_ns(now_ns)});
}

}  // namespace dos::net
