#include "net/ask_table.hpp"

#include <algorithm>

namespace dos::net {

std::uint64_t AskTable::open(std::span<const std::uint16_t> of, std::uint64_t due_ns) {
  asks_[++last_] = {{of.begin(), of.end()}, due_ns};
  return last_;
}

bool AskTable::take(std::uint64_t ask, std::uint16_t from) {
  const auto at = asks_.find(ask);
  return at != asks_.end() && at->second.owing.erase(from) != 0;
}

bool AskTable::settled(std::uint64_t ask) const {
  const auto at = asks_.find(ask);
  return at == asks_.end() || at->second.owing.empty();
}

std::vector<std::uint64_t> AskTable::peer_down(std::uint16_t peer) {
  std::vector<std::uint64_t> done;
  for (auto& [ask, state] : asks_)
    if (state.owing.erase(peer) != 0 && state.owing.empty()) done.push_back(ask);
  return done;
}

void AskTable::sooner(std::uint64_t ask, std::uint64_t due_ns) {
  const auto at = asks_.find(ask);
  if (at != asks_.end()) at->second.due_ns = std::min(at->second.due_ns, due_ns);
}

std::vector<std::uint64_t> AskTable::due(std::uint64_t now_ns) const {
  std::vector<std::uint64_t> out;
  for (const auto& [ask, state] : asks_)
    if (state.due_ns <= now_ns) out.push_back(ask);
  return out;
}

std::optional<std::uint64_t> AskTable::deadline_ns() const {
  std::optional<std::uint64_t> due;
  for (const auto& [ask, state] : asks_) due = due ? std::min(*due, state.due_ns) : state.due_ns;
  return due;
}

}  // namespace dos::net
