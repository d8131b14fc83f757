#include "api/budgets.hpp"

#include <algorithm>

#include "api/problem.hpp"

namespace dos::api {
namespace {

constexpr std::int64_t kNano = 1'000'000'000;

}  // namespace

Budgets::Bucket Budgets::whole(const WorkLimit& limit, std::uint64_t now_ns) {
  Bucket b;
  b.nano = std::int64_t(limit.burst) * kNano;
  b.from_ns = now_ns;
  return b;
}

void Budgets::Bucket::fill(const WorkLimit& limit, std::uint64_t now_ns) {
  if (now_ns <= from_ns) return;
  const auto passed = std::min(now_ns - from_ns, kForgetSourceNs);
  from_ns = now_ns;
  nano = std::min(nano + std::int64_t(passed * limit.per_second), std::int64_t(limit.burst) * kNano);
}

void Budgets::Bucket::owe(const WorkLimit& limit, std::uint64_t work) {
  const auto most = std::int64_t(limit.burst) * kNano;
  nano = std::max(nano - std::int64_t(std::min(work, limit.burst)) * kNano, -most);
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

// Who asks is counted once a second. Of what a source spent above its share, the rest stands against the next seconds' shares.
void Budgets::enter_second(Bucket& own, std::uint64_t now_ns) {
  const auto second = std::max(now_ns / kNano, second_);
  if (const auto passed = second - second_; passed != 0) {
    active_before_ = passed < 64 ? std::max(active_, active_before_ / 2) >> (passed - 1) : 0;
    active_ = 0;
    second_ = second;
  }
  if (own.second == second && own.counted) return;
  own.shared -= std::min(own.shared, own.counted ? share() * std::min<std::uint64_t>(second - own.second, 64) : own.shared);
  own.second = second;
  own.counted = true;
  ++active_;
}

std::uint64_t Budgets::share() const {
  return std::max<std::uint64_t>(1, kStrangersWork.per_second / std::max<std::uint64_t>({1, active_, active_before_}));
}

// How long until the strangers' budget has room for this source. Where that is short, who stays within its share goes before who does not,
// and one question that reaches over it goes while little is owed.
std::uint64_t Budgets::wait_together(const Bucket& own, std::uint64_t work, std::uint64_t now_ns) const {
  const auto wait = strangers_->wait_ms(kStrangersWork, work);
  if (wait == 0 || wait == kNeverMs) return wait;
  const auto fair = share();
  const auto owed = strangers_->nano < 0 ? std::uint64_t(-strangers_->nano) / kNano : 0;
  if (own.shared + work <= fair && owed < kFairDebt) return 0;
  if (own.shared < fair && owed < kStrangersWork.burst) return 0;
  if (owed >= kStrangersWork.burst) return wait;
  const auto next_ms = 1000 * std::max<std::uint64_t>(1, own.shared / fair) - now_ns % kNano / 1'000'000;
  return std::min(wait, next_ms);
}

std::optional<std::uint64_t> Budgets::take(const Source& source, std::uint64_t work, std::uint64_t now_ns) {
  const std::lock_guard hold(mutex_);
  const auto& limit = source.local() ? kLocalWork : kSourceWork;
  auto& own = of(source, now_ns);
  own.fill(limit, now_ns);
  auto wait = own.wait_ms(limit, work);
  if (!source.local()) {
    enter_second(own, now_ns);
    if (!strangers_) strangers_ = whole(kStrangersWork, now_ns);
    strangers_->fill(kStrangersWork, now_ns);
    wait = std::max(wait, wait_together(own, work, now_ns));
  }
  if (wait != 0) {
    refuse(own, limit, wait, now_ns);
    return wait;
  }
  figures_.spent += work;
  own.nano -= std::int64_t(work) * kNano;
  own.shared = std::min(own.shared + work, kStrangersWork.burst);
  if (!source.local()) strangers_->nano -= std::int64_t(work) * kNano;
  return std::nullopt;
}

// A refusal is work too: who does not wait as it was told owes for it.
void Budgets::refuse(Bucket& own, const WorkLimit& limit, std::uint64_t wait_ms, std::uint64_t now_ns) {
  ++figures_.refused;
  if (now_ns < own.told_ns) own.owe(limit, kRefusalWork);
  if (wait_ms != kNeverMs) own.told_ns = std::max(own.told_ns, now_ns + wait_ms * 1'000'000);
}

void Budgets::owe(const Source& source, std::uint64_t work, std::uint64_t now_ns) {
  const std::lock_guard hold(mutex_);
  const auto& limit = source.local() ? kLocalWork : kSourceWork;
  auto& own = of(source, now_ns);
  own.fill(limit, now_ns);
  own.owe(limit, work);
  own.shared = std::min(own.shared + std::min(work, limit.burst), kStrangersWork.burst);
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

Response told_to_wait(std::uint64_t wait_ms, std::string_view instance) {
  auto r = problem(refusal(wait_ms), instance);
  for (auto& h : r.headers)
    if (h.name == "Retry-After") h.value = std::to_string((wait_ms + 999) / 1000);
  return r;
}

}  // namespace dos::api
