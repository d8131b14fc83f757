#include "consensus/pace.hpp"

#include <algorithm>

#include "ledger/block.hpp"

namespace dos::consensus {

Pace::Pace(std::vector<std::uint64_t> weights, std::size_t self, std::uint64_t delta_min_ns, std::uint64_t delta_max_ns)
    : self_(self), min_(std::max<std::uint64_t>(delta_min_ns, 1)), max_(std::max(delta_max_ns, min_)), delta_(min_) {
  for (const auto weight : weights) {
    leaders_.push_back({.weight = weight});
    total_ += weight;
  }
}

// The greatest value that leaders of more than a third of the weight reach: at least one of them is honest. What `without` showed
// once counts for nothing.
std::uint64_t Pace::reached(std::uint64_t Leader::* value, const std::vector<bool>& without) const {
  std::vector<const Leader*> by_value;
  for (std::size_t i = 0; i < leaders_.size(); ++i)
    if (!without[i]) by_value.push_back(&leaders_[i]);
  std::ranges::sort(by_value, std::ranges::greater{}, [value](const Leader* l) { return l->*value; });
  std::uint64_t weight = 0;
  for (const auto* l : by_value)
    if (ledger::weak(weight += l->weight, total_)) return l->*value;
  return 0;
}

// A view begins with the block before it executed here, and may wait until it is executed elsewhere.
std::uint64_t Pace::work() const { return std::max(work_, last_work_); }

void Pace::worked(std::size_t proposer, std::uint64_t took_ns) {
  last_work_ = std::min(took_ns, max_);
  auto& work = leaders_[proposer].work;
  work = std::max(last_work_, work - work / 8);
  work_ = reached(&Leader::work, std::vector<bool>(leaders_.size(), false));
}

void Pace::saw_n(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns) {
  leaders_[leader].seen = std::min(took_ns, max_);
  seen_ = reached(&Leader::seen, passed(now_ns));
}

// A machine or a network that stumbles makes anybody's views long now and then: slow is only who does so beyond what the others
// show at their worst. Who cost the others c owes so many times c that all liars together cost them less than one part in a hundred
// of the time. Debts add up, so that one stall does not outweigh for long who is slow whenever it is waited for.
void Pace::waited(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns) {
  auto& l = leaders_[leader];
  const auto took = std::min(took_ns, max_);
  if (leader != self_ && longest_ > 0 && took > std::max(kSlowTimes * longest_, min_ / kPromptPart) + 2 * work()) {
    owe(l, now_ns, kPassOverTimes * leaders_.size() * took);
  }
  l.longest = std::max(took, l.longest - l.longest / 8);
  longest_ = reached(&Leader::longest, passed(now_ns));
}

// A leader that was told answers at once: whatever it had to wait for, it may make an empty block. What is counted here is less than
// two delays, as a machine that stumbles takes now and then, so the first time costs it little, and who repeats it owes ever more.
// Beyond two delays its view is waited for.
void Pace::answered(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns) {
  auto& l = leaders_[leader];
  const auto took = std::min(took_ns, sync_ns());
  if (leader != self_ && longest_ > 0 && took > late_ns()) {
    const bool again = was_late(l, now_ns);
    l.late_times = again ? std::min(l.late_times * kLateGrows, kMostLateTimes) : kFirstLateTimes;
    owe(l, now_ns, l.late_times * leaders_.size() * took);
    l.late_until = l.until + kForgetLateNs;
  }
  l.answer = std::max(took, l.answer - l.answer / kAnswerPart);
  answer_ = reached(&Leader::answer, passed(now_ns));
}

// No honest leader makes such a block: whatever it cost is a debt, in whose view it is found out and whatever others show.
void Pace::misled(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns) {
  if (leader == self_) return;
  owe(leaders_[leader], now_ns, kPassOverTimes * leaders_.size() * std::max(std::min(took_ns, max_), min_ / kPromptPart));
}

std::uint64_t Pace::late_ns() const { return std::max(kSlowTimes * std::max(longest_, answer_), min_ / kPromptPart) + 2 * work(); }

bool Pace::was_late(const Leader& leader, std::uint64_t now_ns) const { return now_ns < leader.late_until; }

std::optional<std::uint64_t> Pace::late_again_ns(std::size_t leader, std::uint64_t now_ns) const {
  if (!was_late(leaders_[leader], now_ns)) return std::nullopt;
  return kLateAgainTimes * late_ns();
}

void Pace::owe(Leader& leader, std::uint64_t now_ns, std::uint64_t debt_ns) {
  leader.until = std::min(now_ns + kMaxPassOverNs, std::max(leader.until, now_ns) + debt_ns);
}

// One leader's views may fail for its own reasons. Where those of more than a third of the weight did since the last final
// block, the network is slower than thought. So it is where this node's own does, which knows that it led at once: if each sees its
// own views fail alone (a way there and back is longer than a view, the way there is not) nobody would see more than a third.
void Pace::too_slow(std::size_t leader) {
  leaders_[leader].failed = true;
  std::uint64_t weight = 0;
  for (const auto& l : leaders_) weight += l.failed ? l.weight : 0;
  const bool many = ledger::weak(weight, total_);
  if (!many && leader != self_) return;
  delta_ = std::min(max_, delta_ + delta_ / 2 + 1);
  if (many) forgive();
}

void Pace::forgive() {
  for (auto& l : leaders_) {
    l.until = 0;
    l.late_until = 0;
  }
}

void Pace::final() {
  for (auto& l : leaders_) l.failed = false;
  const auto most = delta_ + delta_ / 2 + 1;
  delta_ = std::min(max_, std::max({min_, delta_ - delta_ / 4, std::min(seen_, most)}));
}

std::uint64_t Pace::repair_ns() const { return seen_ == 0 ? delta_ : std::clamp(seen_, std::min(min_ / kRepairPart + 1, delta_), delta_); }

// What comes by itself within this needs no word.
std::uint64_t Pace::tell_ns() const { return std::min(kTellTimes * repair_ns(), sync_ns()); }

std::vector<bool> Pace::passed(std::uint64_t now_ns) const {
  std::vector<std::size_t> owing;
  for (std::size_t i = 0; i < leaders_.size(); ++i)
    if (now_ns < leaders_[i].until) owing.push_back(i);
  std::ranges::sort(owing, {}, [this](std::size_t i) { return std::pair(UINT64_MAX - leaders_[i].until, i); });  // who owes most
  std::vector<bool> passed(leaders_.size(), false);
  std::uint64_t weight = 0;
  for (const auto i : owing) {
    if (3 * static_cast<__uint128_t>(weight + leaders_[i].weight) >= total_) continue;  // the rest of the room is for who owes less
    weight += leaders_[i].weight;
    passed[i] = true;
  }
  return passed;
}

bool Pace::passed_over(std::size_t leader, std::uint64_t now_ns) const { return now_ns < leaders_[leader].until && passed(now_ns)[leader]; }

std::uint64_t Pace::final_ns() const { return std::min(sync_ns(), std::max(kFinalTimes * repair_ns(), min_ / kFinalPart) + 2 * work()); }

}  // namespace dos::consensus
