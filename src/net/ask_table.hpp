// Asks under way and who still owes an answer. One answer a peer and ask; anything else is not taken.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace dos::net {

class AskTable {
 public:
  explicit AskTable(std::uint32_t most) : most_(most) {}
  bool full() const { return asks_.size() >= most_; }
  std::uint64_t open(std::span<const std::uint16_t> of, std::uint64_t due_ns);
  bool take(std::uint64_t ask, std::uint16_t from);         // false: it was not asked, or has answered
  bool settled(std::uint64_t ask) const;                    // nobody owes an answer (or no such ask)
  std::vector<std::uint64_t> peer_down(std::uint16_t peer); // those settled by it
  std::vector<std::uint64_t> due(std::uint64_t now_ns) const;
  void sooner(std::uint64_t ask, std::uint64_t due_ns);     // not later than that
  void close(std::uint64_t ask) { asks_.erase(ask); }
  std::optional<std::uint64_t> deadline_ns() const;
  std::size_t size() const { return asks_.size(); }

 private:
  struct Ask {
    std::set<std::uint16_t> owing;
    std::uint64_t due_ns = 0;
  };
  std::map<std::uint64_t, Ask> asks_;
  std::uint64_t last_ = 0;
  std::uint32_t most_;
};

}  // namespace dos::net
