#include "net/questions.hpp"

#include <algorithm>

namespace dos::net {

bool Questions::may_begin(std::uint16_t peer, std::uint64_t now_ns) const {
  const auto& p = peers_[peer];
  return p.waiting.empty() && !turn_over() && p.budget.any(now_ns);
}

bool Questions::hold(std::uint16_t peer, const Frame& frame) {
  auto& p = peers_[peer];
  if (p.waiting.size() >= kMaxHeldQuestions || p.bytes + frame.body.size() > kMaxHeldQuestionBytes) return false;
  p.waiting.push_back({peer, frame.number, to_bytes(frame.body)});
  p.bytes += frame.body.size();
  held_bytes_ += frame.body.size();
  ++held_;
  return true;
}

std::optional<Questions::Held> Questions::next(std::uint64_t now_ns) {
  if (held_ == 0 || turn_over()) return std::nullopt;
  for (std::size_t i = 1; i <= peers_.size(); ++i) {
    const auto at = (last_ + i) % peers_.size();
    auto& p = peers_[at];
    if (p.waiting.empty() || !p.budget.any(now_ns)) continue;
    last_ = at;
    Held first = std::move(p.waiting.front());
    p.waiting.pop_front();
    p.bytes -= first.body.size();
    held_bytes_ -= first.body.size();
    --held_;
    return first;
  }
  return std::nullopt;
}

void Questions::charge(std::uint16_t peer, const Work& work, std::uint64_t now_ns) {
  peers_[peer].budget.take(now_ns, work);
  turn_.reads += work.reads;
  turn_.bytes += work.bytes;
  turn_.signatures += work.signatures;
}

void Questions::forget(std::uint16_t peer) {
  auto& p = peers_[peer];
  held_ -= p.waiting.size();
  held_bytes_ -= p.bytes;
  p.waiting.clear();
  p.bytes = 0;
}

std::optional<std::uint64_t> Questions::deadline_ns(std::uint64_t now_ns) const {
  std::optional<std::uint64_t> due;
  if (held_ == 0) return due;
  for (const auto& p : peers_)
    if (!p.waiting.empty()) {
      const auto at = p.budget.ready_ns(now_ns);
      due = due ? std::min(*due, at) : at;
    }
  return due;
}

}  // namespace dos::net
