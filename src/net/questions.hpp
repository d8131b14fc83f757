// Peers' questions wait here when their answers would cost more than the asker may cause, or than fits into this turn. A turn
// is what happens between two looks at the other links: a flood of questions is answered in pieces, and votes pass between them.
#pragma once
#include <deque>
#include <vector>

#include "net/framing.hpp"
#include "net/work.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxHeldQuestions = 64;             // of one peer; more are dropped
inline constexpr std::uint64_t kMaxHeldQuestionBytes = 256 * 1024;  // of one peer

class Questions {
 public:
  struct Held {
    std::uint16_t from = 0, number = 0;
    Bytes body;
  };
  explicit Questions(std::size_t peers) : peers_(peers) {}
  void begin_turn() { turn_ = {}; }
  // Now; if not, hold it. In the order they came: never while earlier ones wait.
  bool may_begin(std::uint16_t peer, std::uint64_t now_ns) const;
  bool hold(std::uint16_t peer, const Frame& frame);               // false: too many wait, it is dropped
  std::optional<Held> next(std::uint64_t now_ns);                  // turn by turn over the peers; none: later
  void charge(std::uint16_t peer, const Work& work, std::uint64_t now_ns);
  bool affords(std::uint16_t peer, std::uint64_t now_ns) const { return peers_[peer].budget.any(now_ns); }
  void forget(std::uint16_t peer);                                 // its link is gone. Its budget stays
  std::optional<std::uint64_t> deadline_ns(std::uint64_t now_ns) const;
  std::size_t held() const { return held_; }
  std::uint64_t held_bytes() const { return held_bytes_; }

 private:
  struct Peer {
    WorkBudget budget;
    std::deque<Held> waiting;
    std::uint64_t bytes = 0;
  };
  bool turn_over() const {
    return turn_.reads >= kTurnWork.reads || turn_.bytes >= kTurnWork.bytes || turn_.signatures >= kTurnWork.signatures;
  }
  std::vector<Peer> peers_;  // by validator
  Work turn_;                // done in it
  std::size_t held_ = 0, last_ = 0;
  std::uint64_t held_bytes_ = 0;
};

}  // namespace dos::net
