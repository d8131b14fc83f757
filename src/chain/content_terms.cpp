#include "chain/content_terms.hpp"

#include <algorithm>

namespace dos::chain {

bool ContentTerms::over(TimeMs until, TimeMs block_time) {
  return until.value < block_time.value && block_time.value - until.value > kExpiredGraceMs;
}

void ContentTerms::name(const Hash& root, TimeMs until) {
  auto& terms = terms_[root];
  const bool later = terms.empty() || *terms.rbegin() < until.value;
  if (later && !terms.empty()) by_time_.erase({*terms.rbegin(), root});
  terms.insert(until.value);
  if (later) by_time_.emplace(until.value, root);
}

void ContentTerms::unname(const Hash& root, TimeMs until) {
  const auto at = terms_.find(root);
  if (at == terms_.end()) return;
  auto& terms = at->second;
  const auto one = terms.find(until.value);
  if (one == terms.end()) return;
  const auto was = *terms.rbegin();
  terms.erase(one);
  if (!terms.empty() && *terms.rbegin() == was) return;
  by_time_.erase({was, root});
  if (terms.empty()) terms_.erase(at);
  else by_time_.emplace(*terms.rbegin(), root);
}

std::pair<std::uint64_t, Hash> ContentTerms::first_due() const { return {now_.value - std::min(now_.value, kExpiredGraceMs), Hash{}}; }

bool ContentTerms::due(TimeMs block_time) const {
  const auto it = by_time_.lower_bound(first_due());
  return it != by_time_.end() && over(TimeMs{it->first}, block_time);
}

std::vector<Hash> ContentTerms::expire(TimeMs block_time) {
  std::vector<Hash> gone;
  for (auto it = by_time_.lower_bound(first_due()); it != by_time_.end() && over(TimeMs{it->first}, block_time); ++it)
    gone.push_back(it->second);
  now_ = block_time;
  return gone;
}

std::optional<TimeMs> ContentTerms::expired(const Hash& root) const {
  if (!named(root)) return std::nullopt;
  const auto until = last(root);
  return over(until, now_) ? std::optional(until) : std::nullopt;
}

}  // namespace dos::chain
