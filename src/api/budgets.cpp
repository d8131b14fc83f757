#include "api/budgets.hpp"

#include <algorithm>

namespace dos::api {
namespace {

constexpr std::int64_t kNano = 1'000'000'000;

}  // namespace

Budgets::Bucket Budgets::whole(const WorkLimit& limit, std::uint64_t now_ns) { return {std::int64_t(limit.burst) * kNano, now_ns}; }

void Budgets::Bucket::fill(const WorkLimit& limit, std::uint64_t now_ns) {
  if (now_ns <= from_ns) return;
  const auto passed = std::min(now_ns - from_ns, kForgetSourceNs);
  from_ns = now_ns;
  nano = std::min(nano + std::int64_t(passed * limit.per_second), std::int64_t(limit.burst) * kNano);
}

std::uint64_t Budgets::Bucket::wait_ms(const WorkLimit& limit, std::uint64_t work) const {
  if (work > limit.burst) return kNeverMs;
  const auto lacks = std::int64_t(work) * kNano - nano;
  if (lacks <= 0) return 0;
  const auto per_ms = std::int64_t(limit.per_second) * 1'000'000;
  return std::uint64_t((lacks + per_ms - 1) / per_ms);
}

// Who is not remembered has a whole budget. Where too many are, the rest shares one until some can be forgotten.
Budgets::Bucket& Budgets::of(const Source& source, std::uint64_t now_ns) {
  if (source.local()) {
    if (!local_) local_ = whole(kLocalWork, now_ns);
    return *local_;
  }
  if (const auto at = sources_.find(source); at != sources_.end()) return at->second;
  if (sources_.size() >= kMaxSources && now_ns >= forgot_ns_ + 1'000'000'000) {
    forgot_ns_ = now_ns;
    std::erase_if(sources_, [&](const auto& s) { return s.second.from_ns + kForgetSourceNs <= now_ns; });
  }
  if (sources_.size() < kMaxSources) return sources_.emplace(source, whole(kSourceWork, now_ns)).first->second;
  if (!further_) further_ = whole(kSourceWork, now_ns);
  return *further_;
}

std::optional<std::uint64_t> Budgets::take(const Source& source, std::uint64_t work, std::uint64_t now_ns) {
  const std::lock_guard hold(mutex_);
  const auto& limit = source.local() ? kLocalWork : kSourceWork;
  auto& own = of(source, now_ns);
  own.fill(limit, now_ns);
  auto wait = own.wait_ms(limit, work);
  if (!source.local()) {
    if (!strangers_) strangers_ = whole(kStrangersWork, now_ns);
    strangers_->fill(kStrangersWork, now_ns);
    wait = std::max(wait, strangers_->wait_ms(kStrangersWork, work));
  }
  if (wait != 0) {
    ++figures_.refused;
    return wait;
  }
  figures_.spent += work;
  own.nano -= std::int64_t(work) * kNano;
  if (!source.local()) strangers_->nano -= std::int64_t(work) * kNano;
  return std::nullopt;
}

void Budgets::owe(const Source& source, std::uint64_t work, std::uint64_t now_ns) {
  const std::lock_guard hold(mutex_);
  const auto& limit = source.local() ? kLocalWork : kSourceWork;
  auto& own = of(source, now_ns);
  own.fill(limit, now_ns);
  const auto most = std::int64_t(limit.burst) * kNano;
  own.nano = std::max(own.nano - std::int64_t(std::min(work, limit.burst)) * kNano, -most);
  figures_.spent += work;
}

Budgets::Figures Budgets::figures() const {
  const std::lock_guard hold(mutex_);
  auto f = figures_;
  f.sources = sources_.size();
  return f;
}

Error refusal(std::uint64_t wait_ms) {
  if (wait_ms == Budgets::kNeverMs) return {Errc::limit, "the question costs this node more than anybody may ask at once: ask for less"};
  return {Errc::busy, "this node was asked for as much as it answers: ask again in " + std::to_string((wait_ms + 999) / 1000) + " s"};
}

}  // namespace dos::api
